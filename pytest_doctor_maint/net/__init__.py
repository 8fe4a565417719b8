"""HTTP between the parts: servers in this process, and the session that actors use."""

from pytest_doctor_maint.net.app import Answer, App, HttpError, Request, route
from pytest_doctor_maint.net.server import Server
from pytest_doctor_maint.net.session import Session

__all__ = ["Answer", "App", "HttpError", "Request", "Server", "Session", "route"]
