"""Puts a run together: the cloud, the actors, one or more sessions; ends it in order and gives the history."""
