"""Fenix: an admin tool with the HTTP API of OpenStack's unofficial project of that name."""

from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionContext, ActionPlugin, ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix, FenixSettings

__all__ = ["ActionContext", "ActionPlugin", "ActionType", "Fenix", "FenixSettings"]
