from celery.schedules import crontab
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
        "do what nobody waits for": {
            "task": "itsm.clocks.tasks.keep_bulk",
            "schedule": 10.0,
            "options": {"expires": 10, "priority": 6},
        },
        "count by new zone data": {
            "task": "itsm.clocks.tasks.rederive_clocks",
            "schedule": crontab(hour=3, minute=17),
        },
    }

    def ready(self) -> None:
        from itsm.clocks import heartbeat, late, recounting, thresholds

        heartbeat.listen()
        late.watch_lanes()
        thresholds.listen()
        recounting.listen()
