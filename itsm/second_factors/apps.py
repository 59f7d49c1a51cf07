from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecondFactorsConfig(AppConfig):
    name = "itsm.second_factors"
    label = "second_factors"
    settings_pages = (
        ("people", _("Second factors"), _("Which roles need one; resets; break-glass."), "factor_rules:rules"),
        ("people", _("Sessions"), _("Who is signed in by which door."), "accounts:doors"),
    )
    beat = {
        "look after second factors": {
            "task": "itsm.second_factors.tasks.look_after",
            "schedule": 600.0,
            "options": {"expires": 500, "priority": 6},
        },
        "tell of break-glass that nobody tries": {
            "task": "itsm.second_factors.tasks.report_untested",
            "schedule": 30 * 86400.0,
            "options": {"expires": 86400, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import erasing, person_references, signing_in, step_up
        from itsm.accounts.operations.checks import sealed_by
        from itsm.administration.operations import set_aside
        from itsm.approvals import confirming
        from itsm.clocks import due
        from itsm.notifications import rules as news_rules
        from itsm.paging.queries import subjects
        from itsm.second_factors import departing, guard, showing
        from itsm.second_factors.event_texts import tell
        from itsm.second_factors.models import BreakGlassUse
        from itsm.second_factors.news import RULES
        from itsm.second_factors.operations import break_glass, resetting, rules
        from itsm.second_factors.queries import has_any, is_acknowledged, is_break_glass, sealed_accounts
        from itsm.ui import context

        signing_in.register_second_step(guard.second_step)
        signing_in.register_renaming(guard.renamed)
        signing_in.register_follower(break_glass.alarm)
        step_up.register_way(
            step_up.Way(has_any, (showing.CODE, showing.KEY), showing.step_up_fields, showing.step_up_knows)
        )
        set_aside(sealed_accounts)
        sealed_by(is_break_glass)
        erasing.register("second_factors_codeapp", count=departing.count, forget=departing.forget)
        person_references.register(
            "second factors", _("second factors, which end"), count=departing.count, follow=departing.follow
        )
        confirming.confirms(rules.WEAKEN, rules.set_as_confirmed, weighs=_("ask for less at the sign-in"))
        confirming.confirms(resetting.RESET, resetting.reset_as_confirmed, weighs=_("reset somebody's second factors"))
        due.register(resetting.DUE, resetting.when_due)
        subjects.register(BreakGlassUse.kind, subjects.SubjectKind(is_over=is_acknowledged))
        news_rules.register(*RULES)
        tell()
        context.shows_banner(break_glass.banner)
