"""Founding a company from a file: all of it or nothing; the same file again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext

from catalog.environments import operations as environments
from catalog.environments.queries import environment_called
from catalog.service_import.operations import ImportPlan, import_rows, import_services
from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.setup.company import CompanyFile, Entry
from slo.measuring import operations as slo
from slo.measuring.queries import sources
from slo.openslo import operations as openslo_operations

Action = Literal["created", "updated", "unchanged", "waits", "differs", "retired"]


@dataclass(frozen=True, slots=True)
class Deed:
    """What becomes of one thing. `differs`: it is there, says something else, and is changed on its own page."""

    action: Action
    kind: str
    name: str
    details: str = ""


@dataclass(slots=True)
class Founding:
    """`written` is false after a problem anywhere, and where it was only to be seen what would happen."""

    deeds: list[Deed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    written: bool = False


class _Undo(Exception):
    """Takes back what was done to find out what would be."""


def found(
    company: CompanyFile,
    *,
    actor: Actor,
    at: datetime,
    services_csv: bytes = b"",
    slo_files: Mapping[str, bytes] | None = None,
    dry_run: bool = False,
) -> Founding:
    """Make the desk be as the file says. `slo_files`: name -> content of the OpenSLO files that it names.

    Nothing that the file does not name is touched, and nobody gets a password by it. Raises NotPermitted for others
    than administrators and the operator's command; everything else is a problem with its place.
    """
    if not administrators(actor):
        raise NotPermitted(gettext("%(actor_name)s may not found a company.") % {"actor_name": actor.name})
    founding = Founding(problems=list(company.problems))
    if founding.problems:
        return founding
    try:
        with transaction.atomic():
            _Founder(actor, at, founding).run(company, services_csv, slo_files or {})
            if dry_run or founding.problems:
                raise _Undo
            founding.written = True
    except _Undo:
        pass
    return founding


class _Founder:
    """One founding under way, in the order in which things need each other."""

    def __init__(self, actor: Actor, at: datetime, founding: Founding) -> None:
        self.actor, self.at, self.founding = actor, at, founding

    def run(self, company: CompanyFile, services_csv: bytes, slo_files: Mapping[str, bytes]) -> None:
        for kind, entries, do in (
            ("teams", company.teams, self._team),
            ("environments", company.environments, self._environment),
            ("people", company.people, self._person),
        ):
            for number, entry in enumerate(entries):
                self._do(f"{kind}[{number}]", do, entry)
        if company.services:
            self._services("services[%d]", import_rows(company.services, actor=self.actor))
        if services_csv:
            self._services("services_csv line %d", import_services(services_csv, actor=self.actor))
        for number, entry in enumerate(company.sources):
            self._do(f"sources[{number}]", self._source, entry)
        if slo_files and not self.founding.problems:
            self._objectives(slo_files)

    def _do(self, place: str, do: Any, entry: Entry) -> None:
        """One thing by itself, so that everything wrong is said at once."""
        try:
            with transaction.atomic():
                self.founding.deeds.append(do(entry))
        except DomainError as refused:
            self.founding.problems.append(f"{place}: {refused.detail}")

    def _team(self, entry: Entry) -> Deed:
        slug, name = entry["slug"], entry.get("name") or entry["slug"]
        known = Team.objects.filter(slug=slug).first()
        if known is None:
            accounts.add_team(actor=self.actor, slug=slug, name=name)
            return Deed("created", "team", slug)
        return _compared("team", slug, {"name": (known.name, name)})

    def _environment(self, entry: Entry) -> Deed:
        name = entry.get("name", "").lower()
        wanted: dict[str, Any] = {}
        if "production" in entry:
            wanted["is_production"] = entry["production"]
        wanted |= {key: entry[key] for key in ("aliases", "description") if key in entry}
        known = environment_called(name)
        if known is None:
            made = environments.create_environment(actor=self.actor, name=name, **wanted)
            return Deed("waits" if made.awaits else "created", "environment", name)
        stands = {"aliases": known.aliases, "is_production": known.is_production, "description": known.description}
        if "aliases" in wanted:
            wanted["aliases"] = sorted({*wanted["aliases"]} - {known.name})
        changed = {key: value for key, value in wanted.items() if stands[key] != value}
        if not changed:
            return Deed("unchanged", "environment", known.name)
        kept = environments.edit_environment(known, actor=self.actor, version=known.version, **changed)
        return Deed("waits" if kept.awaits else "updated", "environment", known.name, ", ".join(sorted(changed)))

    def _person(self, entry: Entry) -> Deed:
        login, roles = entry.get("login", ""), sorted(set(entry.get("roles") or ["requester"]))
        slugs = entry.get("teams", [])
        teams = list(Team.objects.filter(slug__in=slugs))
        missing = sorted(set(slugs) - {team.slug for team in teams})
        if missing:
            raise DomainError(gettext("There is no team %(slugs)s.") % {"slugs": ", ".join(missing)})
        known = User.objects.filter(username__iexact=login).first()
        if known is None:
            accounts.add_user(
                actor=self.actor, username=login, roles=roles, name=entry.get("name", ""),
                email=entry.get("email", ""), teams=teams,
            )  # fmt: skip
            return Deed("created", "person", login, ", ".join(roles))
        mine = set(known.teams.values_list("slug", flat=True))
        pairs: dict[str, tuple[Any, Any]] = {"roles": (sorted(known.roles), roles)}
        for key in {"name", "email"} & set(entry):
            pairs[key] = (getattr(known, key), entry[key])
        if "teams" in entry:
            pairs["teams"] = (sorted(mine), sorted(slugs))
        return _compared("person", known.username, pairs)

    def _services(self, place: str, plan: ImportPlan) -> None:
        self.founding.problems += plan.problems
        actions: dict[str, Action] = {
            "create": "created", "update": "updated", "unchanged": "unchanged", "waits": "waits", "error": "unchanged",
        }  # fmt: skip
        for row in plan.rows:
            self.founding.problems += [f"{place % row.line} ({row.slug}): {problem}" for problem in row.problems]
            changes = row.changes.items() if row.action == "update" else ()
            details = ", ".join(f"{name}: {before} → {after}" for name, (before, after) in changes)
            self.founding.deeds.append(Deed(actions[row.action], "service", row.slug, details))

    def _source(self, entry: Entry) -> Deed:
        slug = entry.get("slug", "")
        given = ("name", "auth", "credential", "username", "authority")
        fields: dict[str, Any] = {key: entry[key] for key in given if key in entry}
        known = sources(self.actor).filter(slug=slug).first()
        if known is None:
            slo.create_source(actor=self.actor, slug=slug, url=entry.get("url", ""), **fields)
            return Deed("created", "source", slug)
        wanted: dict[str, Any] = {"url": entry.get("url", "").rstrip("/"), **fields}
        changed = {key: value for key, value in wanted.items() if getattr(known, key).rstrip("/") != value}
        if not changed:
            return Deed("unchanged", "source", slug)
        kept = slo.edit_source(known, actor=self.actor, version=known.version, **changed)
        return Deed("waits" if kept.awaits else "updated", "source", slug, ", ".join(sorted(changed)))

    def _objectives(self, files: Mapping[str, bytes]) -> None:
        outcome = openslo_operations.apply(files, actor=self.actor, at=self.at, mode="lenient")
        self.founding.problems += [f"{one.document} {one.path}: {one.message}" for one in outcome.first_errors]
        actions: dict[str, Action] = {"pruned": "retired"}
        for one in outcome.changes:
            if one.kind != "indicator":
                action: Any = actions.get(one.action, one.action)
                self.founding.deeds.append(Deed(action, one.kind.replace("_", " "), one.slug))


def _compared(kind: str, name: str, pairs: Mapping[str, tuple[Any, Any]]) -> Deed:
    """What is there already: the same, or something that is changed on its own page."""
    different = sorted(key for key, (stands, wanted) in pairs.items() if stands != wanted)
    return Deed("differs", kind, name, ", ".join(different)) if different else Deed("unchanged", kind, name)
