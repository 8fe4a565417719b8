"""What ``doctor-maint`` can be told to do; a module for each subcommand."""
