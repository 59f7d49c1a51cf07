"""Counted time as people read it."""

from django import template

from itsm.clocks.durations import written

register = template.Library()


@register.filter
def duration(seconds: int | None) -> str:
    """Seconds as `4 h 25 min`; of less than a minute the seconds."""
    if seconds is None:
        return "\N{EN DASH}"
    return f"{seconds} s" if 0 < seconds < 60 else written(seconds // 60)
