"""When something repeats, in words, with the rule itself behind "why?"."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from changes.calendar.rules.recurrence_words import in_words

register = template.Library()


@register.inclusion_tag("changes/calendar/partials/repeats.html")
def repeats(rrule: str, zone: str, first: datetime | None) -> dict[str, Any]:
    """The rule as people say it, by the clocks of its zone; where it has no short words, itself."""
    words = in_words(rrule, first.astimezone(ZoneInfo(zone or "UTC"))) if first is not None else None
    return {"words": words, "rrule": rrule, "zone": zone}
