"""Time, and HTTP between the parts of a run. Nothing here depends on OpenStack or on maintenance."""
