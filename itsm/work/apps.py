from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "itsm.work"
    label = "work"
