"""How news reach a person: what the rules say, unless they wish otherwise; their quiet hours and their digest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import BigIntegerField, Q, QuerySet, Value
from django.utils.translation import gettext

from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications import quiet_hours
from itsm.notifications.models import Rhythm, RuleDefault, Wish
from itsm.notifications.rules import HOWS, How, Rule, all_rules, rule_of

Opens = Callable[[datetime], datetime | None]
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Way:
    """How one piece of news goes to one person, and as whom they are told. No instant: the mail leaves at once.

    `digest_at`: no mail of its own, it leaves with what is collected until then.
    """

    event: str = ""
    relation: str = ""
    by_wish: bool = False
    mail_at: datetime | None = None
    digest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it holds for one person; its default as administrators have it."""

    rule: Rule
    how: How
    is_wish: bool


def standing(user: Any) -> list[Standing]:
    """Every rule as it holds for this person. One query."""
    said = _said([user.pk])
    return [_stands(rule, said, user.pk) for rule in all_rules()]


_Said = Mapping[tuple[int | None, str, str], str]


def _said(people: Iterable[int], event: str = "") -> _Said:
    """What these people wish and, of nobody, what administrators say: of one event, or of all. One query."""
    of_event = Q(event=event) if event else Q()
    wished = Wish.objects.filter(of_event, user__in=list(people)).values_list("user_id", "event", "relation", "how")
    nobody = Value(None, output_field=BigIntegerField())
    ruled: QuerySet[Any, Any] = RuleDefault.objects.filter(of_event, how__isnull=False).order_by()
    rows = wished.union(ruled.values_list(nobody, "event", "relation", "how"), all=True)
    return {(who, event, relation): how for who, event, relation, how in rows}


def _in_force(rule: Rule, said: _Said) -> Rule:
    """A rule with the default that administrators gave it; of a duty they cannot."""
    how = _known(said.get((None, rule.event, rule.relation)))
    return rule if how is None or rule.duty else replace(rule, default=how)


def _stands(rule: Rule, said: _Said, person: int) -> Standing:
    wished, rule = _known(said.get((person, rule.event, rule.relation))), _in_force(rule, said)
    if rule.duty or wished is None:
        return Standing(rule, rule.default, is_wish=False)
    return Standing(rule, wished, is_wish=True)


def _known(how: str | None) -> How | None:
    return next((one for one in HOWS if one == how), None)


def rhythm_of(user: Any) -> Rhythm:
    """A person's quiet hours and digest; as they are by default where they said nothing."""
    return Rhythm.objects.filter(user=user.pk).first() or Rhythm(user=user)


def ways(
    event: str, people: Mapping[Any, Iterable[str]], *, at: datetime, urgent: bool = False, opens: Opens | None = None
) -> dict[int, Way]:  # fmt: skip
    """How an event goes to each of these people, who stand in one or several relations; who is not named is not told.

    The most eager of their relations counts, once. `opens`: the earliest instant from then on at which a mail may
    leave. Two queries at most however many people.
    """
    ids = [user.pk for user in people]
    words = _said(ids, event)
    rhythms = {one.user_id: one for one in Rhythm.objects.filter(user__in=ids)}
    found: dict[int, Way] = {}
    for user, relations in people.items():
        rules = [rule for relation in relations if (rule := rule_of(event, relation)) is not None]
        said = [_stands(rule, words, user.pk) for rule in rules]
        eager = min(said, key=lambda one: HOWS.index(one.how), default=None)
        if eager is not None and eager.how != "off":
            rhythm = rhythms.get(user.pk) or Rhythm(user=user)
            quiet = None if urgent or eager.rule.duty else rhythm
            found[user.pk] = _way(eager, user, rhythm, at, partial(_leaves, user=user, quiet=quiet, opens=opens))
    return found


def _way(stands: Standing, user: Any, rhythm: Rhythm, at: datetime, leaves: Callable[[datetime], datetime]) -> Way:
    event, relation = stands.rule.event, stands.rule.relation
    if stands.how == "digest":
        due = quiet_hours.next_collection(at, rhythm.digest, zone_of(user))
        return Way(event, relation, stands.is_wish, digest_at=leaves(due))
    mail_at = leaves(at)
    return Way(event, relation, stands.is_wish, mail_at=mail_at if mail_at > at else None)


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


@transaction.atomic
def keep(
    user: Any,
    *,
    actor: Actor,
    wished: Mapping[tuple[str, str], str],
    quiet_from: time | None,
    quiet_until: time | None,
    digest: str,
) -> None:
    """Both together, all or nothing. Raises as `wish` and `set_rhythm`."""
    wish(user, actor=actor, wished=wished)
    set_rhythm(user, actor=actor, quiet_from=quiet_from, quiet_until=quiet_until, digest=digest)


@transaction.atomic
def wish(user: Any, *, actor: Actor, wished: Mapping[tuple[str, str], str]) -> None:
    """Say how news reach oneself, by event and relation; what the rules say anyway is no wish and is forgotten.

    Raises NotPermitted (somebody else's), InvalidInput (no such rule or word; a duty).
    """
    _themselves(user, actor)
    said = _said([user.pk])
    changes: dict[str, list[Any]] = {}
    for (event, relation), how in wished.items():
        default = _in_force(_wishable(event, relation, how), said).default
        anew, before = None if how == default else how, said.get((user.pk, event, relation))
        if before == anew:
            continue
        changes[f"{event} {relation}"] = [before or default, how]
        if anew is None:
            Wish.objects.filter(user=user.pk, event=event, relation=relation).delete()
        else:
            Wish.objects.update_or_create(user=user, event=event, relation=relation, defaults={"how": how})
    if changes:
        record_event("user.wishes_edited", user, actor=actor, changes=changes)


def _wishable(event: str, relation: str, how: str) -> Rule:
    """The product's rule, where its word may be another one than it says."""
    rule = rule_of(event, relation)
    if rule is None:
        raise InvalidInput.about("event", gettext("Nothing is told of this to people in this relation."))
    if how not in HOWS:
        raise InvalidInput.about("how", gettext("At once, collected, or not at all."))
    if rule.duty and how != rule.default:
        raise InvalidInput.about("how", gettext("This reaches everybody whom it concerns; nobody can wish it away."))
    return rule


@transaction.atomic
def set_rhythm(
    user: Any, *, actor: Actor, quiet_from: time | None, quiet_until: time | None, digest: str
) -> Rhythm:  # fmt: skip
    """Set one's quiet hours (both or none) and when what is collected comes: `hourly` or `daily`.

    Mails that wait already keep their instant. Raises NotPermitted (somebody else's), InvalidInput.
    """
    _themselves(user, actor)
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        words = gettext("Quiet hours have a beginning and another end; leave both empty for none.")
        raise InvalidInput.about("quiet_until", words)
    if digest not in Rhythm.Digest.values:
        raise InvalidInput.about("digest", gettext("Hourly or daily."))
    before = rhythm_of(user)
    said = {"quiet_from": quiet_from, "quiet_until": quiet_until, "digest": digest}
    changes = {
        name: [_plain(getattr(before, name)), _plain(value)]
        for name, value in said.items()
        if getattr(before, name) != value
    }
    kept, _is_new = Rhythm.objects.update_or_create(user=user, defaults=said)
    if changes:
        record_event("user.rhythm_edited", user, actor=actor, changes=changes)
    return kept


def _plain(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value


def _themselves(user: Any, actor: Actor) -> None:
    if not actor.is_human or actor.id != user.pk:
        raise NotPermitted(gettext("Everybody says for themselves what reaches them."))
