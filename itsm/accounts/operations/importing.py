"""A whole company comes in at once: all of the file, or nothing of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from itsm.accounts.models import Location, OwnRole, Role, Team, User
from itsm.accounts.operations.checks import people_keepers_only
from itsm.accounts.operations.passwords import invite
from itsm.accounts.operations.people import add_user, edit_person
from itsm.accounts.operations.teams import add_team, set_member
from itsm.accounts.roster import Line, lines_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, InvalidInput
from itsm.kernel.texts import read_alike
from itsm.locks import taken_back
from itsm.slugs import slug_of

Action = Literal["create", "update", "unchanged", "error"]


@dataclass(slots=True)
class Result:
    """What came, or would come, of one line. `changes`: column -> [before, after], as the file would say it.

    `link`: an invitation to hand over, where no mails leave.
    """

    line: Line
    is_new: bool = False
    changes: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    link: str = ""

    @property
    def action(self) -> Action:
        """What becomes of the line, in the words that a table of services has as well."""
        return "error" if self.wrong else "create" if self.is_new else "update" if self.changes else "unchanged"


@dataclass(frozen=True, slots=True)
class Import:
    """`results` line by line, the teams that are made on the way, and whether it was `kept`."""

    results: list[Result]
    new_teams: list[str]
    kept: bool

    @property
    def is_clean(self) -> bool:
        """No line is wrong."""
        return not self.number("error")

    def number(self, action: Action) -> int:
        """How many lines this action was found for."""
        return sum(one.action == action for one in self.results)

    @property
    def numbers(self) -> dict[str, int]:
        """How many lines of each kind, the kinds that there are."""
        kinds: tuple[Action, ...] = ("create", "update", "unchanged", "error")
        return {kind: self.number(kind) for kind in kinds if self.number(kind)}


class Teams(dict[str, Team]):
    """Teams by slug and by name, however they are spelt."""

    def named(self, names: Iterable[str]) -> list[Team]:
        """These teams; those that there are not are said by `_teams`."""
        return [self[name.casefold()] for name in names if name.casefold() in self]


class _NotKept(Exception):
    """Leaves the transaction so that it is rolled back."""


def import_people(
    text: str, *, actor: Actor, keep: bool, send_invitations: bool = False, create_teams: bool = True
) -> Import:
    """Make and change people as a CSV file says (see `itsm.accounts.roster`), and the teams that it names.

    Only columns that the file has are looked at; nobody is deactivated by not being in it. `send_invitations`: to
    everybody of the file who cannot sign in and was not invited yet. `keep` False, or any line that is wrong: nothing
    is kept. To look (`keep` False) tries each line and takes it back at once, so that it holds nobody's team or account
    up; what two lines only do together (a circle of managers, the last two administrators) is refused when it is kept.
    Raises NotPermitted, InvalidInput (no such file).
    """
    people_keepers_only(actor)
    results = [Result(line, wrong=list(line.wrong)) for line in lines_of(text)]
    bringing = _Bringing(actor, rehearsal=not keep)
    try:
        with transaction.atomic():
            bringing.run(results, create_teams, send_invitations)
            if not keep or any(one.wrong for one in results):
                raise _NotKept
    except _NotKept:
        return Import(results, bringing.new_teams, kept=False)
    return Import(results, bringing.new_teams, kept=True)


class _Bringing:
    """One import under way: first everybody by themselves, then who reports to whom, then the invitations."""

    def __init__(self, actor: Actor, rehearsal: bool) -> None:
        self.actor, self.rehearsal = actor, rehearsal
        self.teams = Teams()
        self.new_teams: list[str] = []

    def run(self, results: list[Result], create_teams: bool, send_invitations: bool) -> None:
        """Every line; what is wrong with one is noted in it."""
        self.teams = _teams(results, self.actor, create_teams, self.new_teams)
        steps = [self._bring_in, self._set_manager]
        for step in steps + [self._invite] * (send_invitations and not self.rehearsal):
            for result in results:
                _tried(result, step)

    def _bring_in(self, result: Result) -> None:
        person = _person(result.line)
        if person is None:
            self._add(result)
        else:
            self._change(result, person)

    def _add(self, result: Result) -> None:
        """Who is new stays until the end of a rehearsal, as somebody's manager; what holds a team does not."""
        line = result.line
        roles = list(line.roles) or [Role.REQUESTER.value]
        teams, leads = self.teams.named(line.teams), self.teams.named(line.leads)
        person = add_user(
            actor=self.actor, username=line.login, roles=roles, name=line.name, email=line.email,
            location=_location(line), time_zone=line.time_zone, own_roles=_own_roles(line),
        )  # fmt: skip
        with taken_back(self.rehearsal):
            for team in dict.fromkeys([*teams, *leads]):
                set_member(team, person, actor=self.actor, lead=team in leads)
        result.is_new = True
        told = {"email": line.email, "roles": ", ".join(roles), "teams": _names(teams), "leads": _names(leads)}
        told["location"], told["own_roles"] = str(person.location or ""), ", ".join(person.own_roles)
        result.changes = {column: ["", said] for column, said in told.items() if said}

    def _change(self, result: Result, person: User) -> None:
        line, fields = result.line, dict[str, Any]()
        for column in {"name", "time_zone"} & line.given:
            fields[column] = getattr(line, column)
        if "roles" in line.given and line.roles:
            fields["roles"] = sorted(set(line.roles))
        if line.own_roles:
            fields["own_roles"] = _own_roles(line)
        if {"teams", "leads"} & line.given:
            fields["memberships"] = _memberships(person, line, self.teams)
        if "email" in line.given and line.email:
            fields["email"] = line.email
        if "location" in line.given:
            fields["location"] = _location(line)
        changes = _differences(person, fields)
        if changes:
            with taken_back(self.rehearsal):
                edit_person(person, actor=self.actor, version=None, version_required=False, **fields)
        result.changes = changes

    def _set_manager(self, result: Result) -> None:
        line = result.line
        if not line.manager:
            return
        person, manager = _person(line), _account(line.manager)
        if manager is None:
            result.wrong.append(gettext("There is no person “%(login)s”.") % {"login": line.manager[:150]})
        elif person is not None and person.manager_id != manager.pk:
            result.changes["manager"] = [str(person.manager or ""), str(manager)]
            with taken_back(self.rehearsal):
                edit_person(person, actor=self.actor, version=None, version_required=False, manager=manager)

    def _invite(self, result: Result) -> None:
        person = _person(result.line)
        if person is not None and person.is_active and not person.may_sign_in and person.invited_at is None:
            result.link = invite(person, actor=self.actor)


def _tried(result: Result, step: Callable[[Result], None]) -> None:
    """What is refused is said beside its line; the other lines are tried all the same."""
    if result.wrong:
        return
    try:
        with transaction.atomic():
            step(result)
    except DomainError as refused:
        result.wrong.append(refused.detail)


def _teams(results: list[Result], actor: Actor, make: bool, new: list[str]) -> Teams:
    found, standing = Teams(), list(Team.objects.all())
    found.update({team.name.casefold(): team for team in standing})
    found.update({team.slug.casefold(): team for team in standing})  # later: a slug is one team's, whoever is called so
    for result in results:
        for name in (*result.line.teams, *result.line.leads):
            if name.casefold() in found:
                continue
            if not make:
                result.wrong.append(gettext("There is no team “%(name)s”.") % {"name": name[:100]})
                continue
            made = None if result.wrong else _made(name, found, actor, result)
            if made is not None:
                found[name.casefold()] = found[made.slug.casefold()] = made
                new.append(made.name)
    return found


def _made(name: str, known: Teams, actor: Actor, result: Result) -> Team | None:
    slug = slug_of(name)[:60].strip("-") or "team"
    number = 1
    while (f"{slug}-{number}" if number > 1 else slug) in known:
        number += 1
    try:
        with transaction.atomic():
            return add_team(actor=actor, slug=f"{slug}-{number}" if number > 1 else slug, name=name)
    except DomainError as refused:
        result.wrong.append(refused.detail)
        return None


def _location(line: Line) -> Location | None:
    """By slug or by name; None where the cell is empty. InvalidInput where there is no such place, or there are two."""
    if not line.location:
        return None
    found = list(Location.objects.filter(Q(slug__iexact=line.location) | Q(name__iexact=line.location))[:2])
    if len(found) != 1:
        sentence = (
            gettext("There are two locations “%(name)s”.") if found else gettext("There is no location “%(name)s”.")
        )
        raise InvalidInput(sentence % {"name": line.location[:100]})
    return found[0]


def _own_roles(line: Line) -> list[str]:
    """The slugs of own roles, each said by its slug or, where it is none's, by its name; what is neither stays as it
    is, to be refused."""
    if not line.own_roles:
        return []
    standing = OwnRole.objects.standing().values_list("name_key", "slug")
    known = dict(standing) | {read_alike(slug): slug for _name, slug in standing}
    return sorted({known.get(read_alike(one), one[:63]) for one in line.own_roles})


def _account(said: str) -> User | None:
    """By user name, or by the address that mails go to."""
    people = User.objects.select_related("manager")
    return people.filter(username__iexact=said).first() or people.filter(email__iexact=said).exclude(email="").first()


def _person(line: Line) -> User | None:
    """Who the line is about; where it names no login, whose address it is."""
    by_address = _account(line.email) if line.email and not line.names_login else None
    return by_address or User.objects.select_related("manager").filter(username__iexact=line.login).first()


def _memberships(person: User, line: Line, teams: Teams) -> dict[Team, bool]:
    """What the file says of teams; of what it has no column for, what stands."""
    stand = {one.team: one.lead for one in person.memberships.select_related("team")}
    leads = set(teams.named(line.leads)) if "leads" in line.given else {team for team, lead in stand.items() if lead}
    members = set(teams.named(line.teams)) if "teams" in line.given else set(stand)
    named = members | (leads if "leads" in line.given else set())
    return {team: team in leads for team in named}


def _differences(person: User, fields: dict[str, Any]) -> dict[str, list[str]]:
    """Column -> [before, after] of what the file would change."""
    stands = {"name": person.name, "time_zone": person.time_zone, "email": person.email}
    pairs = {column: [stands[column], str(fields[column])] for column in stands if column in fields}
    if "location" in fields:
        pairs["location"] = [str(person.location or ""), str(fields["location"] or "")]
    if "roles" in fields:
        pairs["roles"] = [", ".join(sorted(person.roles)), ", ".join(fields["roles"])]
    if "own_roles" in fields:
        pairs["own_roles"] = [", ".join(sorted(person.own_roles)), ", ".join(fields["own_roles"])]
    if "memberships" in fields:
        before, after = {one.team: one.lead for one in person.memberships.select_related("team")}, fields["memberships"]
        pairs["teams"] = [_names(before), _names(after)]
        pairs["leads"] = [_names(team for team, lead in each.items() if lead) for each in (before, after)]
    return {
        column: pair
        for column, pair in pairs.items()
        if (pair[0].casefold() != pair[1].casefold() if column == "email" else pair[0] != pair[1])
    }


def _names(teams: Iterable[Team]) -> str:
    return ", ".join(sorted(team.name for team in teams))
