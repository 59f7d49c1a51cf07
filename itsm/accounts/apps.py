from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "itsm.accounts"
    label = "accounts"
    beat = {
        "forget sessions": {"task": "itsm.accounts.tasks.forget_ended_ways_in", "schedule": 3600.0},
    }

    def ready(self) -> None:
        from itsm.accounts import duties, links
        from itsm.accounts.queries import departures
        from itsm.notifications import outbox

        outbox.register(links.CHANNEL, links.send)
        duties.register("service accounts", departures.programs)
        duties.register("teams without another lead", departures.leads)
        duties.register("reports", departures.reports)
