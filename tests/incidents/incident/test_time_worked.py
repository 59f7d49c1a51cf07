"""Time worked: the sum is always that of the entries, whoever corrects or withdraws; only who works there sees it."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.work.time_worked import minutes_by_record, minutes_worked, time_on
from tests.together import each_of

SYSTEM = Actor.system("tests")


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def incident(bo: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(bo), title="Cannot print")


class TestTheSum(TestCase):
    """Whatever is noted, corrected and withdrawn, in any order."""

    @given(
        st.lists(st.tuples(st.sampled_from(["add", "correct", "withdraw"]), st.integers(1, 1440), st.integers(0, 9)))
    )
    def test_is_that_of_the_entries(self, deeds: list[tuple[str, int, int]]) -> None:
        agent, _ = User.objects.get_or_create(username="agent", defaults={"roles": ["agent"]})
        actor, known = actor_for(agent, Door.API), dict[int, int]()
        incident = operations.open_incident(actor=SYSTEM, title="Cannot print")
        for verb, minutes, which in deeds:
            if verb == "add" or not known:
                known[operations.add_time(incident, actor=actor, minutes=minutes).pk] = minutes
                continue
            entry = time_on(incident).get(pk=sorted(known)[which % len(known)])
            if verb == "correct":
                operations.correct_time(incident, entry, actor=actor, minutes=minutes)
                known[entry.pk] = minutes
            else:
                operations.withdraw_time(incident, entry, actor=actor)
                del known[entry.pk]
        expected = sum(known.values())
        assert minutes_by_record("incident", [incident.pk]).get(incident.pk, 0) == expected
        today = timezone.localdate()
        ours = Incident.objects.filter(pk=incident.pk)
        assert minutes_worked("incident", today, today + timedelta(days=1), ours) == expected


@pytest.mark.django_db
class TestWho:
    def test_works_there_notes_it_and_corrects_their_own_with_a_trace(
        self, incident: Incident, agent: User, person: Any, as_actor: Any
    ) -> None:
        made = operations.add_time(incident, actor=as_actor(agent), minutes=30, note="Looked")
        other = as_actor(person("agent", username="nina"))
        for deed in (
            lambda: operations.correct_time(incident, made, actor=other, minutes=5),
            lambda: operations.withdraw_time(incident, made, actor=other),
        ):
            with pytest.raises(NotPermitted):
                deed()
        operations.correct_time(incident, made, actor=as_actor(agent), minutes=45)
        operations.withdraw_time(incident, made, actor=as_actor(agent))
        told = Entry.objects.filter(record_id=incident.pk, event__startswith="incident.time").order_by("id")
        assert [(one.event, one.changes["minutes"]) for one in told] == [
            ("incident.time_worked", [None, 30]),
            ("incident.time_corrected", [30, 45]),
            ("incident.time_withdrawn", [45, None]),
        ]

    def test_the_caller_sees_nothing_of_it(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, api: Any, web: Any
    ) -> None:
        operations.add_time(incident, actor=as_actor(agent), minutes=47, note="Secretly")
        rest = f"/api/v1/incidents/{incident.reference}/time/"
        assert api(bo).get(rest).status_code == 403
        assert api(bo).post(rest, {"minutes": 5}, format="json").status_code == 403
        page = web(bo).get(incident.get_absolute_url()).content.decode()
        assert "Secretly" not in page
        assert "47 min" not in page  # the digits alone may stand in a number or an instant
        assert "time worked" not in page
        assert "noted time worked" in web(agent).get(incident.get_absolute_url()).content.decode()

    def test_the_export_says_it_to_who_works_there_alone(
        self, incident: Incident, bo: User, agent: User, as_actor: Any, api: Any
    ) -> None:
        operations.add_time(incident, actor=as_actor(agent), minutes=47)
        for user, said in ((agent, "47"), (bo, "")):
            text = b"".join(api(user).get("/api/v1/incidents.csv").streaming_content).decode()
            (line,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
            assert line["minutes_worked"] == said


@pytest.mark.django_db
class TestDoors:
    def test_over_rest(self, incident: Incident, agent: User, api: Any) -> None:
        rest, client = f"/api/v1/incidents/{incident.reference}/time/", api(agent)
        first = client.post(rest, {"minutes": 30, "note": "Looked", "day": str(timezone.localdate())}, format="json")
        assert first.status_code == 201
        client.post(rest, {"minutes": 1440}, format="json")
        assert client.get(rest).json()["minutes"] == 1470
        one = f"{rest}{first.json()['id']}/"
        assert client.patch(one, {"minutes": 1}, format="json").json()["minutes"] == 1
        assert client.delete(one).status_code == 204
        assert client.delete(one).status_code == 404
        assert client.get(rest).json()["minutes"] == 1440

    @each_of("minutes", [0, -1, 1441, "30", 1.5, None, True])
    def test_other_minutes_are_refused(self, minutes: Any, incident: Incident, agent: User, api: Any) -> None:
        answer = api(agent).post(f"/api/v1/incidents/{incident.reference}/time/", {"minutes": minutes}, format="json")
        assert answer.status_code == 400
        assert "minutes" in answer.content.decode()

    @pytest.mark.parametrize("days", [2, -400])
    def test_days_that_cannot_be_meant_are_refused(
        self, days: int, incident: Incident, agent: User, as_actor: Any
    ) -> None:
        with pytest.raises(InvalidInput):
            operations.add_time(
                incident, actor=as_actor(agent), minutes=5, day=timezone.localdate() + timedelta(days=days)
            )

    def test_on_the_page(self, incident: Incident, agent: User, web: Any) -> None:
        browser, page = web(agent), f"{incident.get_absolute_url()}time/"
        assert browser.post(page, {"minutes": "95", "note": "Looked"}).status_code == 302
        assert browser.post(page, {"minutes": "0"}).status_code == 422
        part = browser.get(f"{incident.get_absolute_url()}together/").content.decode()
        assert 'data-minutes="95"' in part
        assert "1 h 35 min" in part
        entry = time_on(incident).get()
        assert browser.post(f"{page}{entry.pk}/", {"minutes": "60", "note": ""}).status_code == 302
        assert (time_on(incident).get().minutes, time_on(incident).get().day) == (60, entry.day)
        assert browser.post(f"{page}{entry.pk}/withdraw/").status_code == 302
        assert not time_on(incident).exists()


@pytest.mark.django_db
def test_a_report_counts_days_from_and_before(incident: Incident, agent: User, as_actor: Any) -> None:
    today = timezone.localdate()
    for back, minutes in ((0, 1), (1, 10), (2, 100)):
        operations.add_time(incident, actor=as_actor(agent), minutes=minutes, day=today - timedelta(days=back))

    def counted(first: date, last: date) -> int:
        return minutes_worked("incident", first, last)

    assert counted(today - timedelta(days=1), today) == 10
    assert counted(today - timedelta(days=2), today + timedelta(days=1)) == 111
    assert counted(today, today) == 0
    assert minutes_worked("incident", today, today + timedelta(days=1), Incident.objects.none()) == 0
