from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "itsm.setup"
    label = "setup"
