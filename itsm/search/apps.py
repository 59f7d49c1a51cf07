from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "itsm.search"
    label = "search"

    def ready(self) -> None:
        from itsm.lifecycle import moved
        from itsm.search import index

        moved.connect(index.follow, dispatch_uid="search follows the news")
