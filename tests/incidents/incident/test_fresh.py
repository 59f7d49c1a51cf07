"""Pages that stay true: what changed, who is on a record; and that who may not see learns nothing from either."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.incident import operations
from incidents.incident.operations.conversation import Answered
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.work import presence
from itsm.work.models import Note
from tests.together import each_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has places of its own, and a Valkey that is patient with a busy machine."""
    monkeypatch.setattr(presence, "_PATIENCE", 10)
    monkeypatch.setattr(presence, "_rests_until", {"at": 0.0})
    presence._client.cache_clear()
    presence._client().flushdb()
    yield
    presence._client.cache_clear()


@pytest.fixture
def desk(agent: User) -> Team:
    team = Team.objects.create(slug="desk", name="Desk", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    return team


@pytest.fixture
def bo(person: Any, desk: Team) -> User:
    return person("agent", desk, username="bo")


@pytest.fixture
def incident(requester: User, agent: User, desk: Team, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Cannot print", team=desk, caller=requester)


def lines(*incidents: Incident, stamp: str = "") -> dict[str, str]:
    return {"rows": ",".join(f"{one.reference}:{stamp or one.stamp}" for one in incidents)}


def fresh(browser: Client, sent: dict[str, str], query: str = "tab=open") -> Any:
    answer = browser.post(f"/incidents/fresh/?{query}", sent)
    return answer.json() if answer.status_code == 200 else answer.status_code


def look(browser: Client, incident: Incident, **sent: str) -> Any:
    answer = browser.post(f"/incidents/{incident.reference}/look/", sent)
    return answer.json() if answer.status_code == 200 else answer.status_code


def shown_stamp(browser: Client, incident: Incident) -> str:
    page = browser.get(incident.get_absolute_url()).content.decode()
    return page.split('data-stamp="')[1].partition('"')[0]


def newest(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


class TestTheList:
    def test_nothing_new_is_no_answer(self, incident: Incident, agent: User, web: Any) -> None:
        assert fresh(web(agent), lines(newest(incident))) == 204

    def test_it_says_what_changed_left_and_came(self, incident: Incident, agent: User, as_actor: Any, web: Any) -> None:
        actor, browser = as_actor(agent), web(agent)
        other = operations.open_incident(actor=actor, title="Over soon", team=incident.team)
        before = lines(newest(incident), newest(other))
        operations.edit(incident, actor=actor, version=incident.version, priority=1)
        operations.cancel(other, actor=actor, cancel_code="withdrawn", reason="It works again.")
        operations.open_incident(actor=actor, title="Just came", team=incident.team)
        news = fresh(browser, before)
        assert list(news["changed"]) == [incident.reference]
        assert f'data-s="{newest(incident).stamp}"' in news["changed"][incident.reference]
        assert (news["gone"], news["new"]) == ([other.reference], 1)
        assert "Just came" not in str(news), "what came waits until it is asked for"

    def test_a_word_of_the_caller_changes_its_line(
        self, incident: Incident, agent: User, requester: User, as_actor: Any, web: Any
    ) -> None:
        operations.reply(incident, actor=as_actor(agent), text="Is it on?")
        before = lines(newest(incident))
        operations.reply(incident, actor=as_actor(requester), text="It is urgent now.")
        assert "caller spoke" in fresh(web(agent), before)["changed"][incident.reference]

    def test_what_moves_up_on_a_full_page_is_not_new(
        self, incident: Incident, agent: User, as_actor: Any, web: Any, desk: Team
    ) -> None:
        made = [
            Incident.objects.create(title=f"Ticket {n}", team=desk, opened_at=incident.opened_at) for n in range(60)
        ]
        shown = [incident, *made][:50]
        operations.cancel(made[3], actor=as_actor(agent), cancel_code="withdrawn", reason="It works.")
        news = fresh(web(agent), lines(*(newest(one) for one in shown)))
        assert (news["gone"], news["new"]) == ([made[3].reference], 0)

    def test_a_confidential_record_is_as_one_that_never_was(
        self, incident: Incident, agent: User, bo: User, desk: Team, web: Any, person: Any
    ) -> None:
        stranger = web(person("engineer", username="stranger"))
        web(bo).post(f"/incidents/{incident.reference}/look/", {"doing": "writes"})
        assert "bo writes" in str(fresh(stranger, lines(newest(incident))))
        Team.objects.filter(pk=desk.pk).update(confidential=True)
        hidden, absent = newest(incident), Incident(pk=99_999)
        answers = [fresh(stranger, {"rows": f"{one.reference}:abc"}, "tab=all") for one in (hidden, absent)]
        assert answers[0]["changed"] == {}
        assert [answer["gone"] for answer in answers] == [[hidden.reference], [absent.reference]]
        assert [answer | {"gone": []} for answer in answers] == [{"changed": {}, "gone": [], "new": 0, "here": {}}] * 2
        assert look(stranger, hidden, doing="reads") == 404

    @each_of("rows", ["", ",", "x:y", "INC-0:1", "INC-99999999999999:1", "INC-1", "\ud83d:1" * 90])
    def test_odd_lines_are_left_out(self, incident: Incident, agent: User, web: Any, rows: str) -> None:
        answer = web(agent).post("/incidents/fresh/?tab=open", {"rows": rows.encode("utf-8", "replace")})
        assert answer.status_code == 200
        assert answer.json()["changed"] == {}

    def test_a_filter_that_cannot_be_read_has_no_news(self, agent: User, web: Any) -> None:
        assert fresh(web(agent), {"rows": ""}, "state=purple") == 204

    def test_it_takes_three_statements_and_who_is_signed_in(
        self, incident: Incident, agent: User, as_actor: Any, web: Any
    ) -> None:
        browser = web(agent)
        before = lines(newest(incident), stamp="old")
        fresh(browser, before)
        with CaptureQueriesContext(connection) as captured:
            fresh(browser, before)
        own = [one["sql"] for one in captured if "session" not in one["sql"] and "accounts_user" not in one["sql"][:60]]
        assert len([sql for sql in own if "FROM" in sql]) <= 3, own


class TestWhoIsThere:
    def test_the_desk_sees_who_is_on_a_record_and_who_writes(
        self, incident: Incident, agent: User, bo: User, web: Any
    ) -> None:
        ada, other = web(agent), web(bo)
        stamp = shown_stamp(ada, incident)
        assert look(ada, incident, stamp=stamp, doing="reads") == 204, "nobody sees themselves"
        assert look(other, incident, stamp=stamp, doing="writes") == {"here": "agent is here"}
        assert look(ada, incident, stamp=stamp, doing="reads") == {"here": "bo writes"}
        assert fresh(ada, lines(newest(incident)))["here"] == {incident.reference: "bo writes"}
        look(other, incident, stamp=stamp, doing="left")
        assert look(ada, incident, stamp=stamp, doing="reads") == 204

    def test_a_requester_sees_nobody_and_is_not_shown(
        self, incident: Incident, requester: User, agent: User, web: Any
    ) -> None:
        look(web(agent), incident, doing="writes")
        caller = web(requester)
        assert "agent" not in str(look(caller, incident, stamp=shown_stamp(caller, incident)))
        assert look(caller, incident, stamp=shown_stamp(caller, incident), doing="writes") == 204
        assert fresh(caller, lines(newest(incident))) == 204
        assert look(web(agent), incident, stamp=shown_stamp(web(agent), incident)) == 204

    def test_a_sign_of_life_ends(
        self, incident: Incident, agent: User, as_actor: Any, bo: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        presence.say_here("incident", incident.pk, as_actor(bo))
        assert [one.name for one in presence.present_on("incident", [incident.pk], as_actor(agent))[incident.pk]]
        later = presence.time() + presence.LIFE + 1
        monkeypatch.setattr(presence, "time", lambda: later)
        assert presence.present_on("incident", [incident.pk], as_actor(agent)) == {}

    def test_without_valkey_nobody_is_shown_and_it_is_left_alone(
        self, incident: Incident, agent: User, web: Any, settings: Any
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        presence._client.cache_clear()
        assert look(web(agent), incident, stamp=shown_stamp(web(agent), incident), doing="reads") == 204
        assert presence._rests_until["at"] > 0
        presence._client = None  # type: ignore[assignment]  -- whoever asks it now fails
        try:
            assert presence.present_on("incident", [1], Any) == {}
        finally:
            presence._client = client


client = presence._client


class TestTheRecord:
    def test_what_is_shown_has_no_news(self, incident: Incident, agent: User, requester: User, web: Any) -> None:
        for browser in (web(agent), web(requester)):
            assert look(browser, incident, stamp=shown_stamp(browser, incident)) == 204

    def test_a_note_and_an_edit_arrive(
        self, incident: Incident, agent: User, bo: User, as_actor: Any, web: Any
    ) -> None:
        browser = web(agent)
        stamp = shown_stamp(browser, incident)
        operations.note(incident, actor=as_actor(bo), text="The driver is old.")
        news = look(browser, incident, stamp=stamp)
        assert "The driver is old." in news["story"]
        assert news["last_note"] == Note.objects.get().pk
        assert look(browser, incident, stamp=news["stamp"]) == 204
        operations.edit(incident, actor=as_actor(bo), version=incident.version, assigned_to=bo)
        assert "bo has it" in look(browser, incident, stamp=news["stamp"])["consequence"]

    def test_a_private_note_moves_nothing_for_the_caller(
        self, incident: Incident, agent: User, requester: User, as_actor: Any, web: Any
    ) -> None:
        caller = web(requester)
        stamp = shown_stamp(caller, incident)
        operations.note(incident, actor=as_actor(agent), text="Difficult.")
        assert look(caller, incident, stamp=stamp) == 204
        operations.reply(incident, actor=as_actor(agent), text="We are on it.")
        news = look(caller, incident, stamp=stamp)
        assert "We are on it." in news["story"]
        assert "Difficult" not in str(news)


class TestAnswersThatCross:
    def test_a_reply_that_crosses_another_shows_it_first_and_keeps_the_words(
        self, incident: Incident, agent: User, bo: User, as_actor: Any, web: Any
    ) -> None:
        browser, path = web(agent), f"/incidents/{incident.reference}/note/"
        operations.reply(incident, actor=as_actor(bo), text="Restart it, please.")
        answer = browser.post(path, {"text": "Buy a new one.", "reply": "on", "seen": "0"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "bo answered meanwhile" in page
        assert "Buy a new one." in page
        first = Note.objects.get()
        assert page.count("Restart it, please.") == 2, "in the story, and beside the words"
        assert f'name="seen" value="{first.pk}"' in page
        assert browser.post(path, {"text": "Buy one.", "reply": "on", "seen": str(first.pk)}).status_code == 302

    def test_a_private_note_crosses_nothing(
        self, incident: Incident, agent: User, bo: User, as_actor: Any, web: Any
    ) -> None:
        operations.note(incident, actor=as_actor(bo), text="For us.")
        path = f"/incidents/{incident.reference}/note/"
        assert web(agent).post(path, {"text": "Hello.", "reply": "on", "seen": "0"}).status_code == 302

    def test_one_does_not_cross_oneself(self, incident: Incident, agent: User, bo: User, as_actor: Any) -> None:
        operations.reply(incident, actor=as_actor(agent), text="One.", seen=0)
        operations.reply(incident, actor=as_actor(agent), text="Two.", seen=0)
        with pytest.raises(Answered):
            operations.reply(incident, actor=as_actor(bo), text="Three.", seen=0)
