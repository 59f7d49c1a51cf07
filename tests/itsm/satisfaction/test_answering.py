"""One click without signing in: kept once, for the team, and told apart from nobody's name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts import scopes
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor
from itsm.notifications import outbox
from itsm.notifications.models import Notification
from itsm.notifications.notifying import send_mail
from itsm.satisfaction import operations, permissions, queries
from itsm.satisfaction.api import OwnSurveyViewSet
from itsm.satisfaction.links import address_of, token_of
from itsm.satisfaction.models import Survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


def resolved(requester: User, agent: User, as_actor: Callable[..., Actor]) -> Incident:
    incident = incidents.open_incident(actor=as_actor(requester), title="The printer is silent")
    incident = incidents.edit(incident, actor=as_actor(agent), version=incident.version, assigned_to=agent)
    return incidents.resolve(incident, actor=as_actor(agent), resolution="Plugged in", resolution_code="solved")


@pytest.fixture
def survey(requester: User, agent: User, as_actor: Callable[..., Actor]) -> Survey:
    incident = resolved(requester, agent, as_actor)
    return Survey.objects.get(record_kind="incident", record_id=incident.pk)


def test_who_asked_is_asked_once_however_often_it_is_resolved(
    survey: Survey, requester: User, agent: User, as_actor: Callable[..., Actor]
) -> None:
    incident = Incident.objects.get(pk=survey.record_id)
    assert (survey.team_id, survey.agent_id) == (incident.team_id, agent.pk)
    incident = incidents.reopen(incident, actor=as_actor(requester), reason="Still silent")
    incidents.resolve(incident, actor=as_actor(agent), resolution="New cable", resolution_code="solved")
    assert Survey.objects.count() == 1


def test_nobody_is_asked_about_work_of_their_own(agent: User, as_actor: Callable[..., Actor]) -> None:
    incident = incidents.open_incident(actor=as_actor(agent), title="My own")
    incidents.resolve(incident, actor=as_actor(agent), resolution="Done", resolution_code="solved")
    assert not Survey.objects.exists()


def test_the_mail_that_says_so_holds_the_links_for_the_caller_alone(
    requester: User, agent: User, person: Any, as_actor: Callable[..., Actor], mailoutbox: Any
) -> None:
    reporter, watcher = person("agent", username="desk"), person("requester", username="friend")
    for one in (requester, reporter, watcher):
        User.objects.filter(pk=one.pk).update(email=f"{one.username}@example.com")
    incident = incidents.open_incident(actor=as_actor(reporter), title="The printer is silent", caller=requester)
    incidents.watch(incident, actor=as_actor(agent), user=watcher)
    incidents.resolve(incident, actor=as_actor(agent), resolution="Plugged in", resolution_code="solved")
    for told in Notification.objects.filter(event="incident.resolved"):
        send_mail(outbox.Delivery.objects.get(key=f"notification-{told.pk}"))
    survey = Survey.objects.get()
    bodies = {one.to[0]: one.body for one in mailoutbox}
    assert bodies.keys() == {"requester@example.com", "desk@example.com", "friend@example.com"}
    for score in ("good", "fair", "bad"):
        assert address_of(survey, score) in bodies["requester@example.com"]
    assert token_of(survey) not in bodies["friend@example.com"] + bodies["desk@example.com"]
    assert token_of(survey) not in Notification.objects.get(to=requester, event="incident.resolved").body


def test_following_the_link_answers_nothing_and_sending_it_answers_once(survey: Survey, client: Client) -> None:
    page = client.get(f"/feedback/{token_of(survey)}/good/")
    assert page.status_code == 200
    assert "The printer is silent" not in page.content.decode()
    survey.refresh_from_db()
    assert survey.score == ""
    assert client.post(f"/feedback/{token_of(survey)}/", {"score": "good"}).status_code == 302
    again = client.post(f"/feedback/{token_of(survey)}/", {"score": "bad"})
    assert again.status_code == 409
    assert "the first answer stays" in again.content.decode()
    survey.refresh_from_db()
    assert survey.score == "good"


def test_words_come_after_the_answer_once_and_within_a_day(survey: Survey, client: Client) -> None:
    path = f"/feedback/{token_of(survey)}/comment/"
    assert client.post(path, {"text": "Early"}).status_code == 409
    operations.answer(survey, score="fair", at=timezone.now())
    assert client.post(path, {"text": "\u200b"}).status_code == 400
    assert client.post(path, {"text": "x" * 2_001}).status_code == 400
    assert client.post(path, {"text": "Slow, but kind"}).status_code == 302
    assert client.post(path, {"text": "More"}).status_code == 409
    survey.refresh_from_db()
    assert survey.comment == "Slow, but kind"


def test_words_a_day_later_and_answers_a_month_later_are_too_late(survey: Survey) -> None:
    with pytest.raises(operations.TooLate):
        operations.answer(survey, score="good", at=survey.expires_at)
    at = survey.expires_at - timedelta(seconds=1)
    operations.answer(survey, score="good", at=at)
    with pytest.raises(operations.TooLate):
        operations.comment(survey, text="Late", at=at + operations.COMMENTED_WITHIN)


@pytest.mark.parametrize("odd", ["made-up-token", "x" * 100, "MQ:abc:def"])
def test_a_link_that_was_never_ours_is_void(odd: str, client: Client) -> None:
    assert client.get(f"/feedback/{odd}/").status_code == 404
    assert client.post(f"/feedback/{odd}/comment/", {"text": "x"}).status_code == 404


def test_the_database_keeps_what_was_said(survey: Survey) -> None:
    operations.answer(survey, score="bad", at=timezone.now())
    with pytest.raises(DatabaseError, match="given once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE satisfaction_survey SET score = 'good'")


def test_the_question_stands_on_the_page_of_whose_it_is(
    survey: Survey, requester: User, agent: User, web: Callable[[User], Client]
) -> None:
    path = f"/incidents/{Incident.objects.get(pk=survey.record_id).reference}/"
    assert token_of(survey) in web(requester).get(path).content.decode()
    assert token_of(survey) not in web(agent).get(path).content.decode()


def _said(team: Team, agent: User, scores: str) -> None:
    at, first = timezone.now(), Survey.objects.count()
    words = {"g": "good", "f": "fair", "b": "bad"}
    Survey.objects.bulk_create(
        Survey(
            record_kind="incident", record_id=1000 + first + number, team=team, agent=agent, asked_at=at,
            expires_at=at, score=words.get(score, ""), answered_at=at if score != "-" else None,
        )
        for number, score in enumerate(scores)
    )  # fmt: skip


def test_single_people_are_shown_from_five_answers_on_and_never_by_subtraction(
    payments: Team, person: Any, manager: User, agent: User, as_actor: Callable[..., Actor]
) -> None:
    ada, bob, cyd = (person("agent", username=name) for name in ("ada", "bob", "cyd"))
    _said(payments, ada, "ggggb-")
    (team,) = queries.by_team(as_actor(manager), timezone.now())
    assert (team.asked, team.answers, team.good, team.bad, team.share_good) == (6, 5, 4, 1, 0.8)
    assert [(one.slug, one.answers) for one in team.people] == [("ada", 5)]
    _said(payments, bob, "bbbb")  # alone below five: the rest of the sum would be theirs
    assert queries.by_team(as_actor(manager), timezone.now())[0].people == []
    _said(payments, cyd, "g")  # two with five between them
    (team,) = queries.by_team(as_actor(manager), timezone.now())
    assert [one.slug for one in team.people] == ["ada"]
    assert queries.by_team(as_actor(agent), timezone.now())[0].people == []


def test_a_hidden_queue_is_in_nobodys_report(payments: Team, agent: User, as_actor: Callable[..., Actor]) -> None:
    _said(payments, agent, "ggg")
    Team.objects.filter(pk=payments.pk).update(confidential=True, takes_work=True)
    assert queries.by_team(as_actor(agent), timezone.now()) == []


def test_a_token_answers_about_records_to_which_it_may_write(survey: Survey, requester: User, api: Any) -> None:
    at, said = f"/api/v1/satisfaction/INC-{survey.record_id:05}/", {"score": "good"}
    assert api(requester, scopes.REQUESTS_WRITE).post(at, said, format="json").status_code == 403
    survey.refresh_from_db()
    assert survey.score == ""
    assert api(requester, scopes.INCIDENTS_WRITE).post(at, said, format="json").status_code == 200


def test_such_a_token_is_refused_as_at_every_other_door(survey: Survey, requester: User, api: Any) -> None:
    """By the policy of its viewset, before the body is read: the record is named, and what was to be done."""
    assert OwnSurveyViewSet.policy["answer"].over is permissions.answerers
    at = f"/api/v1/satisfaction/INC-{survey.record_id:05}/"
    for body in ({"score": "good"}, {"score": "no such score"}):
        refused = api(requester, scopes.REQUESTS_WRITE).post(at, body, format="json")
        told = f"{requester} may not answer INC-{survey.record_id:05}."
        assert (refused.status_code, refused.json()["detail"]) == (403, told)
