"""The maintenance test cases, one claim each (installed as pytest_doctor_maint.scenarios)."""
