from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "itsm.clocks"
    label = "clocks"
