"""The scenarios of maintenance (installed as pytest_doctor_maint.scenarios)."""
