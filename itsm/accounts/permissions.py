"""Who may do what with accounts; plain predicates that other rooms share."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts.named_rights import WORK_HERE, named_right
from itsm.kernel.actors import Actor, Role

# Whoever answers for work may hand it to any open queue.
OPENERS = (Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)
_works_here = named_right(
    WORK_HERE, _("work here: see what lies in every open queue, discuss it, suggest"), lends=Role.APPROVER
)


def anyone(actor: Actor, record: Any = None) -> bool:
    """Anybody who is signed in, and Headroom itself."""
    return True


@_works_here
def staff(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here: all roles but a plain requester's."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.APPROVER, Role.MANAGER, Role.OWNER, Role.AUDITOR)


def participants(actor: Actor, record: Any = None) -> bool:
    """Everybody who is signed in, but not somebody who is here to read only."""
    return actor.roles != frozenset({Role.AUDITOR})


def administrators(actor: Actor, record: Any = None) -> bool:
    """Everybody with the role of an administrator."""
    return actor.has(Role.ADMIN)


def the_system(actor: Actor, record: Any = None) -> bool:
    """Headroom itself, no account."""
    return actor.is_system


def nobody(actor: Actor, record: Any = None) -> bool:
    """No actor at all, not even the system."""
    return False


def may_issue_token_for(actor: Actor, owner_id: int) -> bool:
    """One's own, by oneself signed in as a person; others' by an administrator in person or the operator's command."""
    return actor.is_system or (actor.is_human and (actor.has(Role.ADMIN) or actor.id == owner_id))


@_works_here
def colleagues(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here, in whatever role; not those who only request."""
    return actor.has(*(frozenset(Role) - {Role.REQUESTER}))


def contributors(actor: Actor, record: Any = None) -> bool:
    """Everybody who works here and does not only read."""
    return colleagues(actor) and participants(actor)


def people_keepers(actor: Actor, record: Any = None) -> bool:
    """Administrators keep people and teams."""
    return administrators(actor)


@named_right("queues.open", _("open records in every open queue, and hand work over to it"), lends=Role.AGENT)
def openers(actor: Actor, record: Any = None) -> bool:
    """Those who answer for work: agents, engineers, service owners, managers."""
    return actor.has(*OPENERS)


@named_right("people.read_rights", _("see what each person may do"), lends=Role.AUDITOR)
def rights_readers(actor: Actor, person: Any) -> bool:
    """What somebody may do is shown to themselves, to auditors and to administrators."""
    return actor.has(Role.AUDITOR) or (actor.id is not None and actor.id == person.pk)


def address_readers(actor: Actor, person: Any) -> bool:
    """Mail addresses are shown to whose they are, and to administrators."""
    return administrators(actor) or (actor.id is not None and actor.id == person.pk)
