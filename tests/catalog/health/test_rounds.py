"""Rounds: frozen lines, what is offered, what needs eyes, changed content asked again, silence a finding."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.health import operations
from catalog.health.queries.rounds import lines_of, open_rounds_for, progress
from catalog.models import CI, Finding, Round, RoundLine
from catalog.reconciliation.models import SourceRecord
from catalog.reconciliation.operations import merge, split
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.work.tasks import add_task
from tests.catalog.reconciliation.sources import bring, server
from tests.catalog.reconciliation.sources import item as brought
from tests.factories.catalog import KEEPER, an_item

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def crew(db: None) -> Team:
    return Team.objects.get_or_create(slug="items", defaults={"name": "Items"})[0]


@pytest.fixture
def keeper(person: Any, crew: Team, as_actor: AsActor) -> Actor:
    return as_actor(person("engineer", crew))


def items(n: int, *, seen: int | None, **fields: Any) -> list[CI]:
    """`seen`: days ago by a source; None: never."""
    made = [an_item(**fields) for _ in range(n)]
    last = None if seen is None else NOW - seen * DAY
    CI.objects.filter(pk__in=[one.pk for one in made]).update(last_seen_at=last)
    return made


def opened(**scope: Any) -> Round:
    made = operations.plan_round(actor=KEEPER, name="Spring", due=(NOW + 30 * DAY).date(), at=NOW, **scope)
    return operations.open_round(made, actor=KEEPER, at=NOW)


def line_of(round: Round, item: CI, actor: Actor = KEEPER) -> Any:
    return lines_of(round, actor).select_related("round").get(ci=item)


def test_lines_are_frozen_and_of_what_was_seen_lately_nine_in_ten_are_offered(keeper: Actor, payments: Team) -> None:
    fresh, old, never = items(40, seen=3), items(2, seen=31), items(1, seen=None)
    theirs = items(1, seen=1, team=payments)
    gone = items(1, seen=1, status="planned")
    CI.objects.filter(pk=gone[0].pk).update(status="retired")
    round = opened(team=fresh[0].team)
    an_item()
    lines = {one.ci_id: one for one in round.lines.all()}
    assert set(lines) == {one.pk for one in (*fresh, *old, *never)}
    assert not any(lines[one.pk].offered for one in (*old, *never))
    eyes = [one for one in fresh if not lines[one.pk].offered]
    assert len(eyes) < 20, "one in ten, by chance"
    n = operations.confirm_offered(round, actor=keeper, at=NOW)
    assert n == 40 - len(eyes)
    assert operations.confirm_offered(round, actor=keeper, at=NOW) == 0
    assert CI.objects.filter(certified_at=NOW, certified_by=keeper.id).count() == n
    assert Entry.objects.filter(event="ci.certified").count() == n
    assert progress(lines_of(round, keeper)).waiting == len(eyes) + 3
    assert not CI.objects.get(pk=theirs[0].pk).certified_at


def test_what_changes_after_its_answer_is_asked_again_and_an_answer_is_of_what_was_seen(keeper: Actor) -> None:
    (item,) = items(1, seen=40)
    round = opened()
    line = line_of(round, item, keeper)
    operations.answer(line, "confirmed", actor=keeper, seen=line.content, at=NOW)
    assert not line_of(round, item).waits
    CI.objects.filter(pk=item.pk).update(last_seen_at=NOW, certified_at=NOW)
    assert not line_of(round, item).waits, "that it was seen again changes nothing"
    CI.objects.filter(pk=item.pk).update(attributes={"os": "Debian 13"})
    again = line_of(round, item)
    assert (again.waits, again.changed) == (True, True)
    with pytest.raises(Conflict, match="changed meanwhile"):
        operations.answer(again, "confirmed", actor=keeper, seen=line.content, at=NOW)
    operations.answer(again, "corrected", actor=keeper, seen=again.content, at=NOW)
    assert not line_of(round, item).waits


def test_what_changed_since_the_round_opened_is_not_confirmed_with_the_others(keeper: Actor) -> None:
    (item,) = items(1, seen=1)
    round = opened()
    RoundLine.objects.update(offered=True)
    CI.objects.filter(pk=item.pk).update(name="Another")
    assert operations.confirm_offered(round, actor=keeper, at=NOW) == 0
    assert line_of(round, item).waits


def test_silence_gone_and_not_ours_are_findings_and_another_answer_clears_them(keeper: Actor) -> None:
    silent, changed, gone, strange = items(4, seen=40)
    round = opened()
    for item, said in ((gone, "gone"), (strange, "not_ours"), (changed, "confirmed")):
        line = line_of(round, item)
        operations.answer(line, said, actor=keeper, seen=line.content, at=NOW)
    CI.objects.filter(pk=changed.pk).update(name="Changed after its answer")
    CI.objects.filter(pk=changed.pk).update(certified_at=NOW - DAY)

    def kinds(item: CI) -> set[str]:
        rows = Finding.objects.filter(ci=item, cleared_at=None)
        return set(rows.values_list("finding_kind", flat=True)) & {"certified", "consistent", "owned"}

    assert (kinds(gone), kinds(silent)) == ({"consistent"}, {"owned"} & kinds(silent))
    later = NOW + timedelta(minutes=1)
    operations.close_round(round, actor=KEEPER, at=later)
    assert [kinds(one) for one in (silent, changed)] == [{"certified"}, {"certified"}]
    assert Finding.objects.filter(ci=strange, finding_kind="owned", cleared_at=None).exists()
    CI.objects.filter(pk=silent.pk).update(certified_at=later + DAY)
    CI.objects.filter(pk=gone.pk).update(last_seen_at=later)
    operations.examine([silent.pk, gone.pk], actor=KEEPER, at=later)
    assert (kinds(silent), kinds(gone)) == (set(), set())


def test_who_may_ask_and_answer(
    keeper: Actor, crew: Team, payments: Team, person: Any, as_actor: AsActor, pipeline: User, manager: User
) -> None:
    (item, secret) = (*items(1, seen=40), *items(1, seen=40, confidential=True))
    with pytest.raises(NotPermitted):
        operations.plan_round(actor=keeper, name="x", due=NOW.date(), at=NOW)
    with pytest.raises(InvalidInput):
        operations.plan_round(actor=KEEPER, name="x", due=NOW.date() - DAY, at=NOW)
    draft = operations.plan_round(actor=as_actor(manager), name="x", due=NOW.date(), at=NOW)
    with pytest.raises(WrongState):
        operations.confirm_offered(draft, actor=keeper, at=NOW)
    with pytest.raises(InvalidInput, match="no environment called “nowhere”"):
        operations.plan_round(actor=KEEPER, name="x", due=NOW.date(), at=NOW, environment="nowhere")
    empty = operations.plan_round(actor=KEEPER, name="x", due=NOW.date(), at=NOW, environment="Live")
    assert empty.environment == "production"
    with pytest.raises(Conflict, match="no item"):
        operations.open_round(empty, actor=KEEPER, at=NOW)
    round = operations.open_round(draft, actor=as_actor(manager), at=NOW)
    line = line_of(round, item)
    theirs = as_actor(person("engineer", payments, username="pay"))
    for other in (theirs, as_actor(pipeline), as_actor(person("agent", crew)), as_actor(person("auditor"))):
        with pytest.raises(NotPermitted):
            operations.answer(line, "confirmed", actor=other, seen=line.content, at=NOW)
    with pytest.raises(NotPermitted):
        operations.answer(line_of(round, secret), "confirmed", actor=theirs, seen="", at=NOW)
    assert (lines_of(round, theirs).count(), lines_of(round, keeper).count()) == (1, 2)
    assert (open_rounds_for(keeper).count(), open_rounds_for(theirs).count()) == (1, 0)
    with pytest.raises(InvalidInput):
        operations.answer(line, "maybe", actor=keeper, seen=line.content, at=NOW)
    operations.cancel_round(round, actor=KEEPER, at=NOW)
    with pytest.raises(WrongState):
        operations.answer(line, "confirmed", actor=keeper, seen=line.content, at=NOW)


def test_the_pages_lead_from_a_score_to_its_rows_and_a_round_is_answered_one_by_one(
    keeper: Actor, engineer: User, manager: User, requester: User, payments: Team, web: Callable[[User], Client]
) -> None:
    shown = items(6, seen=90, name="Old <b>host</b>")
    items(1, seen=90, name="Hidden host", confidential=True, team=payments)
    operations.examine(actor=KEEPER, at=NOW)
    for day in (9, 1, 0):
        operations.keep_day(at=NOW - day * DAY)
    page = web(engineer)
    scores = page.get("/health/?class=virtual_machine").content.decode()
    assert "/health/findings/?kind=fresh&amp;class=virtual_machine" in scores
    assert "<polyline" in scores
    listed = page.get("/health/findings/?kind=fresh&class=virtual_machine").content.decode()
    assert "6 findings of 6 items" in listed
    assert "Hidden host" not in listed + scores
    assert "<b>host" not in listed
    page.post("/health/findings/tasks/", {"query": "kind=fresh"})
    assert Finding.objects.exclude(task=None).count() == 6
    finding = Finding.objects.filter(ci=shown[0], finding_kind="fresh").get()
    until = (NOW + DAY).strftime("%Y-%m-%dT%H:%M")
    said = {"until": until, "why": "Soon", "version": finding.version}
    assert page.post(finding.get_absolute_url(), said).status_code == 403
    assert web(manager).post(finding.get_absolute_url(), {**said, "why": ""}).status_code == 422
    assert web(manager).post(finding.get_absolute_url(), said).status_code == 302
    assert "5 findings of 5 items" in page.get("/health/findings/?kind=fresh&class=virtual_machine").content.decode()
    due = (NOW + DAY).strftime("%Y-%m-%d")
    made = web(manager).post("/health/rounds/new/", {"name": "Spring", "due": due, "ci_class": "virtual_machine"})
    address = made.headers["Location"]
    assert web(manager).post(f"{address}open/").status_code == 302
    round = Round.objects.get()
    for n in range(6):
        here = page.get(address).content.decode()
        assert f"{6 - n} of 6 items wait" in here
        assert all(f'data-key="{key}"' in here for key in "cfdx")
        line = lines_of(round, keeper).filter(waits=True)[0]
        page.post(f"{address}lines/{line.pk}/", {"answer": "confirmed", "content": line.content})
    assert "Nothing waits for you" in page.get(address).content.decode()
    for path in ("/health/", "/health/findings/", "/health/rounds/", address):
        assert web(requester).get(path).status_code == 403


def test_fifty_findings_weigh_less_than_60_kb(engineer: User, keeper: Actor, web: Callable[[User], Client]) -> None:
    one = an_item(name="A virtual machine with a rather long name of its own")
    Finding.objects.all().delete()
    Finding.objects.bulk_create(
        Finding(ci=one, finding_kind="owned", key=str(n), first_seen=NOW, task=None) for n in range(60)
    )
    page = web(engineer).get("/health/findings/").content
    assert page.count(b'name="finding"') == 50, "a task can be given to each"
    assert len(page) < 60_000


def test_what_a_round_asks_of_an_item_goes_on_with_the_one_that_it_lives_on_in_and_comes_back(keeper: Actor) -> None:
    bring("netbox", server("n", serial="1"), server("asked", serial="2"))
    bring("csv", server("c"), server("d"))
    first, second, asked, double = (brought(key) for key in ("n", "c", "asked", "d"))
    CI.objects.exclude(pk__in=[second.pk, asked.pk, double.pk]).update(environment="test")
    round = opened(environment="")
    RoundLine.objects.filter(ci=first).delete()  # out of its scope
    merge(second, first, actor=KEEPER)
    merge(double, asked, actor=KEEPER)
    waiting = set(lines_of(round, KEEPER).filter(waits=True).values_list("ci", flat=True))
    assert waiting == {first.pk, asked.pk}
    assert not RoundLine.objects.filter(ci__in=[second, double]).exists()
    split(brought("asked"), list(SourceRecord.objects.filter(key="d")), actor=KEEPER)
    assert not line_of(round, double).offered


def test_an_answer_about_an_item_that_went_on_in_another_is_asked_for_again(keeper: Actor) -> None:
    bring("netbox", server("n", serial="1", cpus=4))
    bring("csv", server("c"))
    first, second = brought("n"), brought("c")
    round = opened()
    RoundLine.objects.filter(ci=first).delete()
    line = line_of(round, second)
    operations.answer(line, "confirmed", actor=KEEPER, seen=line.content, at=NOW)
    merge(second, first, actor=KEEPER)
    again = line_of(round, first)
    assert (again.answer, again.changed, again.waits) == ("confirmed", True, True)


def test_tasks_of_an_item_are_seen_where_it_lives_on_and_go_back_with_a_split(
    keeper: Actor, manager: User, web: Callable[[User], Client]
) -> None:
    bring("netbox", server("n", serial="1"))
    bring("csv", server("c"))
    first, second = brought("n"), brought("c")
    add_task(second, actor=KEEPER, title="Look at its disk")

    def shown(one: CI) -> bool:
        return "Look at its disk" in web(manager).get(f"/health/of/{one.reference}/").content.decode()

    assert (shown(first), shown(second)) == (False, True)
    merge(second, first, actor=KEEPER)
    assert shown(first)
    split(first, list(SourceRecord.objects.filter(key="c")), actor=KEEPER)
    assert (shown(first), shown(second)) == (False, True)
