"""Badges of what the gate said."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from changes.change.vocabulary import OUTCOMES
from itsm.ui import colours
from itsm.ui.templatetags.ui import tag

register = template.Library()


@register.simple_tag
def outcome_badge(outcome: Any) -> SafeString:
    return tag(*colours.word(OUTCOMES, outcome))
