"""Capacity as evidence of a change: what its service runs on, whose word it is, and people where the policy asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from catalog.capacity import operations as capacity
from catalog.capacity.operations import Sent
from catalog.models import CI, Measure, Service
from catalog.reconciliation.operations.merging import merge_into
from catalog.services import operations as services
from changes.change.operations.people_decide import decide_by_person
from changes.gate.limits import CapacityRule
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import Change, Evaluation
from changes.policies import operations as policies
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Held
from tests.changes.scene import asked
from tests.factories.catalog import KEEPER, an_item, joined
from tests.factories.changes import a_measured_service, a_model, ask, start

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CLEAR, NEAR = 10_000.0, 100.0  # limits: never met, and met in some weeks


def watched(of: CI | Service, limit: float = CLEAR, *, by: Actor = KEEPER, name: str = "Disk used") -> Measure:
    """Sixty days of a measure that grows by half a unit a day, 79.5 yesterday, forecast just now."""
    now = timezone.now()
    measure = capacity.add_measure(actor=KEEPER, ci=CI.objects.get(pk=of.pk), name=name, limit=limit)
    points = [Sent(now - DAY * (day + 1), 79.5 - day / 2) for day in range(60)]
    capacity.take_points(measure, points, actor=by, at=now)
    capacity.forecast_measure(measure, actor=KEEPER, at=now)
    return measure


def forecasts(evaluation: Evaluation) -> list[dict[str, Any]]:
    assert evaluation.decision is not None
    found: list[dict[str, Any]] = evaluation.decision.evidence["capacity"]["value"]["forecasts"]
    return found


def reasons(evaluation: Evaluation) -> list[tuple[str, str]]:
    assert evaluation.decision is not None
    said = evaluation.decision.verdict["reasons"]
    return [(one["code"], one["values"].get("because", "")) for one in said if one["code"].startswith("capacity_")]


@pytest.fixture
def host() -> CI:
    return an_item("physical_server", name="esx-4")


@pytest.fixture
def service(host: CI, owning: Actor) -> Service:
    """Standard deployments of it are approved; it runs on vm-1, that on esx-4; beside it rests on another service."""
    now = timezone.now()
    made = a_measured_service(at=now, team=Team.objects.create(slug="shop-team", name="Shop"))
    a_model(made, owning, at=now)
    machine = an_item(name="vm-1")
    joined(made, machine, "runs_on")
    joined(machine, host, "runs_on")
    other = a_measured_service(at=now)
    services.edit_service(made, actor=KEEPER, version=made.version, depends_on=[{"any_of": [other], "needs": 1}])
    made.refresh_from_db()
    joined(other, an_item(name="elsewhere"), "runs_on")
    return made


@pytest.fixture
def asks_people(manager: User, person: Callable[..., User]) -> None:
    """A policy that asks the board about capacity rules."""
    now, second = timezone.now(), person("manager", username="second")
    content = policy_to_json(replace(default_policy(version=2), capacity=CapacityRule()))
    version = policies.propose(content, actor=actor_for(manager, Door.API), at=now)
    shown = replace(actor_for(second, Door.API), proved_at=timezone.now())  # who they are, just now
    policies.decide(version, actor=shown, decision="approve", comment="", at=now)


def ask_now(service: Service, asker: Actor, **said: Any) -> Evaluation:
    return ask(service, asker, timezone.now(), change_class="standard", **said)


def test_what_a_service_runs_on_is_evidence_and_as_shipped_asks_for_nobody(
    service: Service, host: CI, asker: Actor, engineer: User, api: Callable[[User], Any], web: Callable[[User], Client]
) -> None:
    measure = watched(host, NEAR)
    watched(service, name="Seats taken")
    watched(CI.objects.get(name="elsewhere"), name="Not its own")
    evaluation = ask_now(service, asker)
    assert (evaluation.outcome, reasons(evaluation)) == ("approved", [])
    found = forecasts(evaluation)
    assert [(one["item"], one["measure"]) for one in found] == [
        (host.reference, measure.slug), (service.slug, "seats-taken"),
    ]  # fmt: skip
    assert found[0]["soonest"] <= found[0]["likely"] <= found[0]["latest"]
    assert found[1]["soonest"] is None
    told = api(engineer).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()["capacity"]
    assert [(one["item"], one["soonest"] is None) for one in told] == [(host.reference, False), (service.slug, True)]
    page = web(engineer).get(evaluation.change.get_absolute_url()).content.decode()
    assert f"{measure.slug} of esx-4 may meet its limit from " in page
    said = StringIO()
    call_command("replay_decisions", stdout=said)
    assert '"different": []' in said.getvalue()


def test_without_measures_evidence_says_nothing_of_them(
    service: Service, asker: Actor, engineer: User, api: Callable[[User], Any]
) -> None:
    evaluation = ask_now(service, asker)
    assert evaluation.decision is not None
    assert "capacity" not in evaluation.decision.evidence
    assert api(engineer).get(f"/api/v1/gate-evaluations/{evaluation.pk}/").json()["capacity"] == []


@pytest.mark.usefixtures("asks_people")
def test_a_change_on_or_after_the_soonest_day_goes_to_the_board(service: Service, host: CI, asker: Actor) -> None:
    watched(host, NEAR)
    now = timezone.now()
    assert ask_now(service, asker).outcome == "approved"
    late = ask_now(service, asker, window=(now + 60 * DAY, now + 61 * DAY))
    assert (late.outcome, reasons(late)) == ("cab", [("capacity_runs_out", "")])


@pytest.mark.usefixtures("asks_people")
def test_a_named_items_capacity_counts_too(service: Service, asker: Actor) -> None:
    watched(service)
    item = an_item(name="archive")
    watched(item, 80.0)
    evaluation = ask_now(service, asker, items=(item.pk,))
    assert (evaluation.outcome, reasons(evaluation)) == ("cab", [("capacity_runs_out", "")])


@pytest.mark.usefixtures("asks_people")
def test_what_is_measured_of_an_item_that_lives_on_in_another_counts_there(
    service: Service, host: CI, asker: Actor, engineer: User, web: Callable[[User], Client]
) -> None:
    watched(host)
    double = an_item("physical_server", name="esx-04")
    watched(double, 80.0, name="Disk of the double")
    merge_into(double.pk, host.pk, actor=KEEPER, at=timezone.now())
    evaluation = ask_now(service, asker)
    assert (evaluation.outcome, reasons(evaluation)) == ("cab", [("capacity_runs_out", "")])
    assert [one["item"] for one in forecasts(evaluation)] == [host.reference, host.reference]
    part = web(engineer).get(f"/measures/service/{service.slug}/").content.decode()
    assert "Disk of the double" in part


@pytest.mark.usefixtures("asks_people")
def test_nothing_measured_leads_to_people(service: Service, asker: Actor) -> None:
    assert reasons(ask_now(service, asker)) == [("capacity_unknown", "missing")]


@pytest.mark.usefixtures("asks_people")
def test_who_wants_the_change_makes_no_forecast_kinder(
    service: Service, host: CI, asker: Actor, pipeline: User, engineer: User
) -> None:
    """One value of sixty is enough; a colleague's are anybody's."""
    measure, now = watched(host, by=replace(KEEPER, id=engineer.pk)), timezone.now()
    assert ask_now(service, asker).outcome == "approved"
    capacity.take_points(measure, [Sent(now - 2 * DAY, 79.0)], actor=replace(KEEPER, id=pipeline.owner_id), at=now)
    capacity.forecast_measure(measure, actor=KEEPER, at=now)
    evaluation = ask_now(service, asker)
    assert (evaluation.outcome, reasons(evaluation)) == ("cab", [("capacity_unusable", "sent_by_asker")])


@pytest.mark.usefixtures("asks_people")
def test_neither_does_a_program_of_the_owner_team_nor_who_sets_the_limit_or_stops_watching(
    service: Service, host: CI, asker: Actor, pipeline: User, engineer: User
) -> None:
    exporter = User.objects.create(username="exporter", account_type="service", owner=engineer, roles=["engineer"])
    assert service.team is not None
    Membership.objects.create(user=exporter, team=service.team)
    watched(service, by=replace(KEEPER, id=exporter.pk), name="Seats taken")
    assert reasons(ask_now(service, asker)) == [("capacity_unusable", "sent_by_team")]
    Measure.objects.all().delete()
    measure, now, theirs = watched(host, NEAR), timezone.now(), replace(KEEPER, id=pipeline.owner_id)
    measure = capacity.edit_measure(measure, actor=theirs, version=measure.version, limit=CLEAR)
    assert reasons(ask_now(service, asker)) == [("capacity_unusable", "never_forecast")]
    capacity.forecast_measure(measure, actor=KEEPER, at=now)
    assert reasons(ask_now(service, asker)) == [("capacity_unusable", "sent_by_asker")]
    capacity.retire_measure(measure, actor=theirs, version=measure.version, at=now)
    assert reasons(ask_now(service, asker)) == [("capacity_unusable", "retired_by_asker")]


@pytest.mark.usefixtures("asks_people")
def test_points_that_stop_coming_lead_to_people(service: Service, host: CI, asker: Actor) -> None:
    measure = watched(host)
    later = timezone.now() + 4 * DAY
    capacity.forecast_measure(measure, actor=KEEPER, at=later)  # each night, of the same points
    measure.forecasts.update(made_at=timezone.now())
    assert ask_now(service, asker).outcome == "approved"
    measure.forecasts.update(measured_until=timezone.now() - 3 * DAY)
    assert reasons(ask_now(service, asker)) == [("capacity_unusable", "stale")]


def test_a_confidential_items_forecast_is_not_named(service: Service, asker: Actor) -> None:
    vault = an_item(name="vault", confidential=True)
    joined(service, vault, "runs_on")
    watched(vault, NEAR, name="Vault used")
    found = forecasts(ask_now(service, asker))
    assert [(one["item"], one["measure"]) for one in found] == [("...", "...")]


@pytest.mark.usefixtures("asks_people")
def test_a_limit_that_comes_near_after_people_approved_holds_the_start(
    service: Service, host: CI, engineer: User, approver: User, as_actor: Callable[[User], Actor]
) -> None:
    measure, now = watched(host), timezone.now()
    change = asked(service, engineer).change
    decide_by_person(change, actor=as_actor(approver), decision="approve", comment="", at=now)
    measure.forecasts.update(soonest=now - DAY)
    with pytest.raises(Held, match="may meet its limit from"):
        start(Change.objects.get(pk=change.pk), as_actor(engineer), now + timedelta(minutes=1))


def test_so_much_is_read_and_no_more(service: Service, host: CI, asker: Actor) -> None:
    for number in range(22):
        capacity.add_measure(actor=KEEPER, ci=host, name=f"Disk {number}", limit=1.0)
    evaluation = ask_now(service, asker)
    assert len(forecasts(evaluation)) == 20
    assert evaluation.decision is not None
    assert evaluation.decision.evidence["capacity"]["value"]["truncated"] is True
