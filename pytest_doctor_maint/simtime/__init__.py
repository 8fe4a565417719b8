"""Time and HTTP between the parts of a run. Nothing here knows of OpenStack or of maintenance."""
