"""What the portal counts: answers after which nobody asked, forms that were left; no words, and no names for long."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.portal import operations
from itsm.portal.models import Trace
from itsm.portal.queries.reports import report
from tests.factories.knowledge import a_live_article
from tests.factories.requests import an_item, question

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_an_answer_after_which_nothing_was_asked_spared_somebody_work(
    requester: User, person: Any, manager: User, as_actor: Callable[..., Actor]
) -> None:
    other, article = person("requester", username="other"), a_live_article(title="Reset it", audience=["all"])
    then = timezone.now() - 2 * DAY
    for one in (requester, other, other):  # twice is once
        operations.note("opened", "article", article.reference, actor=as_actor(one), at=then)
    incidents.open_incident(actor=as_actor(other), title="It did not help", at=then + timedelta(hours=1))
    assert Trace.objects.filter(asked_at=None).count() == 2  # `at` of a record is its own affair: asked now, too late
    operations.mark_asked(other.pk, "incident", "incident", then + timedelta(hours=1))
    found = report(as_actor(manager), timezone.now())
    assert (found.opened, found.deflected) == (2, 1)
    assert [(row.name, row.count, row.without_asking) for row in found.answers] == [("Reset it", 2, 1)]


def test_a_form_that_was_begun_and_sent_is_not_abandoned(
    requester: User, agent: User, as_actor: Callable[..., Actor], web: Callable[[User], Client]
) -> None:
    for one in (requester, agent):
        sent = {"kind": "begun", "about_kind": "incident", "about": "incident"}
        assert web(one).post("/portal/traces/", sent).status_code == 204
    web(requester).post("/portal/ask/", {"title": "Help"})
    assert report(as_actor(agent), timezone.now()).begun == 0  # the last day is not known yet
    found = report(as_actor(agent), timezone.now() + DAY)
    assert (found.begun, found.abandoned) == (2, 1)


def test_midnight_parts_nobody_from_what_they_read(requester: User, as_actor: Callable[..., Actor]) -> None:
    late = timezone.now().replace(hour=23, minute=50)
    operations.note("opened", "article", "KNO-00001", actor=as_actor(requester), at=late)
    assert operations.mark_asked(requester.pk, "incident", "incident", late + timedelta(minutes=20)) == 1
    assert operations.mark_asked(requester.pk, "incident", "incident", late + timedelta(minutes=30)) == 0


def test_only_what_they_may_see_is_counted_and_the_answer_is_the_same(
    requester: User, web: Callable[[User], Client]
) -> None:
    hidden = a_live_article(title="For us", audience=["staff"])
    for about_kind, about in (
        ("article", hidden.reference), ("article", "KNO-99999"), ("article", "\0"), ("outage", "no-such"),
        ("planet", "mars"), ("article", "x" * 9000),
    ):  # fmt: skip
        sent = {"kind": "opened", "about_kind": about_kind, "about": about}
        answer = web(requester).post("/portal/traces/", sent)
        assert (answer.status_code, answer.content) == (204, b"")
    assert not Trace.objects.exists()


def test_who_it_was_is_forgotten_and_the_numbers_stay(requester: User, manager: User, as_actor: Any) -> None:
    then = timezone.now() - 3 * DAY
    operations.note("opened", "outage", "mail", actor=as_actor(requester), at=then)
    assert operations.forget(timezone.now()) == 1
    assert operations.forget(timezone.now()) == 0
    assert Trace.objects.get().visitor == ""
    assert report(as_actor(manager), timezone.now()).deflected == 1


def test_a_form_that_was_left_says_after_which_question_and_never_with_what(
    requester: User, manager: User, web: Any, as_actor: Any
) -> None:
    an_item("laptop", questions=[question("room")])
    page = web(requester)
    for field in ("", "room", "a secret", "room' OR 1=1"):
        page.post("/portal/traces/", {"kind": "begun", "about_kind": "item", "about": "laptop", "field": field})
    page.post("/portal/traces/", {"kind": "begun", "about_kind": "incident", "about": "incident", "field": "title"})
    assert sorted(Trace.objects.values_list("last_field", flat=True)) == ["room", "title"]
    found = report(as_actor(manager), timezone.now() + timedelta(days=2))
    assert {(one.name, one.field, one.count) for one in found.left_at} == {
        ("laptop", "room", 1),
        ("incident", "title", 1),
    }
