from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvariantsConfig(AppConfig):
    name = "itsm.invariants"
    label = "invariants"
    settings_pages = (
        ("custody", _("What must always hold"), _("Asked every minute, and what does not."), "invariants:list"),
    )
    enum_names = {"InvariantStanding": "itsm.invariants.vocabulary.Standing"}

    def ready(self) -> None:
        from itsm.approvals import confirming
        from itsm.clocks import due, late
        from itsm.invariants import operations, telling
        from itsm.invariants.models import Violation
        from itsm.invariants.platform import register_all
        from itsm.notifications import rules
        from itsm.notifications.lanes import Lane
        from itsm.ui import event_texts

        register_all()
        due.register(operations.TELL, telling.tell, lane=Lane.PAGING)
        late.register("violations_untold", telling.untold, telling.tell_the_rest)
        late.register("auditor", telling.silent, telling.tell_of_silence)
        confirming.confirms(operations.CLEAR, operations.clear_as_confirmed, weighs=_("let a violation stand"))
        rules.register(*telling.RULES)
        history = {
            "created": _("found it"),
            "told": _("opened an incident of it"),
            "holds_again": _("found that it holds again"),
            "cleared": _("cleared it"),
        }
        event_texts.tells(Violation.kind, events=history)
