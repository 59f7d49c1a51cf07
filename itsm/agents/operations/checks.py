"""What several operations on software agents look at first."""

from collections.abc import Collection

from django.db import connection
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.agents import permissions
from itsm.agents.capabilities import Capability
from itsm.agents.models import Agent
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank

LONGEST_NAME = 100
LONGEST_PURPOSE = 200
LONGEST_REASON = 300


def owner_only(actor: Actor, agent: Agent) -> None:
    """Raise NotPermitted for everybody but the person the agent acts for, and for a token of theirs that is narrowed:
    what it may not do itself it would give to an agent."""
    if not permissions.owners(actor, agent):
        said = gettext("%(agent)s acts for somebody else: its owner, in person, says what it may do.")
        raise NotPermitted(said % {"agent": agent.reference})
    in_person(actor)


def in_person(actor: Actor) -> None:
    """Raise NotPermitted for programs, whoever owns them, and for tokens that are narrowed."""
    if not permissions.people(actor):
        raise NotPermitted(gettext("Software agents are connected by people; a program connects and widens none."))
    if actor.scopes is not None:
        said = gettext("This token is narrowed: sign in to the pages, or use a token with all that you may do.")
        raise NotPermitted(said)


def hold_accounts(agent: Agent) -> None:
    """Hold the accounts of an agent and of whom it acts for, in the caller's transaction, before the agent itself: a
    deactivation holds them in this order, and so neither waits for the other in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM accounts_user WHERE id IN (%(account)s, (SELECT owner_id FROM accounts_user"
            " WHERE id = %(account)s)) ORDER BY id FOR SHARE",
            {"account": agent.account_id},
        )


def held(agent: Agent) -> Agent:
    """The agent as it stands now, locked, with its account. The caller's transaction holds the accounts as well."""
    hold_accounts(agent)
    return lifecycle.locked(agent, related=("account",))


def still_there(agent: Agent) -> None:
    """Raise Conflict for an agent that has ended."""
    if not agent.account.is_active:
        raise Conflict(gettext("%(agent)s has ended; connect another one.") % {"agent": agent.reference})


def known(capabilities: Collection[str], field: str = "capabilities") -> list[str]:
    """The capabilities once each. InvalidInput naming what is none."""
    unknown = sorted(set(capabilities) - set(Capability.values))
    if unknown:
        said = gettext("There is no capability called %(unknown)s; there are %(values)s.")
        names = {"unknown": ", ".join(unknown)[:200], "values": ", ".join(Capability.values)}
        raise InvalidInput.about(field, said % names)
    return [one for one in Capability.values if one in set(capabilities)]


def some(capabilities: Collection[str]) -> list[str]:
    """The same, of which there is at least one."""
    if not capabilities:
        raise InvalidInput.about("capabilities", gettext("Say what it may do: at least one capability."))
    return known(capabilities)


def named(name: str) -> str:
    """The name of an agent, for people to read. InvalidInput."""
    if is_blank(name) or len(name.strip()) > LONGEST_NAME or "\n" in name.strip():
        said = gettext("A name is one line of 1 to %(most)s characters.")
        raise InvalidInput.about("name", said % {"most": LONGEST_NAME})
    return name.strip()


def short(text: str, field: str, longest: int) -> str:
    """A text that may be empty. InvalidInput where it is longer."""
    if len(text.strip()) > longest:
        raise InvalidInput.about(field, gettext("At most %(most)s characters.") % {"most": longest})
    return text.strip()
