"""What every app manager of the project is made of."""
