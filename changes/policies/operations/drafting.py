"""Drafts: begun from what rules or from a file, edited, discarded. A draft is whole at any time."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from changes.gate.policy import Policy, policy_to_json
from changes.gate.policy_default import SLUG
from changes.gate.vocabulary import Outcome, recognised, strictness
from changes.policies import queries as policy_queries
from changes.policies.formats.policy_files import Unreadable, policy_from_plain, policy_from_text
from changes.policies.models import GatePolicy
from changes.policies.operations.installing import ruling
from changes.policies.permissions import policy_keepers
from changes.policies.vocabulary import PolicyStatus
from changes.policies.workflow import POLICY
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState


@transaction.atomic
def start_draft(*, actor: Actor, title: str, at: datetime, content: Any = None) -> GatePolicy:
    """A draft of `content` (plain values, or the text of a file), of what rules now where none is given.

    Raises NotPermitted, InvalidInput (each hole by its path).
    """
    require_keeper(actor)
    rules = ruling(at)
    policy = policy_queries.parsed(rules.pk) if content is None else read(content)
    draft = GatePolicy(
        title=title.strip(), content=_as_draft(policy), status=PolicyStatus.DRAFT, author_id=actor.id, created_at=at
    )
    draft.save(force_insert=True)
    return lifecycle.created(draft, actor=actor, changes={"title": [None, draft.title]})


@transaction.atomic
def edit_draft(
    draft: GatePolicy, *, actor: Actor, version: int | None, content: Any = None, title: str | None = None
) -> GatePolicy:
    """Another content, or another title. What runs in shadow is judged as it stands and is not edited.

    Raises NotPermitted, WrongState (no draft, or in shadow), StaleVersion, InvalidInput (each hole by its path).
    """
    require_keeper(actor)
    policy = read(content) if content is not None else None
    with lifecycle.edit(draft, actor=actor, version=version) as current:
        if current.status != PolicyStatus.DRAFT:
            raise WrongState(
                gettext("%(policy)s is no draft any more; take it back to draft, or begin another.")
                % {"policy": current.reference},
                state=current.status,
            )
        if current.shadow_since is not None:
            raise WrongState(
                gettext("%(policy)s runs in shadow as it is; end that before you edit it.")
                % {"policy": current.reference},
                state=current.status,
            )
        if policy is not None:
            current.content = _as_draft(policy)
        if title is not None:
            current.title = title.strip()
        current.author_id = actor.id
    return current


@transaction.atomic
def edit_cells(
    draft: GatePolicy, cells: Mapping[str, Mapping[str, Any]], *, actor: Actor, version: int | None
) -> GatePolicy:
    """Other cells of the table, by `row.column`; what a cell does not name stays. A cell without an outcome is a hole.

    Raises NotPermitted, WrongState, StaleVersion, InvalidInput (each hole and contradiction by the path of its cell).
    """
    content: dict[str, Any] = deepcopy(draft.content)
    for place, told in cells.items():
        row, _, column = place.partition(".")
        known = content["table"].get(row, {}).get(column)
        if known is None:
            raise InvalidInput.about(f"content.table.{place}", gettext("There is no such cell."))
        made = known | told
        if made["outcome"]:
            content["table"][row][column] = _without_vain_needs(made, told)
        else:
            del content["table"][row][column]  # a hole, and refused as one
    return edit_draft(draft, actor=actor, version=version, content=content)


def edit_authority(
    draft: GatePolicy, decider: str, told: Mapping[str, Any], *, actor: Actor, version: int | None
) -> GatePolicy:
    """Another authority: who decides, how many, within what time, and who approves before (`before`; left out: nobody).

    Raises NotPermitted, WrongState, StaleVersion, InvalidInput (no such authority; each hole by its path).
    """
    content: dict[str, Any] = deepcopy(draft.content)
    if decider not in content["authorities"]:
        raise InvalidInput.about(f"content.authorities.{decider}", gettext("There is no such authority."))
    content["authorities"][decider] = dict(told)
    return edit_draft(draft, actor=actor, version=version, content=content)


def edit_questionnaire(draft: GatePolicy, asks: Any, *, actor: Actor, version: int | None) -> GatePolicy:
    """Other questions, weights and limits (plain values); None asks nothing.

    Raises NotPermitted, WrongState, StaleVersion, InvalidInput (each hole by its path).
    """
    content = {name: value for name, value in draft.content.items() if name != "questionnaire"}
    return edit_draft(
        draft, actor=actor, version=version, content=content | ({} if asks is None else {"questionnaire": asks})
    )


def _without_vain_needs(made: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Where only the outcome is told, and it is no longer kinder than what holds without the needs, there is nothing
    left to prove."""
    outcome, left = recognised(Outcome, made["outcome"]), recognised(Outcome, made["otherwise"])
    if "needs" not in told and outcome and left and strictness(left) <= strictness(outcome):
        return made | {"needs": [], "otherwise": None}
    return made


@POLICY.takes("discard")
@transaction.atomic
def discard(draft: GatePolicy, *, actor: Actor, version: int | None = None) -> GatePolicy:
    """It is not wanted. Raises NotPermitted, WrongState, StaleVersion."""
    with lifecycle.step(draft, "discard", actor=actor, version=version) as current:
        current.shadow_since = None
    return current


def require_keeper(actor: Actor) -> None:
    """Raise NotPermitted for all but change managers, people."""
    if not policy_keepers(actor):
        raise NotPermitted(gettext("Change managers, people, write and propose policies."))


def read(content: Any) -> Policy:
    """The policy of plain values or of a file's text. Raises InvalidInput naming every hole by line and path."""
    try:
        policy = policy_from_text(content) if isinstance(content, bytes | str) else policy_from_plain(content)
    except Unreadable as unreadable:
        errors: dict[str, list[str]] = {}
        for one in unreadable.problems:
            errors.setdefault(f"content.{one.path}" if one.path else "content", []).append(str(one))
        raise InvalidInput(
            gettext("This policy has holes; the gate would not know what to say there."), errors
        ) from unreadable
    if policy.slug != SLUG:
        sentence = gettext("The policy that rules the gate is called %(slug)s.") % {"slug": SLUG}
        raise InvalidInput.about("content", sentence)
    return policy


def _as_draft(policy: Policy) -> dict[str, Any]:
    """Its number is given as it is proposed; until then it is the next that is free."""
    return policy_to_json(replace(policy, version=policy_queries.next_number()))
