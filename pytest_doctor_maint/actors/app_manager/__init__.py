"""App managers: they reply to an admin tool for a project."""

from pytest_doctor_maint.actors.app_manager.base.application import Application
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.sample import AppManager

__all__ = ["AppManager", "Application", "Policy"]
