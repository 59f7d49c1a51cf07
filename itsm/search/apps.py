from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "itsm.search"
    label = "search"

    def ready(self) -> None:
        from itsm.lifecycle import record_changed
        from itsm.search import index

        record_changed.connect(index.follow, dispatch_uid="search follows the news")
