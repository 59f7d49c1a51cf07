"""Who is told of what by default: administrators say it on a page and over REST, and what was told stays explained."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.notifications import outbox, wishes, wishing
from itsm.notifications.digests import collect, send_digest
from itsm.notifications.models import Collecting, Delivery, Notification, RuleDefault
from itsm.notifications.telling import tell
from tests.together import each_of

pytestmark = pytest.mark.django_db
Api = Callable[[User], APIClient]
Web = Callable[[User], Client]
PAGE = "/settings/notifications/"


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


def rule(event: str, relation: str) -> RuleDefault:
    return RuleDefault.objects.get(event=event, relation=relation)


def address(one: RuleDefault) -> str:
    return f"/api/v1/notification-rules/{one.pk}/"


def told(person: User) -> Notification:
    Notification.objects.all().delete()
    Delivery.objects.all().delete()
    tell("incident.assigned", {"assignee": [person.pk]}, "Yours now", by=None)
    return Notification.objects.get(to=person)


def is_mailed(person: User) -> bool:
    told(person)
    return Delivery.objects.filter(channel="mail").exists()


def wish(person: User, one: RuleDefault, how: str | None) -> None:
    line = wishing.of_rule(one.event, one.relation)
    wishing.wish(person, actor=actor_for(person, Door.WEB), wished={(line, "mail"): how})


def patched(client: APIClient, one: RuleDefault, how: Any, version: int = 1) -> Any:
    return client.patch(address(one), {"how": how}, format="json", headers={"If-Match": f'"{version}"'})


def test_a_default_holds_from_then_on_for_who_wishes_nothing_and_is_told_by_history(
    admin: User, agent: User, engineer: User, api: Api
) -> None:
    given = rule("incident.assigned", "assignee")
    wish(engineer, given, "daily")
    answer = patched(api(admin), given, "off")
    assert (answer.status_code, answer.json()["how"], answer.json()["product"]) == (200, "off", "now")
    assert not is_mailed(agent)
    assert Collecting.objects.filter(notification=told(engineer)).exists(), "what somebody wishes goes before it"
    entry = Entry.objects.get(record_kind="notification_rule", record_id=given.pk)
    assert (entry.event, entry.actor_name, entry.changes["how"]) == (
        "notification_rule.edited", admin.username, [None, "off"],
    )  # fmt: skip
    assert [one.how for one in wishes.standing(agent) if one.rule.event == "incident.assigned"] == ["off", "now"]
    assert patched(api(admin), given, "now", version=2).json()["how"] == "now"
    assert rule("incident.assigned", "assignee").how is None, "as the product has it is nothing of its own"
    assert is_mailed(agent)


def test_who_wishes_what_the_desk_has_otherwise_keeps_it(admin: User, agent: User, api: Api) -> None:
    given = rule("incident.assigned", "assignee")
    patched(api(admin), given, "off")
    wish(agent, given, "now")
    assert is_mailed(agent)
    wish(agent, given, None)
    assert not agent.wishes.exists()
    assert not is_mailed(agent)


def test_news_that_people_must_have_cannot_be_switched_off(admin: User, agent: User, api: Api, web: Web) -> None:
    duty = rule("incident.escalated", "lead")
    answer = patched(api(admin), duty, "off")
    assert answer.status_code == 400
    assert "must have" in answer.json()["detail"]
    page = web(admin)
    assert f"how_{duty.pk}" not in page.get(PAGE).content.decode()
    page.post(PAGE, filled() | {f"how_{duty.pk}": "off", f"version_{duty.pk}": 1})
    assert rule("incident.escalated", "lead").how is None
    RuleDefault.objects.filter(pk=duty.pk).update(how="off")
    tell("incident.escalated", {"lead": [agent.pk]}, "Look at it", by=None)
    assert Notification.objects.filter(to=agent).exists(), "nor in the database, past the desk"


def filled(**changes: str) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for one in RuleDefault.objects.all():
        sent |= {f"how_{one.pk}": one.effective, f"version_{one.pk}": one.version}
    return sent | changes


def test_the_page_changes_what_was_chosen_and_refuses_what_was_changed_meanwhile(
    admin: User, web: Web, api: Api
) -> None:
    client: Client = web(admin)
    first, second = rule("incident.assigned", "assignee"), rule("incident.raised", "team")
    assert client.post(PAGE, filled(**{f"how_{first.pk}": "daily"})).status_code == 302
    assert rule("incident.assigned", "assignee").how == "daily"
    assert Entry.objects.filter(record_kind="notification_rule").count() == 1
    read = filled(**{f"how_{second.pk}": "off", f"how_{first.pk}": "off"})
    patched(api(admin), second, "daily")
    assert client.post(PAGE, read).status_code == 412
    assert rule("incident.assigned", "assignee").how == "daily", "all or none"
    again = client.post(PAGE, read | {f"version_{second.pk}": 2})
    assert (again.status_code, rule("incident.raised", "team").how) == (302, "off")


@each_of("body", [{}, {"how": "loud"}, {"how": ["off"]}, {"how": 7}, {"how": "off", "more": 1}, [], "x"])
def test_what_is_no_word_of_the_rules_is_refused(admin: User, api: Api, body: Any) -> None:
    given = rule("incident.assigned", "assignee")
    answer = api(admin).patch(address(given), body, format="json", headers={"If-Match": '"1"'})
    assert answer.status_code == 400
    assert answer.json()["type"].startswith("/problems/")
    assert rule("incident.assigned", "assignee").version == 1


def test_versions_are_asked_for_and_compared_and_an_empty_page_form_is_refused(
    admin: User, agent: User, api: Api, web: Web
) -> None:
    given = rule("incident.assigned", "assignee")
    client = api(admin)
    assert client.patch(address(given), {"how": "off"}, format="json").status_code == 428
    assert patched(client, given, "off", version=9).status_code == 412
    assert client.get("/api/v1/notification-rules/999999/").status_code == 404
    assert web(admin).post(PAGE, {}).status_code == 422
    assert web(admin).post(PAGE, filled(**{f"how_{given.pk}": "loud"})).status_code == 422
    assert web(agent).post(PAGE, filled(**{f"how_{given.pk}": "off"})).status_code == 403
    assert patched(api(agent), given, "off").status_code == 403


def test_why_did_i_get_this_is_true_after_the_rules_were_changed(
    admin: User, agent: User, api: Api, mailoutbox: list[Any]
) -> None:
    User.objects.filter(pk=agent.pk).update(email="agent@example.com")
    given = rule("incident.assigned", "assignee")
    patched(api(admin), given, "daily")
    kept = told(agent)
    due_at = kept.collecting.get().due_at
    patched(api(admin), given, "off", version=2)
    kept.refresh_from_db()
    assert kept.why == "You get this because you work on it."
    collect(due_at)
    send_digest(Delivery.objects.get(channel="digest"))
    assert "because this desk collects such news unless you wish otherwise" in mailoutbox[0].body
    assert "because you wish so" not in mailoutbox[0].body
