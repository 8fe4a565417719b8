"""What the actors see of OpenStack."""
