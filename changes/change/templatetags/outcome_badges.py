"""Badges of what the gate said."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from changes.change.vocabulary import OUTCOMES
from itsm.ui import colours
from itsm.ui.templatetags.ui import tag

register = template.Library()


@register.simple_tag
def outcome_badge(outcome: Any) -> SafeString:
    return tag(*colours.word(OUTCOMES, outcome))


@register.simple_tag
def gate_badge(change: Any) -> SafeString:
    """By what a change goes: the gate's verdict, or an override; nothing before it was judged."""
    if change.overridden:
        return tag(_("Override"), "red")
    return outcome_badge(change.verdict) if change.verdict else SafeString("")
