from django.apps import AppConfig


class ClocksConfig(AppConfig):
    name = "itsm.clocks"
    label = "clocks"

    def ready(self) -> None:
        from itsm.clocks import heartbeat

        heartbeat.listen()
