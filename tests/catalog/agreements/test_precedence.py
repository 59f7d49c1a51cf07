"""Which agreement holds: an offering beats a service beats a tier; validity; what stands behind; what was achieved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.agreements import operations, queries
from catalog.agreements.models import Agreement
from catalog.agreements.queries import Subject
from catalog.agreements.queries.achieved import Achieved
from catalog.agreements.queries.achieved import achieved as measured_for
from catalog.services.models import Service
from incidents.incident import operations as incidents
from incidents.models import Incident
from incidents.sla.queries import clocks_of
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput
from slo.models import Budget
from tests.factories.slo import T0, a_service, an_indicator, an_objective, measured, steady

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def make() -> Callable[..., Agreement]:
    def agreement(name: str, **said: Any) -> Agreement:
        return operations.create_agreement(actor=SYSTEM, at=AT, name=name, **{"targets": {"resolve": 240}, **said})

    return agreement


@pytest.fixture
def printing() -> Service:
    return a_service(slug="printing", tier=2)


def held(subject: Subject, at: datetime = AT) -> str | None:
    """What holds, which is what asking why says too."""
    found = queries.matching(subject, at)
    assert [one for one, words in queries.trace(subject, at) if not words] == ([found] if found else [])
    return found.name if found else None


def test_an_offering_beats_a_service_beats_a_tier_whatever_their_places(make: Any, printing: Service) -> None:
    colour = operations.create_offering(actor=SYSTEM, service=printing, name="Colour")
    make("all", position=1)
    assert held(queries.subject(service=printing, offering=colour)) == "all"
    make("tier", position=2, tier=2)
    assert held(queries.subject(service=printing, offering=colour)) == "tier"
    make("service", position=300, service=printing)
    assert held(queries.subject(service=printing, offering=colour)) == "service"
    make("offering", position=900, offering=colour, priority=1)
    assert held(queries.subject(offering=colour, priority=1)) == "offering"
    assert held(queries.subject(offering=colour, priority=2)) == "service"
    assert held(queries.subject(service=printing, priority=1)) == "service"
    named = make("named", position=950)
    make("tier again", position=0, tier=2)
    assert held(queries.subject(service=printing, priority=1)) == "service"
    colour = operations.edit_offering(colour, actor=SYSTEM, version=1, agreement=named)
    assert held(queries.subject(offering=colour, priority=2)) == "named"
    assert held(queries.subject(offering=colour, priority=1)) == "offering"


def test_an_offering_is_of_its_service_and_an_agreement_for_one_of_the_two(make: Any, printing: Service) -> None:
    colour = operations.create_offering(actor=SYSTEM, service=printing, name="Colour")
    with pytest.raises(InvalidInput):
        queries.subject(service=a_service(), offering=colour)
    with pytest.raises(InvalidInput):
        make("both", service=printing, offering=colour)


def test_an_agreement_holds_from_its_first_instant_until_its_last(make: Any) -> None:
    make("old", valid_until=AT)
    make("new", valid_from=AT, valid_until=AT + DAY, position=1)
    cases = [(AT - DAY, "old"), (AT, "new"), (AT + DAY - timedelta(microseconds=1), "new"), (AT + DAY, None)]
    assert [held(Subject(), at) for at, _name in cases] == [name for _at, name in cases]
    words = {one.name: why for one, why in queries.trace(Subject(), AT + DAY)}
    assert words == {"old": "it has run out", "new": "it has run out"}
    assert queries.trace(Subject(), AT - DAY)[0][1] == "it is not valid yet"


def test_what_stands_behind_others_never_holds_for_a_record(make: Any) -> None:
    make("ola", agreement_type="ola", position=1)
    make("contract", agreement_type="underpinning", position=2)
    assert held(Subject()) is None
    make("sla", position=3)
    assert held(Subject()) == "sla"


def opened(at: datetime) -> Incident:
    return incidents.open_incident(actor=SYSTEM, title="It fails", priority=3, at=at)


def test_a_record_keeps_what_it_began_with_when_that_runs_out_or_is_retired(make: Any, payments: Team) -> None:
    now = datetime.now(UTC)
    for end in ("until", "retired"):
        first = make(f"first {end}", valid_until=now + DAY if end == "until" else None, position=5)
        incident = opened(now)
        if end == "retired":
            operations.retire_agreement(first, actor=SYSTEM, version=1, at=now)
        else:
            operations.edit_agreement(first, actor=SYSTEM, version=1, at=now, valid_until=now - DAY)
        make(f"next {end}", targets={"resolve": 999}, position=6)
        incidents.edit(incident, actor=SYSTEM, version=incident.version, channel="phone")
        clock = clocks_of(incident).get(name="resolve", state="running")
        assert (clock.terms["agreement"], clock.terms["target_s"]) == (first.pk, 240 * 60)
        assert clocks_of(opened(now)).get(name="resolve").terms["target_s"] == 999 * 60
        operations.retire_agreement(Agreement.objects.get(name=f"next {end}"), actor=SYSTEM, version=1, at=now)


def behind(agreement: Agreement, at: datetime = AT) -> dict[str, tuple[int, int, bool]]:
    found = queries.standing_behind(agreement, queries.agreements(), at)
    return {one.metric: (one.promised, one.total, one.is_too_long) for one in found}


def test_operational_minutes_in_sequence_above_a_promise_warn(
    make: Any, printing: Service, payments: Team, admin: User, agent: User, api: Any, web: Any
) -> None:
    gold = make("Gold", service=printing, targets={"resolve": 480, "first_response": 30})
    assert behind(gold) == {}
    make("Desk", agreement_type="ola", party="Desk", targets={"resolve": 120})
    make("Paper", agreement_type="underpinning", party="Paper Ltd", targets={"resolve": 360})
    assert behind(gold) == {"resolve": (480, 480, False)}
    make("Payments", agreement_type="ola", team=payments, targets={"resolve": 60, "first_response": 10})
    assert behind(gold) == {"resolve": (480, 540, True), "first_response": (30, 10, False)}
    # Alternatives of one party count once; what is for something else, over, or not valid does not count.
    make("Desk at night", agreement_type="ola", party="Desk", targets={"resolve": 90})
    make("Mail", agreement_type="ola", service=a_service(), targets={"resolve": 900})
    make("Tier 3", agreement_type="ola", tier=3, targets={"resolve": 900})
    make("Later", agreement_type="ola", valid_from=AT + DAY, targets={"resolve": 900})
    operations.retire_agreement(
        make("Gone", agreement_type="ola", targets={"resolve": 900}), actor=SYSTEM, version=1, at=AT
    )
    assert behind(gold)["resolve"] == (480, 540, True)
    shown = api(admin).get(f"/api/v1/agreements/{gold.pk}/").json()["behind"]
    assert [(one["metric"], one["promised_minutes"], one["is_too_long"]) for one in shown] == [
        ("first_response", 30, False), ("resolve", 480, True),
    ]  # fmt: skip
    page = web(agent).get(gold.get_absolute_url()).content.decode()
    assert "8 h is still missed" in page
    assert "What stands behind it takes longer" in web(agent).get("/agreements/").content.decode()


def test_what_never_stands_behind_one_record_is_not_added_up(make: Any, printing: Service) -> None:
    everything, mail = make("All", targets={"resolve": 480}), a_service()
    make("Printers", agreement_type="ola", party="Printers", service=printing, targets={"resolve": 300})
    make("Mail", agreement_type="ola", party="Mail", service=mail, targets={"resolve": 400})
    make("Grave", agreement_type="ola", party="Grave", priority=1, targets={"resolve": 50})
    make("Calm", agreement_type="ola", party="Calm", priority=4, targets={"resolve": 60})
    assert behind(everything) == {"resolve": (480, 460, False)}
    make("For mail", service=mail, targets={"resolve": 900})
    assert behind(everything) == {"resolve": (480, 360, False)}


def test_availability_is_promised_as_a_share_and_compared_with_what_was_measured(
    make: Any, printing: Service, admin: User, agent: User, api: Any, web: Any
) -> None:
    body = {"name": "Gold", "service": "printing", "targets": {}, "availability": "0.995"}
    made = api(admin).post("/api/v1/agreements/", body, format="json")
    assert (made.status_code, made.json()["availability"], made.json()["targets"]) == (201, "0.995", {})
    for odd in ("1.1", "0", "-1", "NaN", "half", True, "1e-3", 2):
        answer = api(admin).post("/api/v1/agreements/", {**body, "name": "Odd", "availability": odd}, format="json")
        assert answer.status_code == 400, odd
    part = web(agent).get("/agreements/of/printing/").content.decode()
    assert "nobody can say whether it is kept" in part
    indicator = an_indicator()
    objective = an_objective(T0, service=printing, indicator=indicator, gating=True)
    measured(indicator, steady(T0, 600, bad=10), T0)
    Budget.objects.filter(objective=objective).update(
        watermark=T0, measured_minutes=600, bad_in_window=6_000, total_in_window=600_000
    )
    found = measured_for([printing.pk], T0)[printing.pk]
    assert [(one.name, one.share, one.is_current) for one in found] == [(objective.name, Decimal("0.99"), True)]
    assert (found[0].keeps(Decimal("0.99")), found[0].keeps(Decimal("0.995"))) == (True, False)
    old = measured_for([printing.pk], T0 + DAY)[printing.pk][0]
    assert (old.is_current, old.keeps(Decimal("0.5"))) == (False, None)
    part = web(agent).get("/agreements/of/printing/").content.decode()
    assert objective.name in part
    assert "99\N{NARROW NO-BREAK SPACE}%" in part


def test_nobody_can_say_of_what_was_never_measured() -> None:
    nothing = Achieved("x", "/slos/x/", None, 28, None, is_current=False)
    assert nothing.keeps(Decimal("0.1")) is None
    assert replace(nothing, share=Decimal(1)).keeps(Decimal("0.1")) is None
    assert replace(nothing, share=Decimal(1), is_current=True).keeps(Decimal(1)) is True
