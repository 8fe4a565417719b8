"""Actors and clouds that run outside of this process: how they are reached, recorded and checked."""
