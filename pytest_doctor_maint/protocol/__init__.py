"""The language of maintenance: steps, messages, replies, alarms, constraints, and the dialects of admin tools."""

from pytest_doctor_maint.protocol.alarm import AlarmBody, parse_alarm
from pytest_doctor_maint.protocol.dialect import FENIX, FENIX_REPLY, FENIX_SCALE_IN_REPLY, SAMPLE, SAMPLE_2020, Dialect
from pytest_doctor_maint.protocol.errors import InvalidBody, explain
from pytest_doctor_maint.protocol.message import (
    HostMessage,
    ProjectMessage,
    as_list,
    parse_host_message,
    parse_project_message,
)
from pytest_doctor_maint.protocol.reply import Reply, parse_reply
from pytest_doctor_maint.protocol.steps import (
    ANSWERED,
    HOST_EVENT,
    SCHEDULED_EVENT,
    SESSION_EVENT,
    Action,
    Step,
    ack,
    nack,
    step_of,
)
from pytest_doctor_maint.protocol.times import from_wire, to_wire

__all__ = [
    "ANSWERED",
    "FENIX",
    "FENIX_REPLY",
    "FENIX_SCALE_IN_REPLY",
    "HOST_EVENT",
    "SAMPLE",
    "SAMPLE_2020",
    "SCHEDULED_EVENT",
    "SESSION_EVENT",
    "Action",
    "AlarmBody",
    "Dialect",
    "HostMessage",
    "InvalidBody",
    "ProjectMessage",
    "Reply",
    "Step",
    "ack",
    "as_list",
    "explain",
    "from_wire",
    "nack",
    "parse_alarm",
    "parse_host_message",
    "parse_project_message",
    "parse_reply",
    "step_of",
    "to_wire",
]
