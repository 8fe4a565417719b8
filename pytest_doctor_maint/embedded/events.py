"""The names of the events that the cloud records, as a :class:`pytest_doctor_maint.embedded.core.Recorder` gets them.

Each has the state of a thing as it is from now on; the data are in the dictionaries where they are recorded.
"""

COMPUTE = "compute"
SERVER = "server"
GUEST = "guest"
SERVER_GROUP = "server_group"
FLOATING_IP = "floating_ip"
ALARM_CREATED = "alarm.created"
ALARM_DELETED = "alarm.deleted"
