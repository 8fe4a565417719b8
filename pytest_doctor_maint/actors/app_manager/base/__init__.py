"""The parts of which the app managers are made."""
