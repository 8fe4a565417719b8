"""The names of the events that the cloud records, as a :class:`pytest_doctor_maint.embedded.core.Recorder` gets them.

Each event has the new state of one resource.
"""

COMPUTE = "compute"
SERVER = "server"
GUEST = "guest"
SERVER_GROUP = "server_group"
FLOATING_IP = "floating_ip"
ALARM_CREATED = "alarm.created"
ALARM_DELETED = "alarm.deleted"
