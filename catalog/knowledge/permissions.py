"""Who may read, write, review and keep articles.

An audience is `all` (everybody who can sign in), `staff` (who works here) or teams (their members alone). Who answers
for services, manages or audits reads every article: somebody must be able to see what each team keeps for itself.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from itsm.accounts import audiences
from itsm.accounts.named_rights import named_right
from itsm.accounts.permissions import contributors, participants, staff
from itsm.kernel.actors import Actor, Role

__all__ = [
    "appliers",
    "editors",
    "keepers",
    "overseers",
    "reviewers",
    "staff",
    "voters",
    "writers",
]


@named_right("knowledge.oversee", _("read what every team keeps for itself in articles"), lends=Role.AUDITOR)
def overseers(actor: Actor, record: Any = None) -> bool:
    """Service owners, change managers, auditors, administrators; Headroom itself."""
    return actor.has(Role.OWNER, Role.MANAGER, Role.AUDITOR)


@named_right("knowledge.write", _("write articles, and review those of others"), lends=Role.AGENT)
def writers(actor: Actor, record: Any = None) -> bool:
    """Agents, engineers, service owners and change managers; programs too."""
    return actor.has(Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER)


def reviewers(actor: Actor, article: Any) -> bool:
    """A person who may write, and wrote nothing of this version."""
    return actor.is_human and writers(actor) and actor.person_id not in article.writers


@named_right("knowledge.keep_any", _("keep the articles of every team"), lends=Role.OWNER)
def keep_every(actor: Actor, article: Any = None) -> bool:
    """Service owners and change managers, whichever team's it is."""
    return actor.has(Role.OWNER, Role.MANAGER)


def keepers(actor: Actor, article: Any) -> bool:
    """Its owner, the writers of its team, service owners and change managers: who may take it away."""
    theirs = actor.id is not None and actor.id == article.owner_id
    of_its_team = writers(actor) and actor.belongs_to(article.team_id)
    return theirs or of_its_team or keep_every(actor)


def editors(actor: Actor, article: Any) -> bool:
    """Who writes in it, or says whose it is."""
    return writers(actor) or keepers(actor, article)


def voters(actor: Actor, article: Any = None) -> bool:
    """A person who takes part, of what somebody else wrote: whether it helped is said by who needed it."""
    return actor.is_human and participants(actor) and (article is None or actor.id not in article.writers)


def appliers(actor: Actor, record: Any = None) -> bool:
    """Who works here and does not only read uses articles on records."""
    return contributors(actor)


def tokens_of(actor: Actor) -> list[str]:
    """The tokens of audiences by which an actor sees what is live."""
    return [*audiences.tokens_of(actor), *([audiences.STAFF] if staff(actor) else [])]
