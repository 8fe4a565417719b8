"""A run: start the cloud and the actors, carry out the sessions, stop everything in order, return the history."""
