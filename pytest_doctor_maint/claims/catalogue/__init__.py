"""The claims, one module each. A module has the name of its claim."""
