"""Bringing services in from a table: all rows or none. The same file again does nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext

from catalog.service_import.formats import Dependence, ServiceRow, read_services
from catalog.services import permissions
from catalog.services.models import Service
from catalog.services.operations import Reliance, create_service, edit_service
from catalog.services.queries import dependencies_of
from catalog.services.vocabulary import Tier
from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.locks import taken_back
from itsm.slugs import slug_of

Action = Literal["create", "update", "unchanged", "waits", "error"]
MAX_PROBLEMS = 200


@dataclass(slots=True)
class Planned:
    """What becomes of one row. `changes`: field -> [before, after], as people read it."""

    line: int
    slug: str
    name: str
    action: Action
    changes: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """`written`: false after a problem anywhere, and where it was only to be seen what would happen."""

    rows: list[Planned]
    problems: list[str]
    new_teams: list[str]
    written: bool = False

    @property
    def is_clean(self) -> bool:
        """Nothing is wrong with the table or any of its rows."""
        return not self.problems and not any(row.problems for row in self.rows)

    def number(self, action: str) -> int:
        """How many rows this action was found for."""
        return sum(row.action == action for row in self.rows)

    @property
    def numbers(self) -> dict[str, int]:
        """How many rows of each kind, the kinds that there are."""
        kinds = ("create", "update", "waits", "unchanged", "error")
        return {kind: self.number(kind) for kind in kinds if self.number(kind)}


class _Undo(Exception):
    """Takes back what was done to find out what would be."""


def import_services(
    content: bytes | str, *, actor: Actor, dry_run: bool = False, create_teams: bool = False
) -> ImportPlan:
    """Make services be as the table says; an absent column or an empty cell leaves a value as it is.

    `create_teams`: teams that are not there yet are made from their names (an administrator's right). Services that the
    table does not name stay as they are. Raises NotPermitted for who may not add services; everything else is said by
    line. A lower tier, or fewer dependencies, waits for a second person, as by hand. `dry_run` tries each line and
    takes it back at once, so that looking holds up nobody who works with these services or teams.
    """
    table = read_services(content)
    return import_rows(table.rows, table.problems, actor=actor, dry_run=dry_run, create_teams=create_teams)


def import_rows(
    rows: Sequence[ServiceRow],
    problems: Sequence[str] = (),
    *,
    actor: Actor,
    dry_run: bool = False,
    create_teams: bool = False,
) -> ImportPlan:
    """The same for rows that were read already, with what was wrong with the whole of them. Raises NotPermitted."""
    if not permissions.service_authors(actor):
        raise NotPermitted(gettext("%(actor_name)s may not add services.") % {"actor_name": actor.name})
    importing = _Importing(actor, create_teams, dry_run)
    plan = ImportPlan([], list(problems), [])
    try:
        with transaction.atomic():
            plan = ImportPlan(importing.run(rows), list(problems), importing.new_teams, written=True)
            if dry_run or not plan.is_clean:
                raise _Undo
    except _Undo:
        plan = ImportPlan(plan.rows, plan.problems, plan.new_teams)
    return plan


class _Importing:
    """One import under way: first every service by itself, then the arrows between them."""

    def __init__(self, actor: Actor, create_teams: bool, rehearsal: bool) -> None:
        self.actor, self.create_teams, self.rehearsal = actor, create_teams, rehearsal
        self.teams: dict[str, Team] = {}
        for team in Team.objects.all():
            self.teams |= {team.slug: team, team.name.lower(): team}
        self.services = {one.slug: one for one in Service.objects.visible_to(actor).select_related("team", "owner")}
        self.new_teams: list[str] = []
        self.named: set[str] = set()  # by this table: not unknown, whatever is wrong with their own rows

    def run(self, rows: Sequence[ServiceRow]) -> list[Planned]:
        self.named = {word for row in rows for word in (row.slug, row.name.lower())}
        planned = [self._one(row) for row in rows]
        for row, plan in zip(rows, planned, strict=True):
            if row.depends_on is not None:
                self._rewire(row, plan)
        for plan in planned:
            if plan.problems:
                plan.action = "error"
        return planned

    def _one(self, row: ServiceRow) -> Planned:
        known = self.services.get(row.slug)
        plan = Planned(row.line, row.slug, row.name, "unchanged" if known else "create", problems=list(row.problems))
        wanted = self._wanted(row, plan)
        if plan.problems:
            return plan
        try:
            with transaction.atomic():
                if known is None:
                    self._create(row, wanted, plan)
                else:
                    self._update(known, wanted, plan)
        except DomainError as refused:
            plan.problems.append(refused.detail)
        return plan

    def _wanted(self, row: ServiceRow, plan: Planned) -> dict[str, Any]:
        wanted: dict[str, Any] = {"name": row.name}
        wanted |= {key: value for key in ("tier", "description") if (value := getattr(row, key)) is not None}
        if row.team is not None:
            wanted["team"] = self._team(row.team, plan)
        if row.owner is not None:
            wanted["owner"] = self._owner(row.owner, plan)
        return wanted

    def _team(self, said: str, plan: Planned) -> Team | None:
        team = self.teams.get(said.lower())
        if team is None and self.create_teams:
            try:
                with transaction.atomic():
                    team = accounts.add_team(actor=self.actor, slug=slug_of(said), name=said)
            except DomainError as refused:
                plan.problems.append(refused.detail)
                return None
            self.teams |= {team.slug: team, team.name.lower(): team}
            self.new_teams.append(team.name)
        if team is None:
            plan.problems.append(_unknown(gettext("There is no team “%(said)s”."), said, self.teams))
        return team

    def _owner(self, said: str, plan: Planned) -> User | None:
        people = User.objects.active_people()
        found = people.filter(username__iexact=said).first() or people.filter(email__iexact=said).first()
        if found is None:
            known = people.values_list("username", flat=True)[:5_000]
            plan.problems.append(_unknown(gettext("There is no person “%(said)s”."), said, dict.fromkeys(known)))
        return found

    def _create(self, row: ServiceRow, wanted: dict[str, Any], plan: Planned) -> None:
        said = {"tier": Tier.SUPPORTING.value} | wanted
        if self.rehearsal:  # what is new stays until the end, as what others depend on; what holds its team does not
            with taken_back(self.rehearsal):
                accounts.require_standing(said.pop("team", None))
        self.services[row.slug] = create_service(actor=self.actor, slug=row.slug, **said)
        plan.changes = {key: ["", str(value)] for key, value in wanted.items() if key != "name" and value is not None}

    def _update(self, known: Service, wanted: dict[str, Any], plan: Planned) -> None:
        changed = {key: value for key, value in wanted.items() if getattr(known, key) != value}
        if not changed:
            return
        plan.changes = {key: [str(getattr(known, key) or ""), str(value or "")] for key, value in changed.items()}
        with taken_back(self.rehearsal):
            kept = edit_service(known, actor=self.actor, version=known.version, **changed)
        plan.action = "waits" if kept.awaits is not None else "update"
        if not self.rehearsal:
            self.services[known.slug] = Service.objects.select_related("team", "owner").get(pk=known.pk)

    def _rewire(self, row: ServiceRow, plan: Planned) -> None:
        depends_on = [found for one in row.depends_on or () if (found := self._reliance(one, plan)) is not None]
        if plan.problems or plan.action == "waits":
            return
        service = self.services[row.slug]
        before, after = _arrows(service), {(one.pk, each["needs"]) for each in depends_on for one in each["any_of"]}
        if before == after:
            return
        stood = sorted(one.on_slug for one in dependencies_of([service.pk])[service.pk])
        try:
            with taken_back(self.rehearsal):
                kept = edit_service(service, actor=self.actor, version=service.version, depends_on=depends_on)
        except DomainError as refused:
            plan.problems.append(refused.detail)
            return
        names = sorted(one.slug for each in depends_on for one in each["any_of"])
        plan.changes["depends_on"] = [", ".join(stood), ", ".join(names)]
        if kept.awaits is not None:
            plan.action = "waits"
        elif plan.action == "unchanged":
            plan.action = "update"
        if not self.rehearsal:
            self.services[row.slug] = kept

    def _reliance(self, said: Dependence, plan: Planned) -> Reliance | None:
        by_name = {one.name.lower(): one for one in self.services.values()}
        found = []
        for word in said.any_of:
            service = self.services.get(word.lower()) or by_name.get(word.lower())
            if service is None and word.lower() not in self.named:
                plan.problems.append(_unknown(gettext("There is no service “%(said)s”."), word, self.services))
            elif service is not None:
                found.append(service)
        return Reliance(any_of=found, needs=said.needs) if len(found) == len(said.any_of) else None


def _arrows(service: Service) -> set[tuple[int, int]]:
    return {(one.on_id, one.needs) for one in dependencies_of([service.pk])[service.pk]}


def _unknown(sentence: str, said: str, known: Mapping[str, object]) -> str:
    """The sentence, and what was perhaps meant."""
    near = get_close_matches(said.lower(), list(known), n=1, cutoff=0.6)
    meant = " " + gettext("Did you mean %(near)s?") % {"near": near[0]} if near else ""
    return sentence % {"said": said[:80]} + meant
