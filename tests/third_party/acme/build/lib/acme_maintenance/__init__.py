"""One of each kind of thing that a distribution can add to pytest-doctor-maint."""
