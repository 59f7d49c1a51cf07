"""What an incident of alerts begins with, and who acts for alerts."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext

from incidents.alerts_in.models import AlertOccurrence
from itsm.kernel.actors import Actor

INTAKE = Actor.system("alerts")
MOST_TITLES = 20
RULE = 60  # characters of the name of an alert in the key of its incident


def priority_of(alerts: Sequence[AlertOccurrence]) -> int:
    """The highest of them."""
    return min(one.priority or 3 for one in alerts)


def source_key(alert: AlertOccurrence) -> str:
    """What the incident of this alert is known by; before the last colon the rule, by which recurrence is found."""
    rule = f"{alert.source.slug}/{alert.labels.get('alertname') or alert.title}"[:RULE]
    return f"alert:{rule}:{alert.pk}"


def titles_of(alerts: Sequence[AlertOccurrence]) -> list[str]:
    """What they are called, each with how often, at most 20."""
    counted = Counter(one.title for one in alerts).most_common(MOST_TITLES)
    return [title if count == 1 else f"{title} ({count})" for title, count in counted]


def described(alerts: Sequence[AlertOccurrence]) -> str:
    """What an incident of them begins with: what each says, and its labels, as far as they are read at a glance."""
    parts = []
    for one in alerts[:5]:
        words = [one.annotations.get(name, "") for name in ("summary", "description", "message")]
        labels = ", ".join(f"{name}={value}" for name, value in sorted(one.labels.items())[:20])
        parts.append("\n".join(filter(None, [one.title, *dict.fromkeys(words), labels, *one.links[:2]])))
    if len(alerts) > len(parts):
        parts.append(gettext("and %(count)d more") % {"count": len(alerts) - len(parts)})
    return "\n\n".join(parts)[:20_000]
