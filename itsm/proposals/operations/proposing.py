"""How a software agent proposes: its words are kept as people will read them, and nothing else happens."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from pydantic import ValidationError

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.api.nearest import did_you_mean
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.kernel.visible import visible
from itsm.proposals import kinds, permissions, queries
from itsm.proposals.kinds import Draft, ProposalKind
from itsm.proposals.models import (
    LONGEST_REASON,
    LONGEST_VALUE,
    MOST_OF_A_RECORD,
    MOST_PARTS,
    MOST_WAITING,
    OPEN_FOR,
    Proposal,
    ProposalPart,
)
from itsm.proposals.operations.ending import CLOSING


@transaction.atomic
def propose(
    *,
    actor: Actor,
    eyes: Actor,
    at: datetime,
    kind: str,
    reference: str,
    body: Mapping[str, Any],
    reason: str,
    source: str = "",
) -> Proposal:
    """Keep what an agent (`actor`) proposes about a record that its owner (`eyes`) reads whole, for people to decide.

    `body`: as the kind has it; `source`: where the agent read it. What nobody would see in its words is written out.
    The same that still waits is that one. Raises NotPermitted (no software agent), InvalidInput, NotFound, Conflict
    (too many wait).
    """
    if not permissions.proposers(actor):
        raise NotPermitted(gettext("%(name)s is no software agent: change it yourself.") % {"name": actor.name})
    found = _kind(kind)
    record = queries.record_named(found, eyes, reference)
    said = _said(reason, source)
    drafts = _drafts(found, record, body, eyes)
    User.objects.select_for_update(no_key=True).get(pk=actor.account_id)  # one after the other: they are counted
    digest = _digest(found, drafts)
    mine = Proposal.objects.filter(agent=actor.account_id, state=Proposal.State.WAITING)
    of_it = mine.filter(record_kind=record.kind, record_id=record.pk)
    if (same := of_it.filter(digest=digest).first()) is not None:
        return same
    _refuse_flood(mine.count(), of_it.count(), record)
    made = Proposal.objects.create(
        sort=found.name, record_kind=record.kind, record_id=record.pk, about=record.reference,
        record_version=record.version, agent_id=actor.account_id, owner_id=actor.owner_id or actor.account_id,
        digest=digest, at=at, closes_at=at + OPEN_FOR, **said,
    )  # fmt: skip
    ProposalPart.objects.bulk_create(
        ProposalPart(
            proposal=made, field=one.field, label=one.label[:120], before=one.before, value=one.value,
            stood=one.stood, shown=one.shown,
        )
        for one in drafts
    )  # fmt: skip
    due.schedule(CLOSING, Proposal.kind, made.pk, made.closes_at)
    return lifecycle.created(made, actor=actor, changes={"about": [None, made.about], "kind": [None, found.name]})


def _kind(name: str) -> ProposalKind:
    names = [one.name for one in kinds.every()]
    if name not in names:
        known = gettext("Kinds are %(known)s.") % {"known": ", ".join(names)}
        raise InvalidInput.about("kind", known + did_you_mean(name[:40], names))
    return kinds.named(name)


def _said(reason: str, source: str) -> dict[str, str]:
    said = {"reason": visible(reason.strip()), "source": visible(source.strip())}
    if is_blank(said["reason"]):
        raise InvalidInput.about("reason", gettext("Say in a sentence why: people read it before they decide."))
    for name, text in said.items():
        if len(text) > LONGEST_REASON:
            words = gettext("At most %(most)s characters; these are %(count)s.")
            raise InvalidInput.about(name, words % {"most": LONGEST_REASON, "count": len(text)})
    return said


def _drafts(kind: ProposalKind, record: Any, body: Mapping[str, Any], eyes: Actor) -> list[Draft]:
    try:
        read = kind.body.model_validate(_written_out(body))
    except ValidationError as error:
        wrong: dict[str, list[str]] = {}
        for one in error.errors(include_url=False, include_input=False):
            wrong.setdefault(".".join(map(str, one["loc"])) or "body", []).append(one["msg"])
        sentences = " ".join(f"{name}: {found[0]}." for name, found in list(wrong.items())[:5])
        raise InvalidInput(visible(sentences)[:1000], {visible(name): found for name, found in wrong.items()}) from None
    drafts = list(kind.drafts(record, read, eyes))
    if not drafts:
        raise InvalidInput(
            gettext("Nothing would change: %(reference)s is so already.") % {"reference": record.reference}
        )
    if len(drafts) > MOST_PARTS:
        raise InvalidInput(gettext("A proposal has at most %(most)s parts.") % {"most": MOST_PARTS})
    if any(len(json.dumps(one.value, default=str)) > LONGEST_VALUE * 2 for one in drafts):
        raise InvalidInput(gettext("A value is too long: at most %(most)s characters.") % {"most": LONGEST_VALUE})
    return drafts


def _written_out(value: Any) -> Any:
    """The same with what nobody would see written out, in every text: what people read is what would be written."""
    match value:
        case str():
            return visible(value)
        case Mapping():
            return {visible(str(key)): _written_out(one) for key, one in value.items()}
        case list() | tuple():
            return [_written_out(one) for one in value]
    return value


def _digest(kind: ProposalKind, drafts: list[Draft]) -> str:
    said = [kind.name, sorted((one.field, json.dumps(one.value, sort_keys=True, default=str)) for one in drafts)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _refuse_flood(waiting: int, on_it: int, record: Any) -> None:
    if on_it >= MOST_OF_A_RECORD:
        raise Conflict(
            gettext("%(count)s of your proposals wait on %(reference)s: people decide those first.")
            % {"count": on_it, "reference": record.reference}
        )
    if waiting >= MOST_WAITING:
        raise Conflict(gettext("%(count)s of your proposals wait: people decide those first.") % {"count": waiting})
