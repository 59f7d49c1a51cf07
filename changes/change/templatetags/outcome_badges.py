"""Badges of what the gate said."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.change.vocabulary import OUTCOMES
from itsm.ui import colours
from itsm.ui.templatetags.ui import tag

register = template.Library()
# By the name of what decides how the votes about an ask stand; the others need no word.
_STANDS: dict[str, tuple[Any, str]] = {
    "dissent": (gettext_lazy("somebody is against it"), "red"),
    "discuss": (gettext_lazy("to be discussed"), "amber"),
    "too_few": (gettext_lazy("too few may vote"), "red"),
}


@register.simple_tag
def outcome_badge(outcome: Any) -> SafeString:
    return tag(*colours.word(OUTCOMES, outcome))


@register.simple_tag
def gate_badge(change: Any) -> SafeString:
    """By what a change goes: the gate's verdict as it stands, or an override; nothing where no answer holds."""
    if change.overridden_now:
        return tag(_("Override"), "red")
    stands = change.verdict_now
    return outcome_badge(stands) if stands else SafeString("")


@register.simple_tag
def stands_badge(why: Any) -> SafeString:
    """What holds up a vote; nothing where it goes its way."""
    said = _STANDS.get(why.value)
    return tag(*said) if said else SafeString("")
