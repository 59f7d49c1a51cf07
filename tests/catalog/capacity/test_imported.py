"""How full disks are comes along with the facts of their hosts, as if it had been pushed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.capacity import operations
from catalog.capacity.queries import judged_forecasts
from catalog.formats.documents import Document, Measured, Read
from catalog.models import CI, Measure
from catalog.reconciliation.models import Run
from catalog.reconciliation.operations import apply, merge, plan, source_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Kind
from tests.catalog.reconciliation.sources import BRINGER, item, server
from tests.factories.catalog import KEEPER

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def facts(days: int, used: int, key: str = "web", **said: Any) -> Document:
    """Of a host, so many days ago."""
    disk = Measured("disk-root", "Disk / used", "%", Decimal(used), Decimal(100))
    at = said.pop("observed_at", NOW - days * DAY)
    return replace(server(key, serial=key, observed_at=at, **said), measures=(disk,))


def brought(*documents: Document, actor: Actor = BRINGER, dry: bool = False) -> Run:
    found = source_for("ansible", "ansible", actor=actor)
    run = plan(found, Read(documents=documents, count=len(documents)), actor=actor, dry=dry)
    return apply(run, actor=actor)


def points() -> list[tuple[datetime, float, int | None]]:
    return list(Measure.objects.get().points.order_by("at").values_list("at", "value", "by_id"))


def test_each_import_brings_the_point_of_its_day_also_where_nothing_else_is_new() -> None:
    brought(facts(2, 40))
    again = brought(facts(1, 41))
    brought(facts(1, 41))
    [measure] = Measure.objects.all()
    assert (measure.ci, measure.name, measure.unit, measure.limit) == (item("web"), "Disk / used", "%", 100)
    assert points() == [(NOW - 2 * DAY, 40, None), (NOW - DAY, 41, None)]
    assert again.counts["unchanged"] == 1, "a fuller disk is no edit of the host"


def test_a_look_takes_no_point_and_what_does_not_say_when_is_none() -> None:
    brought(facts(2, 40), dry=True)
    brought(facts(2, 40, observed_at=None))
    brought(facts(500, 40, key="old"))
    assert not Measure.objects.exists()


def test_the_limit_that_people_gave_stays_and_a_retired_measure_takes_nothing() -> None:
    brought(facts(3, 40))
    measure = operations.edit_measure(Measure.objects.get(), actor=KEEPER, version=1, limit=80.0, name="Root")
    brought(facts(2, 41))
    measure.refresh_from_db()
    assert (Measure.objects.count(), measure.limit, len(points())) == (1, 80, 2)
    operations.retire_measure(measure, actor=KEEPER, version=measure.version, at=NOW)
    brought(facts(1, 42))
    assert (Measure.objects.count(), len(points())) == (1, 2)


def test_points_go_on_in_the_measure_of_an_item_that_lives_on_in_another(owner: User, as_actor: Any) -> None:
    brought(facts(3, 40), server("older", serial="9"))
    merge(item("older"), item("web"), actor=as_actor(owner))
    brought(facts(2, 41))
    assert len(points()) == 2


def test_whose_word_an_imported_point_is_counts_where_they_are_judged(engineer: User, as_actor: Any) -> None:
    actor = as_actor(engineer)
    for day in range(40, 0, -1):
        brought(facts(day, 40), actor=actor)
    measure = Measure.objects.get()
    operations.forecast_measure(measure, actor=KEEPER, at=NOW)
    assert {by for _, _, by in points()} == {engineer.pk}
    for interested, theirs in (([engineer.pk], True), ([], False)):
        found = judged_forecasts([measure.ci_id], interested=interested, team_id=None, at=NOW, most=9)
        assert [one.by_interested for one in found] == [theirs]


def test_who_may_not_edit_an_item_brings_no_point_of_it(
    engineer: User, payments: Team, as_actor: Callable[[User], Actor]
) -> None:
    brought(facts(3, 40))
    CI.objects.filter(pk=item("web").pk).update(team=Team.objects.create(slug="others", name="Others"))
    brought(facts(2, 41), actor=as_actor(engineer))
    assert len(points()) == 1


def test_a_program_begins_no_measure_and_sends_points_of_one(engineer: User, as_actor: Any) -> None:
    program = replace(as_actor(engineer), kind=Kind.SERVICE)
    brought(facts(3, 40), actor=program)
    assert not Measure.objects.exists()
    brought(facts(2, 41))
    brought(facts(1, 42), actor=program)
    assert [value for _, value, _ in points()] == [41, 42]
