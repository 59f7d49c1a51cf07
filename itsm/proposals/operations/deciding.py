"""A person's word about what was proposed. What is accepted is written by that person's own operation."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.audit.recording import plain, proposed_by
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from itsm.proposals import kinds, permissions, queries
from itsm.proposals.kinds import ProposalKind
from itsm.proposals.models import Proposal, ProposalPart
from itsm.proposals.operations.ending import CLOSING, locked, require_waits

P = ProposalPart.State


class Overtaken(Conflict):
    """The record moved since: what was proposed does not fit it any more. That is kept."""

    code, title, keeps_effects = "overtaken", "The record moved meanwhile", True


def accept(
    proposal: Proposal,
    *,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    fields: Collection[str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Proposal:
    """Write what was proposed, by the person's own operation and in one deed: all that waits, or these `fields`.

    `values`: what is written instead, by field, where the person changed it. What was overtaken meanwhile is kept as
    such and not written. Raises NotPermitted (no person, no right to change the record), NotFound, WrongState (decided,
    or to be sent by the person), StaleVersion, InvalidInput, Overtaken (nothing of it stands), and what the record's
    own operation raises.
    """
    with transaction.atomic():
        current, kind, record = to_decide(proposal, actor, version)
        chosen = _chosen(current, kind, fields, values or {})
        if kind.hands_over:
            raise WrongState(
                gettext("This is a draft: read it on %(about)s, and send it yourself.") % {"about": current.about},
                state=current.state,
                available=["dismiss"],
            )
        said = queries.why_not(kind, record, current)
        late = chosen if kind.whole and said else [one for one in chosen if one.field in said]
        kept = [one for one in chosen if one not in late]
        for one in late:
            one.state, one.decided_at, one.why = P.OVERTAKEN, at, said.get(one.field, next(iter(said.values())))[:300]
        if kept:
            _write(current, kind, record, kept, values or {}, actor, at)
        settle(current, chosen, "accepted" if kept else "overtaken", actor)
    if not kept:
        raise Overtaken(" ".join(dict.fromkeys(one.why for one in late)))
    return current


def dismiss(
    proposal: Proposal,
    *,
    actor: Actor,
    at: datetime,
    why: str = "",
    version: int | None = None,
    fields: Collection[str] | None = None,
) -> Proposal:
    """Say no to all that waits, or to these `fields`; `why` is told to the agent. The record stays as it is.

    Raises NotPermitted, NotFound, WrongState, StaleVersion, InvalidInput.
    """
    with transaction.atomic():
        current, kind, _record = to_decide(proposal, actor, version)
        chosen = _chosen(current, kind, fields, {})
        for one in chosen:
            one.state, one.decided_by_id, one.decided_at, one.why = P.DISMISSED, actor.id, at, why[:300]
        settle(current, chosen, "dismissed", actor, remark=why)
    return current


def to_decide(proposal: Proposal, actor: Actor, version: int | None) -> tuple[Proposal, ProposalKind, Any]:
    """The locked proposal, its kind and its record, for who may decide it.

    Raises NotPermitted, NotFound, WrongState and StaleVersion, as `accept` says.
    """
    current = locked(proposal.pk)
    if current is None:
        raise NotFound(gettext("There is no such proposal, or you may not see it."))
    kind = kinds.named(current.sort)
    lifecycle.locked(queries.record_of(kind, actor, current.record_id))
    record = queries.record_of(kind, actor, current.record_id)  # as it stands under the lock
    require_decider(current, kind, record, actor)
    require_waits(current)
    lifecycle.check_version(current, version, required=False)
    return current, kind, record


def require_decider(current: Proposal, kind: ProposalKind, record: Any, actor: Actor) -> None:
    """Who gives a word about it, or takes one back, may decide it as things stand now. Raises NotPermitted."""
    if not permissions.people(actor):
        raise NotPermitted(gettext("%(name)s decides nothing: people do.") % {"name": actor.name})
    if not actor.may_use(kind.scope):
        raise NotPermitted(gettext("This token may not decide it: it needs %(scope)s.") % {"scope": kind.scope})
    if not kind.deciders(actor).filter(pk=record.pk).exists():
        raise NotPermitted(
            gettext("%(name)s may not change %(about)s, and so not decide what is proposed for it.")
            % {"name": actor.name, "about": current.about}
        )


def _chosen(
    current: Proposal, kind: ProposalKind, fields: Collection[str] | None, values: Mapping[str, Any]
) -> list[ProposalPart]:
    """The parts that are meant, which wait. Raises InvalidInput and WrongState."""
    parts = {one.field: one for one in current.parts.all()}
    named = {*(fields or ()), *values}
    if unknown := sorted(named - set(parts)):
        words = gettext("%(unknown)s is not proposed; %(known)s is.")
        raise InvalidInput.about("fields", words % {"unknown": unknown[0][:80], "known": ", ".join(parts)})
    if fields is not None and not fields:
        raise InvalidInput.about("fields", gettext("Name what is meant, or leave fields out: all of it."))
    if kind.whole:
        fields = None
    meant = [one for one in parts.values() if (one.is_waiting if fields is None else one.field in named)]
    if decided := next((one for one in meant if not one.is_waiting), None):
        raise WrongState(
            gettext("%(label)s is %(state)s already, by %(who)s.")
            % {"label": decided.label, "state": decided.get_state_display(), "who": decided.decided_by or "–"},
            state=decided.state,
            available=[],
        )
    return meant


def _write(
    current: Proposal, kind: ProposalKind, record: Any, parts: Sequence[ProposalPart], values: Mapping[str, Any],
    actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """By the record's own operation; each entry that the person leaves in the history names the agent."""
    wanted = {one.field: values.get(one.field, one.value) for one in parts}
    with proposed_by(agent_said(current), actor):
        done = kind.write(record, wanted, actor, at)
    for one in parts:
        changed = wanted[one.field] != one.value
        one.state = P.EDITED if changed else P.ACCEPTED
        one.decided_by_id, one.decided_at, one.made = actor.id, at, plain(asdict(done))
        one.written = wanted[one.field] if changed else None


def agent_said(proposal: Proposal) -> str:
    """How the history calls the agent: "claude-code for Ada"."""
    return gettext("%(agent)s for %(owner)s") % {"agent": proposal.agent, "owner": proposal.owner}


def settle(current: Proposal, parts: Sequence[ProposalPart], event: str, actor: Actor, remark: str = "") -> None:
    """Keep what became of these parts of the locked proposal; it is decided once none waits. Raises nothing."""
    for one in parts:
        one.save(update_fields=["state", "decided_by", "decided_at", "why", "written", "made"])
    left = ProposalPart.objects.filter(proposal=current, state=P.WAITING).exists()
    current.state = Proposal.State.WAITING if left else Proposal.State.DECIDED
    current.version += 1
    current.save(update_fields=["state", "version"])
    if left:
        due.schedule(CLOSING, Proposal.kind, current.pk, current.closes_at)
    else:
        due.cancel(Proposal.kind, current.pk, CLOSING)
    if event == "accepted" and any(one.state == P.EDITED for one in parts):
        event = "edited"
    changes = {one.label: [P.WAITING.value, one.state] for one in parts}
    lifecycle.announce(current, event, actor=actor, changes=changes, remark=remark)
