"""HTTP between the parts: servers in this process, and the session that actors use."""

from pytest_doctor_maint.simtime.http.app import Answer, App, HttpError, Request, route
from pytest_doctor_maint.simtime.http.server import HttpServer
from pytest_doctor_maint.simtime.http.session import HttpSession

__all__ = ["Answer", "App", "HttpError", "HttpServer", "HttpSession", "Request", "route"]
