"""What an actor sees of any cloud: connection, servers, alarms, waiters and notifiers."""
