"""Founding the company: people, services, change models, objectives and the measurements behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from catalog.services import operations as catalog
from catalog.services.operations import Reliance
from changes.change.operations import attesting
from changes.change_models import operations as change_models
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.demo_logins import DEMO_PASSWORD
from itsm.accounts.models import Location, Team, User
from itsm.approvals import delegating
from itsm.home.demo.company import FOUNDER, PEOPLE, PLACES, SEATS, SERVICES, TEAMS, Run
from itsm.home.demo.measuring import LIVED, record_past
from itsm.home.demo.objectives import DEMO_OBJECTIVES
from itsm.kernel.actors import Actor, Door
from slo.measuring import operations as slo
from slo.objectives import operations as objectives_operations

if TYPE_CHECKING:
    from catalog.models import Service


@dataclass(frozen=True, slots=True)
class Company:
    """Who acts and what there is, by name."""

    people: Mapping[str, User]
    actors: Mapping[str, Actor]
    services: "Mapping[str, Service]"


def people() -> tuple[dict[str, User], dict[str, Actor]]:
    """Teams and log-ins; the people act through the browser, the programs through the API."""
    teams = {slug: accounts.add_team(actor=FOUNDER, slug=slug, name=name) for slug, name in TEAMS.items()}
    users: dict[str, User] = {}
    places = _places()
    for one in PEOPLE:
        users[one.username] = accounts.add_user(
            actor=FOUNDER,
            username=one.username,
            name=one.name,
            roles=[one.role],
            teams=[teams[slug] for slug in one.teams],
            password=DEMO_PASSWORD if one.account_type == "human" else None,
            account_type=one.account_type,
            owner=users.get(one.owner),
            location=places.get(SEATS.get(one.username, "")),
        )
    doors = {True: Door.WEB, False: Door.API}
    return users, {name: actor_for(user, doors[user.is_human]) for name, user in users.items()}


def _places() -> dict[str, Location]:
    """Where people sit: two floors of a house, and a branch in another zone."""
    made: dict[str, Location] = {}
    for slug, name, parent, zone in PLACES:
        made[slug] = accounts.add_location(
            actor=FOUNDER, slug=slug, name=name, parent=made.get(parent), time_zone=zone
        )  # fmt: skip
    return made


def services(owner: Actor, engineer: Actor, at: datetime) -> "dict[str, Service]":
    """The services with what they depend on; of most, deployments are standard changes."""
    made: dict[str, Service] = {}
    teams = {team.slug: team for team in Team.objects.filter(slug__in=TEAMS)}
    for run in SERVICES:
        made[run.slug] = catalog.create_service(
            actor=owner,
            slug=run.slug,
            name=run.name,
            tier=run.tier,
            team=teams[run.team],
            description=run.about,
            service_type="business" if run.asked_for else "technical",
            audience=[run.seen_by],
            depends_on=_reliances(run, made),
        )
        _believe_the_code_host(made[run.slug], owner, at)
        if run.standard:
            since = at - timedelta(days=60)
            model = change_models.propose_model(
                actor=engineer, service=made[run.slug], slug=f"{run.slug}-deployment", at=since, progressive=True,
                rollback_tested=run.tier == 1,
            )  # fmt: skip
            change_models.approve_proposed(model, actor=owner, version=model.version, at=since)
    return made


def delegates(company: Company, at: datetime) -> None:
    """The approver is away soon; somebody without a share in what waits decides in their place then."""
    delegating.delegate(
        actor=company.actors["approver"],
        delegate=company.people["manager"],
        starts_at=at + timedelta(days=6),
        ends_at=at + timedelta(days=20),
        scope="change",
        at=at,
    )


def _believe_the_code_host(service: "Service", owner: Actor, at: datetime) -> None:
    """Reviews are seen by the code host, and scans run there: its word about them counts."""
    code_host = User.objects.get(username="code-host")
    for about in ("peer_review", "scans"):
        attesting.name_attestor(
            actor=owner, service=service, about=about, account=code_host, at=at - timedelta(days=60)
        )


def _reliances(run: Run, made: "Mapping[str, Service]") -> list[Reliance]:
    plain: list[Reliance] = [{"any_of": [made[slug]], "needs": 1} for slug in run.on]
    return [*plain, {"any_of": [made[slug] for slug in run.any_of], "needs": 1}] if run.any_of else plain


def promises(company: Company, *, at: datetime) -> int:
    """Indicators, their past, objectives set on the company's first day. Returns the number of minutes measured."""
    measured = 0
    for promise in DEMO_OBJECTIVES:
        indicator = slo.create_indicator(
            actor=company.actors["monitoring"], slug=promise.indicator, name=promise.name, source="push"
        )
        measured += record_past(indicator, promise, at=at)
        objectives_operations.create_objective(
            actor=company.actors["engineer"],
            at=at - LIVED,
            slug=promise.slug,
            name=promise.name,
            service=company.services[promise.service],
            indicator=indicator,
            target=Decimal(promise.target),
            window_days=promise.window_days,
        )
    return measured
