"""What every admin tool of the project is made of."""
