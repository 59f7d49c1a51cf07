from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "itsm.api"
    label = "api"
    beat = {
        "tidy up": {"task": "itsm.api.tasks.forget_old_answers", "schedule": 3600.0},
    }
