"""A budget's state, flags and bar."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from itsm.ui import colours, figures
from itsm.ui.templatetags.ui import tag
from slo.engine.levels import LIMITS
from slo.measuring.vocabulary import BUDGET_STATES, FLAGS

register = template.Library()

# Where the level changes, as marks on the bar; at nothing left there is none.
_MARKS = tuple(sorted(limit for limit in LIMITS.values() if limit))


@register.simple_tag
def state_badge(state: Any) -> SafeString:
    """The state of a budget; a list marked data-sorted puts the worst first by it."""
    word, tone = colours.word(BUDGET_STATES, state)
    place = colours.place(BUDGET_STATES, state)
    return format_html('<span class="tag tag-{}" data-order="{}">{}</span>', tone, place, word)


@register.simple_tag
def flag_badge(flag: Any) -> SafeString:
    return tag(*colours.word(FLAGS, flag))


@register.inclusion_tag("components/budget_bar.html")
def budget_bar(
    remaining: Decimal,
    reserved: Decimal = Decimal(0),
    limits: Sequence[Decimal] = _MARKS,
    size: str = "",
    in_column: bool = False,
) -> dict[str, Any]:
    """What is left, with marks at the limits, and what changes in flight hold of it.

    `in_column`: a heading above says already what the number is of.
    """
    return {"bar": figures.bar(remaining, reserved, limits), "size": size, "in_column": in_column}
