"""HTTP between the parts of a run: applications, servers in this process, and the session of their clients."""

from pytest_doctor_maint.simtime.http.app import Answer, App, Request
from pytest_doctor_maint.simtime.http.errors import ErrorAnswer, HttpError, with_its_status
from pytest_doctor_maint.simtime.http.lifecycle import Servable, Served
from pytest_doctor_maint.simtime.http.routing import route
from pytest_doctor_maint.simtime.http.server import HttpServer
from pytest_doctor_maint.simtime.http.session import HttpSession

__all__ = [
    "Answer",
    "App",
    "ErrorAnswer",
    "HttpError",
    "HttpServer",
    "HttpSession",
    "Request",
    "Servable",
    "Served",
    "route",
    "with_its_status",
]
