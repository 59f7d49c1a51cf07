"""Announcements: who says them, who reads them, from when on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Service
from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.announcements import operations, queries
from itsm.announcements.models import AHEAD, Announcement
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def say(manager: User, as_actor: Callable[..., Actor]) -> Callable[..., Announcement]:
    def publish(title: str = "New phones", **said: Any) -> Announcement:
        now = timezone.now()
        terms = {"starts_at": now - HOUR, "ends_at": now + HOUR, **said}
        return operations.publish(actor=as_actor(manager), title=title, **terms)

    return publish


def shown(user: User, as_actor: Callable[..., Actor], at: Any = None) -> list[str]:
    return [one.title for one in queries.shown(as_actor(user), at or timezone.now())]


def test_each_audience_reads_its_own_and_who_works_here_all_in_the_list(
    say: Any, payments: Team, requester: User, agent: User, person: Any, as_actor: Callable[..., Actor]
) -> None:
    member = person("requester", payments, username="member")
    for title, audience in (("For all", ["all"]), ("For staff", ["staff"]), ("For payments", [f"team:{payments.pk}"])):
        say(title, audience=audience)
    assert shown(requester, as_actor) == ["For all"]
    assert set(shown(member, as_actor)) == {"For all", "For payments"}
    assert set(shown(agent, as_actor)) == {"For all", "For staff"}
    assert queries.visible(as_actor(agent), timezone.now()).count() == 3
    hidden = Announcement.objects.get(title="For payments")
    with pytest.raises(NotFound):
        queries.by_reference(as_actor(requester), hidden.reference, timezone.now())


def test_news_hold_from_their_first_instant_to_their_last_and_maintenance_is_said_ahead(
    say: Any, requester: User, as_actor: Callable[..., Actor]
) -> None:
    start = timezone.now() + timedelta(days=30)
    say("News", starts_at=start, ends_at=start + HOUR)
    say("Work", starts_at=start, ends_at=start + HOUR, kind_of="maintenance")
    tick = timedelta(microseconds=1)
    assert shown(requester, as_actor, start - AHEAD - tick) == []
    assert shown(requester, as_actor, start - AHEAD) == ["Work"]
    assert set(shown(requester, as_actor, start)) == {"News", "Work"}
    assert set(shown(requester, as_actor, start + HOUR - tick)) == {"News", "Work"}
    assert shown(requester, as_actor, start + HOUR) == []


def test_what_is_withdrawn_is_read_no_longer_and_stays_in_the_list(
    say: Any, requester: User, manager: User, as_actor: Callable[..., Actor]
) -> None:
    one = operations.withdraw(say(), actor=as_actor(manager), at=timezone.now())
    assert shown(requester, as_actor) == []
    assert queries.by_reference(as_actor(manager), one.reference, timezone.now()) == one
    with pytest.raises(WrongState):
        operations.withdraw(one, actor=as_actor(manager), at=timezone.now())
    with pytest.raises(WrongState):
        operations.edit(one, actor=as_actor(manager), version=one.version, title="Else")


def test_requesters_and_engineers_announce_nothing(
    requester: User, engineer: User, as_actor: Callable[..., Actor]
) -> None:
    now = timezone.now()
    for one in (requester, engineer):
        with pytest.raises(NotPermitted):
            operations.publish(actor=as_actor(one), title="Hello", starts_at=now, ends_at=now + HOUR)


def test_what_cannot_be_meant_is_refused_at_its_field(say: Any, payments: Team) -> None:
    now, hidden = timezone.now(), Service.objects.create(slug="vault", name="Vault", team=payments, audience=["staff"])
    for field, odd in (
        ("ends_at", {"starts_at": now, "ends_at": now}),
        ("ends_at", {"starts_at": now, "ends_at": now + timedelta(days=367)}),
        ("kind_of", {"kind_of": "party"}),
        ("service", {"service": hidden}),
        ("title", {"title": "\u200b"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            say(**odd)
        assert field in refused.value.errors


def test_a_service_that_was_hidden_afterwards_is_not_named(
    say: Any, payments: Team, requester: User, web: Callable[[User], Client], api: Any
) -> None:
    service = Service.objects.create(slug="vault", name="Vault of gold", team=payments)
    one = say("Work", service=service)
    for path in ("/portal/", "/portal/status/", one.get_absolute_url()):
        assert "Vault of gold" in web(requester).get(path).content.decode()
    Service.objects.update(audience=["staff"])
    for path in ("/portal/", "/portal/status/", one.get_absolute_url()):
        assert "Vault of gold" not in web(requester).get(path).content.decode()
    said = api(requester).get(f"/api/v1/announcements/{one.reference}/")
    assert said.json()["service"] is None
    assert "audience" not in said.json()
    assert "ETag" not in said


def test_a_merged_team_reads_on_what_was_said_to_it(say: Any, payments: Team, admin: User, as_actor: Any) -> None:
    one, web = say(audience=[f"team:{payments.pk}"]), Team.objects.create(slug="web", name="Web")
    accounts.merge_teams(payments, actor=as_actor(admin), into=web)
    one.refresh_from_db()
    assert one.audience == [f"team:{web.pk}"]


def test_the_form_makes_one_and_keeps_what_was_typed_when_it_refuses(
    manager: User, requester: User, web: Callable[[User], Client]
) -> None:
    sent = {"title": "Lifts stop", "kind_of": "news", "starts_at": "2026-11-29T08:00", "ends_at": "2026-11-29T07:00"}
    refused = web(manager).post("/portal/announcements/new/", sent)
    assert refused.status_code in {400, 422}
    assert "Lifts stop" in refused.content.decode()
    made = web(manager).post("/portal/announcements/new/", {**sent, "ends_at": "2026-11-29T09:00"})
    assert made.status_code == 302
    assert Announcement.objects.get().audience == ["all"]
    assert web(requester).post("/portal/announcements/new/", sent).status_code == 403
