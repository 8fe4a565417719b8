"""The subcommands of ``doctor-maint``, one module each."""
