"""Rounds: people are asked whether items are right, and what they say is kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext

from catalog.cmdb.models import CI, CIClass
from catalog.environments.queries import canonical
from catalog.health import permissions
from catalog.health.models import Round, RoundLine
from catalog.health.operations.examining import examine
from catalog.health.queries.rounds import CONTENT, asked_of, lines_of
from catalog.health.vocabulary import CERTIFIES, MOST_LINES, OBSERVED_WITHIN, ONE_IN, Answer, RoundState
from catalog.health.workflow import WORKFLOW
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

# Frozen as they are now. What a source saw lately is offered as confirmed, but for one in ten that chance picks anew
# for each round, so that nobody knows which.
_FREEZE = f"""
INSERT INTO catalog_roundline (round_id, ci_id, team_id, hash, offered, answer)
SELECT %(round)s, c.id, c.team_id, {CONTENT},
  coalesce(c.last_seen_at >= %(since)s, false) AND random() * %(one_in)s >= 1, ''
FROM catalog_ci c JOIN catalog_ciclass k ON k.id = c.ci_class_id
WHERE c.merged_into_id IS NULL AND c.status <> 'retired'
  AND (%(ci_class)s::bigint IS NULL OR k.lineage @> ARRAY[%(ci_class)s::bigint])
  AND (%(team)s::bigint IS NULL OR c.team_id = %(team)s) AND (%(environment)s = '' OR c.environment = %(environment)s)
ORDER BY c.team_id, c.ci_class_id, c.id LIMIT %(most)s
"""  # noqa: S608


@transaction.atomic
def plan_round(
    *,
    actor: Actor,
    name: str,
    due: date,
    at: datetime,
    ci_class: CIClass | None = None,
    team: Team | None = None,
    environment: str = "",
) -> Round:
    """A draft of a round; nobody is asked before it opens. `environment`: any word that the register has for one.

    Raises NotPermitted and InvalidInput.
    """
    environment = canonical(environment) if environment else ""
    made = Round(name=name.strip(), due=due, ci_class=ci_class, team=team, environment=environment)
    if not permissions.round_keepers(actor, made):
        raise NotPermitted(
            gettext("Service owners and change managers ask for items, not %(name)s.") % {"name": actor.name}
        )
    if due < at.date():
        raise InvalidInput.about("due", gettext("Choose a day that is not over."))
    try:
        made.full_clean(exclude=["ci_class", "team"])
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), dict(error.message_dict)) from error
    made.save(force_insert=True)
    return lifecycle.created(made, actor=actor, changes={"name": [None, made.name], "due": [None, due]})


@WORKFLOW.takes("open")
def open_round(round: Round, *, actor: Actor, at: datetime, version: int | None = None) -> Round:
    """Freeze the items of its scope as lines, and ask. Raises NotPermitted, WrongState, StaleVersion, Conflict (no item
    or more than 20,000)."""
    with lifecycle.step(round, "open", actor=actor, version=version) as current:
        current.opened_at = at
        with connection.cursor() as cursor:
            cursor.execute(
                _FREEZE,
                {
                    "round": current.pk, "since": at - OBSERVED_WITHIN, "one_in": ONE_IN,
                    "ci_class": current.ci_class_id, "team": current.team_id, "environment": current.environment,
                    "most": MOST_LINES + 1,
                },
            )  # fmt: skip
            lines = cursor.rowcount
        if not lines:
            raise Conflict(gettext("There is no item to ask for."))
        if lines > MOST_LINES:
            raise Conflict(
                gettext("There are more than %(most)d items to ask for: choose fewer.") % {"most": MOST_LINES}
            )
        return current


@WORKFLOW.takes("close")
def close_round(round: Round, *, actor: Actor, at: datetime, version: int | None = None) -> Round:
    """Nobody is asked any longer; what waits for an answer is a finding. Raises NotPermitted, WrongState,
    StaleVersion."""
    with lifecycle.step(round, "close", actor=actor, version=version) as current:
        current.ended_at = at
        # What changed after its answer was asked again: without another answer it has none.
        stale = lines_of(current, Actor.system("rounds")).filter(changed=True).values("pk")
        RoundLine.objects.filter(pk__in=list(stale.values_list("pk", flat=True))).update(answer="", by=None, at=None)
    unanswered = list(current.lines.filter(answer="").values_list("ci_id", flat=True))
    examine(unanswered, actor=Actor.system("rounds"), at=at)
    return current


@WORKFLOW.takes("cancel")
def cancel_round(round: Round, *, actor: Actor, at: datetime, version: int | None = None) -> Round:
    """It never was; answers stay what they made of the items. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(round, "cancel", actor=actor, version=version) as current:
        current.ended_at = at
        return current


@transaction.atomic
def answer(line: Any, said: str, *, actor: Actor, seen: str, at: datetime) -> Any:
    """What a person says of an item as they saw it: `seen` is the hash of its content then. A later word replaces it.

    Right, or corrected: the item is certified. Gone, or not ours: a finding. Raises NotPermitted, WrongState (the round
    is not open), InvalidInput, Conflict (it changed since they looked).
    """
    round = _open(line.round)
    current = lines_of(round, actor).filter(pk=line.pk).first()
    if current is None or not permissions.line_answerers(actor, current):
        raise NotPermitted(
            gettext("The people of its team say whether %(item)s is right.") % {"item": line.ci.reference}
        )
    if said not in Answer.values:
        raise InvalidInput.about("answer", gettext("Send one of: %(known)s.") % {"known": ", ".join(Answer.values)})
    if current.content != seen:
        raise Conflict(gettext("%(item)s changed meanwhile: look at it again.") % {"item": current.ci.reference})
    _keep([current], said, actor, at)
    examine([current.ci_id], actor=actor, at=at)
    return current


@transaction.atomic
def confirm_offered(round: Round, *, actor: Actor, at: datetime) -> int:
    """All that is offered as confirmed and that this person may answer is right as it is now. How many.

    What needs eyes, and what was answered before and changed, stays to be looked at one by one. Raises NotPermitted,
    WrongState (the round is not open).
    """
    if not permissions.answerers(actor):
        raise NotPermitted(gettext("%(actor_name)s confirms no items.") % {"actor_name": actor.name})
    current = _open(round)
    # As frozen: what changed since the round opened is looked at one by one.
    wanted = [one for one in asked_of(actor, lines_of(current, actor)).filter(offered=True, answer="")
              if one.hash == one.content]  # fmt: skip
    _keep(wanted, Answer.CONFIRMED, actor, at)
    if wanted:
        changes = {"confirmed": [None, len(wanted)]}
        lifecycle.announce(current, "confirmed_offered", actor=actor, changes=changes, at=at)
        examine([one.ci_id for one in wanted], actor=actor, at=at)
    return len(wanted)


def _open(round: Round) -> Round:
    current = lifecycle.locked(round)
    if current.status != RoundState.OPEN:
        raise WrongState(gettext("This round is not open."))
    return current


def _keep(lines: Sequence[Any], said: str, actor: Actor, at: datetime) -> None:
    """The answers, and what they say of the items, each noted in the history of its item."""
    for line in lines:
        line.answer, line.by_id, line.at, line.hash = said, actor.id, at, line.content
    RoundLine.objects.bulk_update(lines, ["answer", "by", "at", "hash"], batch_size=1000)
    items = [line.ci for line in lines]
    if said in CERTIFIES:
        CI.objects.filter(pk__in=[one.pk for one in items]).update(certified_at=at, certified_by=actor.id)
    changes = {"answer": [None, said]}
    news = [lifecycle.RecordEvent(one, "ci.certified", actor, changes, at=at) for one in items]
    for one in lifecycle.announce_in_bulk(news):
        lifecycle.announce(one.record, "certified", actor=actor, changes=changes, at=at)
