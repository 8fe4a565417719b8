"""The view of an actor on any cloud: connection, servers, alarms, waiters and notifiers."""
