"""What is right about times, rests of rules, and the commands of a war room. Plain values in, plain values out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext

from incidents.major.vocabulary import MAY_BE_AHEAD, RESTS

# Each of these pairs is in order wherever both are known.
ORDERED = (
    ("started_at", "detected_at"), ("detected_at", "acknowledged_at"), ("started_at", "acknowledged_at"),
    ("started_at", "mitigated_at"), ("mitigated_at", "resolved_at"), ("started_at", "resolved_at"),
)  # fmt: skip


def times_wrong(times: Mapping[str, datetime | None], now: datetime) -> str:
    """A sentence for the first instant that is out of order or ahead of the clock; "" where all are right."""
    words = {
        "started_at": gettext("The harm began"),
        "detected_at": gettext("It was seen"),
        "acknowledged_at": gettext("Work began"),
        "mitigated_at": gettext("The harm was over, or small"),
        "resolved_at": gettext("The cause was gone"),
    }
    for name, said in words.items():
        at = times.get(name)
        if at is not None and at > now + MAY_BE_AHEAD:
            return gettext("“%(what)s” lies in the future: %(at)s.") % {"what": said, "at": _shown(at)}
    for first, second in ORDERED:
        one, other = times.get(first), times.get(second)
        if one is not None and other is not None and one > other:
            return gettext("“%(second)s” (%(at)s) lies before “%(first)s” (%(before)s).") % {
                "second": words[second], "at": _shown(other), "first": words[first], "before": _shown(one),
            }  # fmt: skip
    return ""


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}"


def rests(turned_down: Mapping[str, list[object]], rule: str, count: int, at: datetime) -> bool:
    """Whether a rule says nothing now: its proposal was turned down lately, and what it counts has not doubled."""
    known = turned_down.get(rule)
    if not known:
        return False
    since, counted = datetime.fromisoformat(str(known[0])), int(str(known[1]))
    return at < since + RESTS and count < 2 * counted


def next_update(told_at: datetime, cadence: int) -> datetime:
    """When those who wait hear something again, `cadence` in minutes."""
    return told_at + timedelta(minutes=cadence)


class Command(NamedTuple):
    """What was typed in a war room: a verb of COMMANDS ("note" without a slash), and the rest."""

    verb: str
    text: str


COMMANDS = ("note", "update", "task", "pin", "stakeholder", "commander", "communications", "scribe", "bridge")


def command_in(text: str) -> Command | None:
    """`/task ada: roll back` as its parts; None for a slash with a word that is no command. `//` is a note with /."""
    said = text.strip()
    if not said.startswith("/") or said.startswith("//"):
        return Command("note", said[1:] if said.startswith("//") else said)
    verb, _, rest = said[1:].partition(" ")
    return Command(verb.lower(), rest.strip()) if verb.lower() in COMMANDS else None
