"""A whole company comes in at once: all of the file, or nothing of it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from itsm.accounts.models import Role, Team, User
from itsm.accounts.operations.checks import people_keepers_only
from itsm.accounts.operations.passwords import invite
from itsm.accounts.operations.people import add_user, edit_person
from itsm.accounts.operations.teams import add_team
from itsm.accounts.roster import Line, lines_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError


@dataclass(slots=True)
class Result:
    """What came, or would come, of one line. `link`: an invitation to hand over, where no mails leave."""

    line: Line
    is_new: bool = False
    changed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    link: str = ""

    @property
    def outcome(self) -> str:
        """wrong, added, changed or same."""
        return "wrong" if self.wrong else "added" if self.is_new else "changed" if self.changed else "same"


@dataclass(frozen=True, slots=True)
class Import:
    """`results` line by line, the teams that are made on the way, and whether it was `kept`."""

    results: list[Result]
    new_teams: list[str]
    kept: bool

    @property
    def wrong(self) -> int:
        """How many rows could not be taken."""
        return sum(one.outcome == "wrong" for one in self.results)

    @property
    def new(self) -> int:
        """How many rows made something."""
        return sum(one.outcome == "added" for one in self.results)

    @property
    def changed(self) -> int:
        """How many rows changed something that was there."""
        return sum(one.outcome == "changed" for one in self.results)


class Teams(dict[str, Team]):
    """Teams by slug and by name, however they are spelt."""

    def named(self, names: Iterable[str]) -> list[Team]:
        """These teams; those that there are not are said by `_teams`."""
        return [self[name.casefold()] for name in names if name.casefold() in self]


Step = Callable[[Result, Teams, Actor], None]


class _NotKept(Exception):
    """Leaves the transaction so that it is rolled back."""


def import_people(
    text: str, *, actor: Actor, keep: bool, send_invitations: bool = False, make_teams: bool = True
) -> Import:
    """Make and change people as a CSV file says (see `itsm.accounts.roster`), and the teams that it names.

    Only columns that the file has are looked at; nobody is deactivated by not being in it. `keep` False, or any line
    that is wrong: everything is tried and taken back, so the preview is what would really happen.
    Raises NotPermitted, InvalidInput (no such file).
    """
    people_keepers_only(actor)
    results = [Result(line, wrong=list(line.wrong)) for line in lines_of(text)]
    new_teams: list[str] = []
    try:
        with transaction.atomic():
            teams = _teams(results, actor, make_teams, new_teams)
            for result in results:
                _tried(result, _bring_in, teams, actor)
            for result in results:
                _tried(result, _set_manager, teams, actor)
            if send_invitations:
                for result in results:
                    _tried(result, _invite, teams, actor)
            if not keep or any(one.wrong for one in results):
                raise _NotKept
    except _NotKept:
        return Import(results, new_teams, kept=False)
    return Import(results, new_teams, kept=True)


def _tried(result: Result, step: Step, teams: Teams, actor: Actor) -> None:
    """What is refused is said beside its line; the other lines are tried all the same."""
    if result.wrong:
        return
    try:
        with transaction.atomic():
            step(result, teams, actor)
    except DomainError as refused:
        result.wrong.append(refused.detail)


def _teams(results: list[Result], actor: Actor, make: bool, new: list[str]) -> Teams:
    found = Teams()
    for team in Team.objects.all():
        found[team.name.casefold()] = found[team.slug.casefold()] = team
    for result in results:
        for name in (*result.line.teams, *result.line.leads):
            if name.casefold() in found:
                continue
            if not make:
                result.wrong.append(gettext("There is no team called %(name)s.") % {"name": name[:100]})
                continue
            made = _made(name, found, actor, result)
            if made is not None:
                found[name.casefold()] = found[made.slug.casefold()] = made
                new.append(made.name)
    return found


def _made(name: str, known: Teams, actor: Actor, result: Result) -> Team | None:
    slug = re.sub(r"-+", "-", slugify(name))[:60].strip("-") or "team"
    number = 1
    while (f"{slug}-{number}" if number > 1 else slug) in known:
        number += 1
    try:
        with transaction.atomic():
            return add_team(actor=actor, slug=f"{slug}-{number}" if number > 1 else slug, name=name)
    except DomainError as refused:
        result.wrong.append(refused.detail)
        return None


def _account(login: str) -> User | None:
    return User.objects.filter(username__iexact=login).first()


def _bring_in(result: Result, teams: Teams, actor: Actor) -> None:
    line = result.line
    person = _account(line.login)
    if person is None:
        add_user(
            actor=actor,
            username=line.login,
            roles=line.roles or (Role.REQUESTER.value,),
            name=line.name,
            email=line.email,
            teams=teams.named(line.teams),
            leads=teams.named(line.leads),
            time_zone=line.time_zone,
        )
        result.is_new = True
        return
    before = (person.version, person.email)
    fields: dict[str, Any] = {}
    for column in {"name", "time_zone"} & line.given:
        fields[column] = getattr(line, column)
    if "roles" in line.given and line.roles:
        fields["roles"] = list(line.roles)
    if {"teams", "leads"} & line.given:
        fields["memberships"] = _memberships(person, line, teams)
    email = line.email if "email" in line.given and line.email else None
    kept = edit_person(person, actor=actor, version=None, version_required=False, email=email, **fields)
    if (kept.version, kept.email) != before:
        result.changed = sorted(line.given - {"login"})


def _memberships(person: User, line: Line, teams: Teams) -> dict[Team, bool]:
    """What the file says of teams; of what it has no column for, what stands."""
    stand = {one.team: one.lead for one in person.memberships.select_related("team")}
    leads = set(teams.named(line.leads)) if "leads" in line.given else {team for team, lead in stand.items() if lead}
    members = set(teams.named(line.teams)) if "teams" in line.given else set(stand)
    named = members | (leads if "leads" in line.given else set())
    return {team: team in leads for team in named}


def _set_manager(result: Result, teams: Teams, actor: Actor) -> None:
    line = result.line
    if not line.manager:
        return
    person, manager = _account(line.login), _account(line.manager)
    if manager is None:
        result.wrong.append(gettext("There is no account called %(login)s.") % {"login": line.manager[:150]})
    elif person is not None and person.manager_id != manager.pk:
        edit_person(person, actor=actor, version=None, version_required=False, manager=manager)
        result.changed = [*result.changed, "manager"]


def _invite(result: Result, teams: Teams, actor: Actor) -> None:
    person = _account(result.line.login)
    if result.is_new and person is not None:
        result.link = invite(person, actor=actor)
