from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "changes"

    def ready(self) -> None:
        from catalog.models import Service
        from changes.calendar.models import CalendarWindow
        from changes.change import receivers
        from changes.change.models import Change
        from changes.change.operations import authorising, deploying, holding, judging, lasting
        from changes.change.queries.stakes import stakes
        from changes.change.queries.suspects import deployed
        from itsm.accounts import interest
        from itsm.clocks import due
        from itsm.lifecycle import moved
        from itsm.search import index
        from slo.models import Budget
        from slo.objectives.queries import suspects

        moved.connect(receivers.service_created, sender=Service, dispatch_uid="changes: service created")
        moved.connect(receivers.budget_restated, sender=Budget, dispatch_uid="changes: budget restated")
        moved.connect(receivers.calendar_moved, sender=CalendarWindow, dispatch_uid="changes: calendar moved")
        due.handles(authorising.EXPIRES, authorising.expire)
        due.handles(lasting.HELD, holding.look_again)
        due.handles(lasting.ENDS_SOON, authorising.ends_soon)
        due.handles(authorising.PEOPLE_IN_TIME, authorising.people_in_time)
        due.handles(authorising.JUDGE_AGAIN, judging.judge_again)
        due.handles(authorising.WATCH_OVER, deploying.watch_over)
        suspects.come_from(deployed)
        interest.register(stakes)
        index.offers(
            Change,
            lambda change: index.Entry(
                change.summary,
                change.get_absolute_url(),
                f"{change.plan}\n{change.artifact_version} {change.commit}",
                owner_id=change.requested_by_id,
            ),
        )
