"""History of second factors in words."""

from django.utils.translation import gettext_lazy as _

from itsm.second_factors.models import BreakGlass, BreakGlassUse, FactorReset, FactorRule
from itsm.ui import event_texts

_OF_PERSON = {
    "user.factor_added": _("added a second factor"),
    "user.factor_removed": _("took a second factor away"),
    "user.recovery_codes_made": _("made new recovery codes"),
    "user.recovery_code_used": _("signed in with a recovery code"),
    "user.key_copied": _("showed a key that counted backwards, as a copy would"),
    "user.factor_reset_asked": _("asked to take all second factors away"),
    "user.factors_reset": _("took all second factors away"),
}


def tell() -> None:
    """Say each event's sentence. Called once, at start."""
    for event, words in _OF_PERSON.items():
        event_texts.register_event_text(event, words)
    event_texts.tells(FactorRule.kind, events={"edited": _("changed whether it is asked for")})
    event_texts.tells(
        FactorReset.kind,
        events={"created": _("asked for it"), "stopped": _("stopped it"), "done": _("took the factors away")},
    )
    event_texts.tells(
        BreakGlass.kind,
        events={
            "created": _("sealed it"),
            "rotated": _("renewed its password"),
            "drill_begun": _("began a drill"),
            "ended": _("closed it"),
        },
    )
    event_texts.tells(
        BreakGlassUse.kind, events={"created": _("signed in by break-glass"), "acknowledged": _("said what it was for")}
    )
