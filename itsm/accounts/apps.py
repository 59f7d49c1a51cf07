from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "itsm.accounts"
    enum_names = {"Role": "itsm.accounts.models.Role"}
    label = "accounts"
    beat = {
        "forget sessions": {"task": "itsm.accounts.tasks.forget_ended_ways_in", "schedule": 3600.0},
    }

    def ready(self) -> None:
        from django.contrib.auth.signals import user_login_failed
        from django.db.models.signals import post_migrate

        from itsm import security_log
        from itsm.accounts import duties, links, news, team_references
        from itsm.accounts.operations.merged_rights import given_in_follow, held_by_members_follow
        from itsm.accounts.operations.queues import seed
        from itsm.accounts.queries import departures
        from itsm.notifications import outbox, rules
        from itsm.notifications.lanes import Lane

        user_login_failed.connect(security_log.refused_sign_in, dispatch_uid="accounts: refused sign-ins are logged")
        post_migrate.connect(seed, sender=self, dispatch_uid="accounts: triage queue")
        outbox.register(links.CHANNEL, links.send, lane=Lane.MAIL)
        rules.register(*news.RULES)
        duties.register("service accounts", departures.programs, held=departures.any_program)
        duties.register("teams without another lead", departures.leads, held=departures.any_lead)
        duties.register("reports", departures.reports, held=departures.any_report)
        team_references.register("accounts.grant.team", find=lambda team: (), follow=given_in_follow)
        team_references.register("accounts.grant.member_of", find=lambda team: (), follow=held_by_members_follow)
