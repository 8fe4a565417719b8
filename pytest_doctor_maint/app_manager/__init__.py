"""App managers: they answer an admin tool for a project."""

from pytest_doctor_maint.app_manager.application import Application
from pytest_doctor_maint.app_manager.policy import Policy
from pytest_doctor_maint.app_manager.sample import AppManager

__all__ = ["AppManager", "Application", "Policy"]
