"""What problems burned, against an oracle that shares no code: random outages, verdicts, owners and late data."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident, Problem, ProblemBurn
from incidents.problem import operations as problems
from incidents.problem.queries import burn_of, total_minutes
from itsm.kernel.actors import Actor, Door
from itsm.work.models import Link
from slo.models import ObjectiveVersion, Outage, OutageCause
from slo.objectives.operations import rank_problems
from tests.factories.slo import a_service, an_objective
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)
DAY = timedelta(days=1)


def caused(problem: Problem, kind: str, number: int) -> None:
    ends = {"from_kind": "problem", "from_id": problem.pk, "to_kind": kind, "to_id": number}
    if kind == "change":
        ends = {"from_kind": kind, "from_id": number, "to_kind": "problem", "to_id": problem.pk}
    Link.objects.get_or_create(**ends, meaning="caused", defaults={"at": timezone.now()})


class Oracle:
    """The rank by hand, from the words of the specification: of rows as they lie there, each looked at anew."""

    def __init__(self, at: datetime) -> None:
        self.shares: dict[tuple[Any, int], Fraction] = defaultdict(Fraction)
        self.minutes: dict[tuple[Any, int], Fraction] = defaultdict(Fraction)
        for outage in Outage.objects.all():
            if outage.cost > 0 and at - 28 * DAY < outage.ended_at <= at:
                self.divide(outage)

    def divide(self, outage: Outage) -> None:
        rows = [one for one in outage.causes.all() if one.verdict != "ruled_out"]
        sure = [one for one in rows if one.verdict == "confirmed"]
        rows = sure or rows
        weight = {one.pk: Fraction(1) if sure else self.score(one, outage) for one in rows}
        if rows and sum(weight.values()) == 0:
            weight = dict.fromkeys(weight, Fraction(1))
        left = Fraction(outage.cost)
        for one in rows:
            owners = self.owners(one.reference)
            for owner in owners:
                piece = Fraction(outage.cost) * weight[one.pk] / sum(weight.values()) / len(owners)
                self.give(owner, outage, piece)
                left -= piece
        if left:
            self.give(None, outage, left)

    def score(self, cause: OutageCause, outage: Outage) -> Fraction:
        key = ""
        if cause.reference.startswith("INC"):
            key = Incident.objects.get(pk=int(cause.reference[4:])).source_key or ""
        return Fraction(100) if key.startswith(f"burn:{outage.objective_id}:") else Fraction(cause.score)

    def owners(self, reference: str) -> list[int]:
        number = int(reference[4:])
        if reference.startswith("INC"):
            drawn = Link.objects.filter(from_kind="problem", to_kind="incident", to_id=number, meaning="caused")
            found = set(drawn.values_list("from_id", flat=True))
        else:
            drawn = Link.objects.filter(from_kind="change", from_id=number, to_kind="problem", meaning="caused")
            found = set(drawn.values_list("to_id", flat=True))
        gone = {"cancelled", "duplicate"}
        return [
            p.pk for p in Problem.objects.filter(pk__in=found) if p.status != "dismissed" and p.close_code not in gone
        ]

    def give(self, owner: int | None, outage: Outage, piece: Fraction) -> None:
        terms = list(ObjectiveVersion.objects.filter(objective=outage.objective_id).order_by("number"))
        began = int(outage.started_at.timestamp()) // 60
        held = [v for v in terms if v.number == 1 or v.from_minute <= began][-1]
        self.shares[owner, outage.objective_id] += piece
        self.minutes[owner, outage.objective_id] += piece * (1 - Fraction(held.target)) * held.window_days * 24 * 60

    def dearest(self, services: dict[int, int]) -> dict[Any, Fraction]:
        by: dict[tuple[Any, int], Fraction] = defaultdict(Fraction)
        for (owner, objective), minutes in self.minutes.items():
            by[owner, services[objective]] = max(by[owner, services[objective]], minutes)
        found: dict[Any, Fraction] = defaultdict(Fraction)
        for (owner, _service), minutes in by.items():
            found[owner] += minutes
        return found


def agrees(at: datetime) -> None:
    rank_problems(actor=SYSTEM, at=at)
    oracle = Oracle(at)
    rows = {(one.problem_id, one.objective): one for one in ProblemBurn.objects.all()}
    objectives = {one.objective_id: one.objective for one in Outage.objects.select_related("objective")}
    slugs = {pk: one.slug for pk, one in objectives.items()}
    assert {key: Fraction(row.share) for key, row in rows.items()} == {
        (owner, slugs[objective]): share for (owner, objective), share in oracle.shares.items()
    }
    for slug in set(slugs.values()):  # owned and unowned together are the cost, to the last digit
        lately = Outage.objects.filter(objective__slug=slug, ended_at__gt=at - 28 * DAY, ended_at__lte=at)
        assert sum(Fraction(row.share) for (_p, here), row in rows.items() if here == slug) == sum(
            Fraction(o.cost) for o in lately
        )
    dearest = oracle.dearest({pk: one.service_id for pk, one in objectives.items()})
    for problem in Problem.objects.all():
        assert abs(Fraction(problem.burn_minutes) - dearest.get(problem.pk, Fraction(0))) < Fraction(1, 10**4)
        assert burn_of(problem).minutes == problem.burn_minutes
    assert abs(Fraction(total_minutes()) - sum(dearest.values())) < Fraction(1, 10**3)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(12 if IN_FULL else 2))
def test_the_rank_is_the_oracles_whatever_happens(seed: int) -> None:
    dice, at = random.Random(seed), timezone.now().replace(second=0, microsecond=0)
    services = [a_service() for _ in range(3)]
    objectives = [
        an_objective(service=dice.choice(services), target=Decimal(dice.choice(["0.9", "0.999", "0.995"])), at=at)
        for _ in range(5)
    ]
    opened = [incidents.open_incident(actor=SYSTEM, title=f"Incident {n}") for n in range(8)]
    for one in opened[:3]:
        key = f"burn:{dice.choice(objectives).pk}:{one.pk}"
        Incident.objects.filter(pk=one.pk).update(source_key=key)
    ours = [problems.open_problem(actor=SYSTEM, statement=f"Problem {n}") for n in range(4)]
    outages = [_an_outage(dice, objectives, at) for _ in range(12)]
    for _step in range(4):
        for outage in dice.sample(outages, 5):
            _suspect(dice, outage, opened, at)
        caused(dice.choice(ours), *dice.choice([("incident", dice.choice(opened).pk), ("change", dice.randint(1, 3))]))
        caused(dice.choice(ours), "incident", dice.choice(opened).pk)
        late = dice.choice(outages)
        Outage.objects.filter(pk=late.pk).update(cost=Decimal(dice.randint(1, 10**9)) / 10**9)
        _new_terms(dice.choice(objectives), dice, at)
        if dice.random() < 0.3:
            Problem.objects.filter(pk=ours[0].pk, status="new").update(
                status="closed", close_code="cancelled", closed_at=at
            )
        agrees(at)


def _an_outage(dice: random.Random, objectives: list[Any], at: datetime) -> Outage:
    started = at - timedelta(minutes=dice.randint(60, 32 * 24 * 60))
    objective = dice.choice(objectives)
    made, _new = Outage.objects.get_or_create(
        objective=objective, started_at=started,
        defaults={"ended_at": started + timedelta(minutes=dice.randint(1, 59)), "failed": 1, "minutes": 1,
                  "cost": Decimal(dice.randint(1, 10**9)) / 10**9, "recomputed_at": at},
    )  # fmt: skip
    return made


def _suspect(dice: random.Random, outage: Outage, opened: list[Incident], at: datetime) -> None:
    reference = dice.choice([*(one.reference for one in opened), "CHG-00001", "CHG-00002", "CHG-00003"])
    verdict = dice.choice(["suspected", "suspected", "confirmed", "ruled_out"])
    said = {"title": "x", "url": "/", "began_at": at, "score": dice.choice([0, 0, 30, 75, 100]), "why": "near",
            "verdict": verdict, "decided_by": "ada" if verdict != "suspected" else ""}  # fmt: skip
    OutageCause.objects.update_or_create(outage=outage, reference=reference, defaults=said)


def _new_terms(objective: Any, dice: random.Random, at: datetime) -> None:
    last = ObjectiveVersion.objects.filter(objective=objective).order_by("number").last()
    assert last is not None
    minute = max(last.from_minute + 1, int(at.timestamp()) // 60 - dice.randint(0, 30 * 1440))
    ObjectiveVersion.objects.create(
        objective=objective, number=last.number + 1, from_minute=minute, made_at=at, made_by="tests",
        indicator=last.indicator, target=Decimal(dice.choice(["0.99", "0.95"])), window_days=dice.choice([7, 30]),
    )  # fmt: skip


def test_what_lies_in_a_confidential_queue_is_in_nobodys_figure(payments: Any) -> None:
    at, objective = timezone.now(), an_objective()
    outage = Outage.objects.create(
        objective=objective, started_at=at - DAY, ended_at=at - DAY / 2, failed=1, minutes=1, cost=Decimal("0.5"),
        recomputed_at=at,
    )  # fmt: skip
    seen, hidden = (incidents.open_incident(actor=SYSTEM, title=one) for one in ("Seen", "Hidden"))
    ours = problems.open_problem(actor=SYSTEM, statement="Ours")
    caused(ours, "incident", seen.pk)
    for one in (seen, hidden):
        OutageCause.objects.create(
            outage=outage, reference=one.reference, title=one.title, url="/", began_at=at, score=50, why="near"
        )
    type(payments).objects.filter(pk=payments.pk).update(takes_work=True, confidential=True)
    Incident.objects.filter(pk=hidden.pk).update(team=payments)
    rank_problems(actor=SYSTEM, at=at)
    (row,) = ProblemBurn.objects.all()
    assert (row.problem, Fraction(row.share), [part["title"] for part in row.parts]) == (ours, Fraction(1, 2), ["Seen"])


def test_what_nobody_owns_stands_service_by_service_the_dearest_first(web: Any, manager: Any) -> None:
    at = timezone.now()
    for name, cost in (("Cheap", "0.1"), ("Dear", "0.3")):
        objective = an_objective(service=a_service(name=name))
        for hours in (2, 4):
            began = at - timedelta(hours=hours)
            Outage.objects.create(
                objective=objective, started_at=began, ended_at=began + timedelta(minutes=20), failed=1, minutes=20,
                cost=Decimal(cost), recomputed_at=at,
            )  # fmt: skip
    rank_problems(actor=SYSTEM, at=at)
    groups = burn_of(None).by_service()
    assert [(one.service, one.outages, len(one.parts)) for one in groups] == [("Dear", 2, 2), ("Cheap", 2, 2)]
    assert sum(one.minutes for one in groups) == burn_of(None).minutes
    page = web(manager).get("/problems/unowned/").content.decode()
    assert page.index(">Dear</h2>") < page.index(">Cheap</h2>")


def test_nobody_but_headroom_reckons(manager: Any, as_actor: Any) -> None:
    from itsm.kernel.errors import NotPermitted

    with pytest.raises(NotPermitted):
        rank_problems(actor=as_actor(manager), at=timezone.now())
