"""Who is asked: the value that an app gives, and the rules by which answers about its records count.

What is asked is stored with the ask; the rules of a kind of record stand in the app that puts such asks, which says
them once, in `AppConfig.ready()`. Of a kind that said none, only people with the asked role answer.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from itsm.accounts import scopes
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor, Role


@dataclass(frozen=True, slots=True)
class Panel:
    """Those who decide: people with `role`, or of `team` as the rules say; `quorum` of them. Never the `excluded`.

    `authority` is what they are called. `excluded` are accounts; the people who own programs among them are meant too.
    With a `kind` the voters of that panel decide instead, by `rule` (`itsm.approvals.panels`).
    """

    authority: str
    role: str
    team: Team | None = None
    quorum: int = 1
    excluded: Collection[int] = ()
    kind: str = ""
    number: int | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which roles let the members of an asked team answer, who stands in for whoever is on duty, and with which scope.

    Administrators stand in everywhere; four eyes hold for them too. `by_name`: people are asked for who they are (a
    manager), so that whoever is asked may name a delegate, and anybody may be one. `named_roles`: whom a step names,
    and their delegates, decide only as long as they have one of these; without any, whoever is named.
    """

    team_roles: tuple[Role, ...] = ()
    stand_ins: tuple[Role, ...] = ()
    scope: str = scopes.APPROVE
    by_name: bool = False
    named_roles: tuple[Role, ...] = ()

    def admit_by_name(self, actor: Actor) -> bool:
        return not self.named_roles or actor.has(*self.named_roles)

    @property
    def who_stand_in(self) -> tuple[Role, ...]:
        return (*self.stand_ins, Role.ADMIN)

    def admit_by_team(self, actor: Actor) -> bool:
        return actor.has(*self.team_roles)


_NONE = Rules()
_rules: dict[str, Rules] = {}
_titles: dict[str, Any] = {}
_pre_reads: dict[str, Callable[[int], str]] = {}


def decides(kind: str, rules: Rules, title: Any = "", pre_read: Callable[[int], str] | None = None) -> None:
    """Say by which rules answers about this kind of record count. Once per kind, in `AppConfig.ready()`.

    `title`: what people call records of this kind, many of them; of one without a title nobody delegates that alone.
    `pre_read(record_id)`: what a mail about an ask says of the record, in plain words.
    """
    _rules[kind] = rules
    if pre_read is not None:
        _pre_reads[kind] = pre_read
    if title:
        _titles[kind] = title


def pre_read_of(kind: str, record_id: int) -> str:
    """What a mail about an ask says of the record; nothing of a kind that said none."""
    return _pre_reads[kind](record_id) if kind in _pre_reads else ""


def titles() -> list[tuple[str, Any]]:
    """The kinds of records that have a title, with it."""
    return list(_titles.items())


def kinds_by_name() -> frozenset[str]:
    """The kinds of records about which people are asked by name."""
    return frozenset(kind for kind, rules in _rules.items() if rules.by_name)


def rules_of(kind: str) -> Rules:
    return _rules.get(kind, _NONE)


def kinds_by_rules() -> dict[Rules, list[str]]:
    """The kinds of records that have rules, those with the same ones together."""
    found: dict[Rules, list[str]] = {}
    for kind, rules in _rules.items():
        found.setdefault(rules, []).append(kind)
    return found
