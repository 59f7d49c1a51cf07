"""Who is acting, through which door, with which rights.

An `Actor` is a value: operations take it as their first keyword and never look at a request.
A non-human (a pipeline's service account, the system itself) is an actor too, and says so.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person may do. A person may hold several."""

    REQUESTER = "requester"
    AGENT = "agent"
    ENGINEER = "engineer"
    APPROVER = "approver"
    MANAGER = "manager"
    OWNER = "owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Kind(StrEnum):
    HUMAN = "human"
    SERVICE = "service"  # a pipeline or another program, signed in by a token
    AGENT = "agent"  # a software agent that acts for a person, at the agents' door alone (`itsm.agents`)
    SYSTEM = "system"  # Headroom itself: the evaluator, the sweeper


class Door(StrEnum):
    WEB = "web"
    API = "api"
    TASK = "task"
    COMMAND = "command"
    MAIL = "mail"  # what an answer by mail may do is little: it comments, reopens, resumes
    MCP = "mcp"  # the agents' door: it reads, asks the gate and proposes; nothing is decided there
    CHAT = "chat"  # a slash command of a linked account: it reads, notes, acknowledges


@dataclass(frozen=True, slots=True)
class Actor:
    """One principal in one call. `scopes` is None where no token narrows the rights.

    `owner_id`: of a program, the person who answers for it. `memo`: what was read about the actor in this request, so
    that it is read once; None where the actor outlives a request. `proved_at`: when the person last showed who
    they are. `rights`: names of the rights that own roles give beside the built-in ones (`itsm.accounts.named_rights`);
    `lent`: the role whose words such a right borrows, while its one predicate is asked and nowhere else. `looks_only`:
    somebody sees the desk with the rights of others (`looks_as`: whose; `waits_as`: the account whose work they see
    waiting, 0 where it is a role), and nothing is written in their name.
    """

    id: int | None
    name: str
    kind: Kind
    roles: frozenset[Role] = frozenset()
    teams: frozenset[int] = frozenset()
    via: Door = Door.TASK
    scopes: frozenset[str] | None = None
    rights: frozenset[str] = frozenset()
    lent: frozenset[Role] = frozenset()
    looks_only: bool = False
    looks_as: str = field(default="", compare=False)
    waits_as: int | None = None
    request_id: str = field(default="", compare=False)
    owner_id: int | None = None
    proved_at: datetime | None = field(default=None, compare=False)
    memo: dict[Any, Any] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def system(cls, name: str, via: Door = Door.TASK) -> "Actor":
        return cls(id=None, name=name, kind=Kind.SYSTEM, via=via)

    @property
    def is_human(self) -> bool:
        return self.kind is Kind.HUMAN

    @property
    def is_system(self) -> bool:
        return self.kind is Kind.SYSTEM

    @property
    def person_id(self) -> int | None:
        """The natural person who acts: for four eyes, review and interest a program counts as its owner."""
        return self.owner_id or self.id

    @property
    def whose_work(self) -> int | None:
        """The account whose work waits where they read: their own; while they look as somebody, that person's."""
        return self.id if self.waits_as is None else self.waits_as

    @property
    def account_id(self) -> int:
        """The account in whose name something is kept. TypeError for Headroom itself, which has none: what it may not
        do was refused before."""
        if self.id is None:
            raise TypeError(f"{self.name} has no account.")
        return self.id

    def has(self, *roles: Role) -> bool:
        """True for one of these roles, for an administrator, and for Headroom itself."""
        held = self.roles | self.lent if self.lent else self.roles
        return self.is_system or Role.ADMIN in held or bool(held & set(roles))

    def belongs_to(self, team_id: int | None) -> bool:
        return team_id is not None and team_id in self.teams

    def may_use(self, scope: str) -> bool:
        """A token without scopes carries its owner's rights; one with scopes only those."""
        return self.scopes is None or scope in self.scopes

    def as_role(self, *roles: Role) -> "Actor":
        """The same with these built-in roles alone, and no right of an own role."""
        return replace(self, roles=frozenset(roles), rights=frozenset())

    def narrowed(self, scopes: Collection[str]) -> "Actor":
        return replace(self, scopes=frozenset(scopes))
