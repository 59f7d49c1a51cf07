"""Who may do what with changes: nouns for people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from changes.change.vocabulary import ChangeClass
from changes.gate.artifacts import is_immutable
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import anyone, participants, staff, the_system
from itsm.approvals.asked import Rules
from itsm.kernel.actors import Actor, Kind, Role

__all__ = [
    "ANSWERS",
    "EmergencyBoard",
    "anyone",
    "askers",
    "attestation_authors",
    "attesters",
    "attestor_keepers",
    "authorities",
    "cancellers",
    "closers",
    "concerned",
    "doers",
    "ecab",
    "ecab_comes_from",
    "ecab_of",
    "had_no_part",
    "implementers",
    "lookers_back",
    "may_attest",
    "override_authorities",
    "planners",
    "requesters",
    "reviewers",
    "shadow_keepers",
    "staff",
    "staff_who_take_part",
    "the_system",
    "weighs_much",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmergencyBoard:
    """The emergency change advisory board (ECAB) of a change: `members` of it may look back, by number."""

    name: str
    path: str
    members: frozenset[int]


FindBoard = Callable[[Any], EmergencyBoard | None]
_found_by: list[FindBoard] = []  # boards stand above changes: they say at start how one is found


def ecab_comes_from(find: FindBoard) -> None:
    """`find(change)` gives the board for emergencies that rules for its service, if any. Called once, at start."""
    if find not in _found_by:
        _found_by.append(find)


def ecab_of(change: Any) -> EmergencyBoard | None:
    """The board whose members look back at this emergency; None where change managers stand in, and of a mere picture.

    Whoever explains rights pictures a change of no service: no board rules for it.
    """
    if getattr(change, "pk", None) is None:
        return None
    return next((board for find in _found_by if (board := find(change)) is not None), None)


# How people answer about changes and policies; a change manager stands in for whoever is on duty.
DECIDING = (Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER)
ANSWERS = Rules(team_roles=(Role.ENGINEER, Role.APPROVER, Role.OWNER), stand_ins=(Role.MANAGER,), named_roles=DECIDING)


@named_right("changes.ask", _("ask the gate for changes"), lends=Role.ENGINEER)
def askers(actor: Actor, record: Any = None) -> bool:
    """Who may ask the gate, for any service: engineers and pipelines, owners, managers."""
    return actor.has(Role.ENGINEER, Role.OWNER, Role.MANAGER)


def requesters(actor: Actor, change: Any) -> bool:
    """Whoever asked for the change, and Headroom carrying out what was asked."""
    return actor.is_system or (actor.id is not None and actor.id == change.requested_by_id)


def authorities(actor: Actor, change: Any) -> bool:
    """The gate under its policy, and people whom an ask may be put to. Which of them, the ask says."""
    if actor.is_system:
        return True
    return actor.is_human and actor.has(*DECIDING) and actor.id not in _people_of(change)


def _people_of(change: Any) -> set[int | None]:
    """Who asked for it, wrote it or carries it out, and who owns these accounts, or did when it named them."""
    accounts = [change.requested_by]
    accounts += [change.author] if change.author_id != change.requested_by_id else []
    accounts += [change.implementer] if change.implementer_id is not None else []
    owners_then = set(getattr(change, "program_owners", ()))
    return owners_then | {pk for account in accounts if account is not None for pk in (account.pk, account.owner_id)}


def concerned(actor: Actor, change: Any) -> bool:
    """Who asked for it, and who may decide about it."""
    return requesters(actor, change) or authorities(actor, change)


@named_right("changes.implement", _("carry out changes to services of their teams"), lends=Role.ENGINEER)
def implementers(actor: Actor, change: Any) -> bool:
    """Who carries it out: the asker, a named implementer, or an engineer of the service's team."""
    if actor.is_system or actor.id in {change.requested_by_id, change.implementer_id}:
        return True
    return actor.has(Role.ENGINEER, Role.OWNER) and actor.belongs_to(change.service.team_id)


def override_authorities(actor: Actor, change: Any) -> bool:
    """Who may put their name to an override: owners in the service's team, and change managers; people."""
    if not actor.is_human:
        return False
    return actor.has(Role.MANAGER) or (actor.has(Role.OWNER) and actor.belongs_to(change.service.team_id))


@named_right("changes.plan", _("plan and cancel the changes of others"), lends=Role.MANAGER)
def manage(actor: Actor, change: Any = None) -> bool:
    """Change managers, whosever change it is."""
    return actor.has(Role.MANAGER)


def cancellers(actor: Actor, change: Any) -> bool:
    """Requesters of the change, and change managers."""
    return requesters(actor, change) or manage(actor)


@named_right("changes.close", _("close changes"), lends=Role.MANAGER)
def closers(actor: Actor, change: Any) -> bool:
    """Managers and service owners, and Headroom once its watch is over."""
    return actor.has(Role.MANAGER, Role.OWNER)


def reviewers(actor: Actor, change: Any) -> bool:
    """People who look back at a change: approvers, owners and managers who had no part in it."""
    return had_no_part(actor, change) and actor.has(Role.APPROVER, Role.OWNER, Role.MANAGER)


def ecab(actor: Actor, change: Any) -> bool:
    """Who of its emergency board may look back at it; without such a board, change managers who had no part in it."""
    if not had_no_part(actor, change):
        return False
    board = ecab_of(change)
    return actor.has(Role.MANAGER) if board is None else actor.id in board.members


def lookers_back(actor: Actor, change: Any) -> bool:
    """Who answers the three questions of its review, by its class."""
    return bool(change.workflow.steps["review"].who(actor, change))


def staff_who_take_part(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here and is not here to read only."""
    return staff(actor) and participants(actor)


def weighs_much(change: Any) -> bool:
    """Whether who approves it shows once more who they are."""
    return bool(change.change_class == ChangeClass.EMERGENCY)


def planners(actor: Actor, change: Any) -> bool:
    """Who plans the work on a change: whoever carries it out, its service's team and owners, and change managers."""
    return implementers(actor, change) or manage(actor)


def doers(actor: Actor, task: Any) -> bool:
    """Whose a task is to do: theirs by name, or their team's and nobody's by name."""
    if actor.id is None:
        return False
    return task.assigned_to_id == actor.id or (task.assigned_to_id is None and actor.belongs_to(task.team_id))


def had_no_part(actor: Actor, change: Any) -> bool:
    """People who neither asked for it, wrote it nor carry it out, by themselves or by a program of theirs."""
    return actor.is_human and actor.id not in _people_of(change)


@named_right("changes.attest", _("attest to artifacts"), lends=Role.ENGINEER)
def attesters(actor: Actor, record: Any = None) -> bool:
    """Principals whose word may stand as proof about an artifact: staff and service accounts who may ask. Software
    agents vouch for nothing."""
    return actor.kind is not Kind.AGENT and actor.has(Role.ENGINEER, Role.APPROVER, Role.OWNER, Role.MANAGER)


def may_attest(actor: Actor, change: Any) -> bool:
    """A person whose word about the artifact of this change may count for it: they had no part in it, and it names one
    for ever."""
    return actor.is_human and attesters(actor) and had_no_part(actor, change) and is_immutable(change.artifact_digest)


def attestation_authors(actor: Actor, attestation: Any) -> bool:
    """Whoever said it; nobody else takes it back."""
    return actor.id is not None and actor.id == attestation.by_id


def shadow_keepers(actor: Actor, service: Any = None) -> bool:
    """Change managers, and owners in the service's team, say whether the gate rules there; people."""
    if not actor.is_human:
        return False
    team = getattr(service, "team_id", None)
    return actor.has(Role.MANAGER) or (actor.has(Role.OWNER) and (team is None or actor.belongs_to(team)))


def attestor_keepers(actor: Actor, record: Any = None) -> bool:
    """Owners and managers, people, say whose word counts."""
    return actor.is_human and actor.has(Role.OWNER, Role.MANAGER)
