from django.apps import AppConfig

# Sweeps stand before all else in the queue.
_SWEEP = {"expires": 5, "priority": 0}


class ClocksConfig(AppConfig):
    name = "itsm.clocks"
    label = "clocks"
    beat = {
        "do what is due": {
            "task": "itsm.clocks.tasks.sweep",
            "schedule": 5.0,
            "options": _SWEEP,
        },
    }

    def ready(self) -> None:
        from itsm.clocks import heartbeat, recounting, thresholds

        heartbeat.listen()
        thresholds.listen()
        recounting.listen()
