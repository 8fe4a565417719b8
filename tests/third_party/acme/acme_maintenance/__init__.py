"""One extension of each kind that a distribution can add to pytest-doctor-maint."""
