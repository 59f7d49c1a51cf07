"""How news reach a person: what the rules say, unless they wish otherwise; their quiet hours. Written in `wishing`.

Over each channel the most particular word counts: the wish for that one rule, else the wish for its class, else (of
mail) what administrators say, else the product's rule. A duty is mailed at once whatever anybody says.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import connection

from itsm import rows
from itsm.notifications import quiet_hours
from itsm.notifications.models import Rhythm, Wish
from itsm.notifications.rules import CHANNELS, CLASSES, HOWS, How, Rule, all_rules, rule_of
from itsm.prepared import Prepared

Opens = Callable[[datetime], datetime | None]
By = Literal["duty", "exception", "class", "desk", "product"]
_CLASS: By = "class"
# A class has no event. Without an event ("") all of them.
_SAID = Prepared(
    "said_by",
    """
SELECT user_id, news, event, relation, channel, how FROM notifications_wish
WHERE user_id = ANY (%(people)s) AND (%(event)s = '' OR event IN ('', %(event)s))
UNION ALL
SELECT NULL, '', event, relation, 'mail', how FROM notifications_ruledefault
WHERE how IS NOT NULL AND (%(event)s = '' OR event = %(event)s)
""",
    people="bigint[]",
    event="text",
)
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Leaving:
    """How one piece of news leaves over a channel: `at` an instant (None: at once), or collected until then."""

    at: datetime | None = None
    is_collected: bool = False
    by_wish: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How one piece of news goes to one person, and as whom they are told. The bell rings whatever it says.

    `over`: by channel; over which nothing leaves is not in it. What no rule names is mailed at once.
    """

    event: str = ""
    relation: str = ""
    over: Mapping[str, Leaving] = field(default_factory=lambda: {"mail": Leaving()})


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it holds for one person over one channel, and by whose word. `wished`: their own for this rule alone.

    `otherwise`: what would hold without that; `usual`: what holds of who wishes nothing at all.
    """

    rule: Rule
    channel: str
    how: How
    by: By
    wished: How | None
    otherwise: How
    usual: How

    @property
    def by_wish(self) -> bool:
        return self.by in {"exception", "class"}


# What one person (None: administrators, of everybody) says of a line over a channel. A line is (class, "", "") or
# ("", event, relation).
Said = Mapping[tuple[int | None, str, str, str, str], str]


def standing(user: Any) -> list[Standing]:
    """Every rule over every channel, as it holds for this person. One query."""
    said = said_by([user.pk])
    return [stands(rule, channel, said, user.pk) for rule in all_rules() for channel in CHANNELS]


def class_wishes(user: Any) -> dict[tuple[str, str], How | None]:
    """What this person wishes of each class over each channel; None: as each rule says."""
    rows = Wish.objects.filter(user=user.pk).exclude(news="").values_list("news", "channel", "how")
    said = {(news, channel): _known(how) for news, channel, how in rows}
    return {(news, channel): said.get((news, channel)) for news in CLASSES for channel in CHANNELS}


def said_by(people: Iterable[int], event: str = "") -> Said:
    """What these people wish and, of nobody, what administrators say: of one event, or of all. One query."""
    with connection.cursor() as cursor:
        _SAID.run(cursor, {"people": list(people), "event": event})
        return {row[:5]: row[5] for row in cursor.fetchall()}


def stands(rule: Rule, channel: str, said: Said, person: int) -> Standing:
    """How this rule holds for this person over a channel."""
    wished = _known(said.get((person, "", rule.event, rule.relation, channel)))
    usual, by_nobody = _usual(rule, channel, said)
    if by_nobody == "duty":
        return Standing(rule, channel, "now", "duty", None, "now", "now")
    of_class = _known(said.get((person, rule.news, "", "", channel)))
    otherwise, by = (usual, by_nobody) if of_class is None else (of_class, _CLASS)
    if wished is None:
        return Standing(rule, channel, otherwise, by, None, otherwise, usual)
    return Standing(rule, channel, wished, "exception", wished, otherwise, usual)


def _usual(rule: Rule, channel: str, said: Said) -> tuple[How, By]:
    if rule.duty and channel == "mail":
        return "now", "duty"
    if (of_desk := _known(said.get((None, "", rule.event, rule.relation, channel)))) is not None:
        return of_desk, "desk"
    return rule.default_over(channel), "product"


def _known(how: str | None) -> How | None:
    return next((one for one in HOWS if one == how), None)


def rhythm_of(user: Any) -> Rhythm:
    """A person's quiet hours, and the version of their wishes; as they are by default where they said nothing."""
    return Rhythm.objects.filter(user=user.pk).first() or Rhythm(user=user)


def ways(
    event: str, people: Mapping[Any, Iterable[str]], *, at: datetime, urgent: bool = False, opens: Opens | None = None
) -> dict[int, Way]:  # fmt: skip
    """How an event goes to each of these people, who stand in one or several relations; who is not named is not told.

    The most eager of their relations counts, once, over each channel; as whom they are told goes by mail. `opens`: the
    earliest instant from then on at which anything may leave. Two queries at most however many people.
    """
    ids = [user.pk for user in people]
    words = said_by(ids, event)
    rhythms = {one.user_id: one for one in rows.every(Rhythm, (), "it.user_id = ANY (%s)", [ids])}
    found: dict[int, Way] = {}
    for user, relations in people.items():
        rules = [rule for relation in relations if (rule := rule_of(event, relation)) is not None]
        if not rules:
            continue
        eager = {channel: _most_eager(rules, channel, words, user.pk) for channel in CHANNELS}
        quiet = None if urgent else rhythms.get(user.pk)
        leaving = {channel: _leaving(one, user, quiet, at, opens) for channel, one in eager.items()}
        over = {channel: one for channel, one in leaving.items() if one is not None}
        told_as = eager["push"] if "push" in over and "mail" not in over else eager["mail"]
        found[user.pk] = Way(event, told_as.rule.relation, over)
    return found


def _most_eager(rules: Iterable[Rule], channel: str, said: Said, person: int) -> Standing:
    return min((stands(one, channel, said, person) for one in rules), key=lambda one: HOWS.index(one.how))


def _leaving(one: Standing, user: Any, quiet: Rhythm | None, at: datetime, opens: Opens | None) -> Leaving | None:
    if one.how == "off":
        return None
    quiet = None if one.by == "duty" else quiet  # a duty is mailed in quiet hours too; no device rings for it
    if one.how == "now":
        leaves = _leaves(at, user, quiet, opens)
        return Leaving(leaves if leaves > at else None, by_wish=one.by_wish)
    due = quiet_hours.next_collection(at, one.how, zone_of(user))
    return Leaving(_leaves(due, user, quiet, opens), is_collected=True, by_wish=one.by_wish)


def _leaves(at: datetime, user: Any, quiet: Rhythm | None, opens: Opens | None) -> datetime:
    """The first instant that is neither quiet nor closed; where there is none, hours that are open count for more."""
    for _ in range(_TRIES):
        later = after_quiet(at, user, quiet)
        later = (opens(later) or later) if opens is not None else later
        if later == at:
            break
        at = later
    return at


def quiet_end(at: datetime, user: Any, rhythm: Rhythm | None) -> datetime | None:
    """When the quiet hours end in which `at` lies for this person; None outside of them."""
    if rhythm is None or rhythm.quiet_from is None or rhythm.quiet_until is None:
        return None
    return quiet_hours.ends_at(at, rhythm.quiet_from, rhythm.quiet_until, zone_of(user))


def after_quiet(at: datetime, user: Any, rhythm: Rhythm | None) -> datetime:
    """`at`, or the end of the quiet hours in which it lies."""
    return quiet_end(at, user, rhythm) or at


def zone_of(user: Any) -> ZoneInfo:
    """The zone of a person; UTC where theirs is no longer known."""
    try:
        return ZoneInfo(user.time_zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
