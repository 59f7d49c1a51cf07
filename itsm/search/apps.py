from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "itsm.search"
    label = "search"
