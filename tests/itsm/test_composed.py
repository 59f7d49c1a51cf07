"""Statements that are composed once: the answer of the queryset, for each who asks, as it stands now."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm import prepared
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Session, Team, User
from itsm.accounts.queues import Asker
from itsm.composed import NOW, composed
from itsm.kernel.actors import Door
from itsm.macros.models import Macro
from itsm.notifications.models import Notification

pytestmark = pytest.mark.django_db


@composed
def macros_of(user_id: int, word: str) -> QuerySet[Macro]:
    found = Macro.objects.filter(owner=user_id, name__contains=word).select_related("owner", "team")
    return found.order_by("name")


@composed
def opened_by(user_id: int) -> QuerySet[Any, Any]:
    running = Session.objects.filter(user=user_id, expires_at__gt=NOW, last_seen_at__lt=NOW + timedelta(hours=1))
    return running.order_by("key_hash").values_list("key_hash", flat=True)


@composed
def labelling(word: str) -> QuerySet[Macro]:
    return Macro.objects.filter(actions__contains=[{"kind": "labels", "value": [word]}])


@composed
def nobody(*_user: int) -> QuerySet[User]:
    return User.objects.filter(pk__in=())


@composed
def reads_a_row() -> QuerySet[User]:
    return User.objects.filter(pk=User.objects.latest("id").pk)


@composed
def of_an_instant(at: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(created_at__lt=at)


@composed
def with_more(*_how: str) -> QuerySet[User]:
    return User.objects.prefetch_related("memberships")


def a_macro(owner: User, name: str, **more: Any) -> Macro:
    return Macro.objects.create(
        owner=owner, name=name, slug=f"m{Macro.objects.count()}", record_kind="incident", share="person",
        actions=[{"kind": "labels", "value": ["50 %"]}], **more,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def forgotten() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    vars(connections["default"]).pop("_prepared_on", None)


def prepared_texts(word: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [text for (text,) in cursor.fetchall() if word in text]


@pytest.mark.parametrize("on", [True, False])
def test_it_answers_as_the_queryset_does_and_as_it_stands_now(
    settings: Any, agent: User, engineer: User, on: bool
) -> None:
    settings.PREPARED_STATEMENTS = on
    word = "50 %s o'clock"
    for person in (agent, engineer):
        for name in (f"{word}, b", f"{word}, a", "another"):
            a_macro(person, name)
    for person in (agent, engineer, agent):
        found = macros_of(person.pk, word).all()
        assert [one.name for one in found] == [f"{word}, a", f"{word}, b"]
        with CaptureQueriesContext(connection) as nothing_more:
            assert [(one.owner, one.team, one.actions[0]["value"]) for one in found] == [(person, None, ["50 %"])] * 2
        assert not nothing_more
    Macro.objects.filter(owner=agent, name__endswith="a").update(name=f"{word}, c", actions=[])
    assert [(one.name, one.actions == []) for one in macros_of(agent.pk, word).all()] == [
        (f"{word}, b", False), (f"{word}, c", True),
    ]  # fmt: skip
    assert len(prepared_texts("macros_macro")) == on, "one statement for all readers"


def test_an_instant_is_that_of_the_question(agent: User) -> None:
    now = timezone.now()
    for key, minutes in (("over", -1), ("open", 5)):
        Session.objects.create(
            key_hash=key, user=agent, data="", created_at=now, last_seen_at=now,
            expires_at=now + timedelta(minutes=minutes),
        )  # fmt: skip
    asked = opened_by(agent.pk)
    assert asked.rows() == asked.rows(now) == [("open",)]
    assert asked.rows(now - timedelta(minutes=2)) == [("open",), ("over",)]
    assert asked.rows(now + timedelta(minutes=6)) == asked.rows(now - timedelta(hours=2)) == []
    with pytest.raises(TypeError, match="no records"):
        asked.read(("open",))


def test_what_can_hold_nothing_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert nobody(1).all() == []
    assert not asked


def test_what_it_depends_on_is_given() -> None:
    with pytest.raises(RuntimeError, match="depends on what it is given"):
        reads_a_row()
    with pytest.raises(ValueError, match="no instant but NOW"):
        of_an_instant(timezone.now())
    with pytest.raises(ValueError, match="prefetched"):
        with_more()


def test_a_connection_forgets_what_it_prepared_when_it_is_too_much(
    monkeypatch: pytest.MonkeyPatch, agent: User
) -> None:
    monkeypatch.setattr(prepared, "_MOST_KNOWN", 2)
    a_macro(agent, "No end of them")
    for words, there in (("No", 1), ("end", 2), ("of", 1), ("them", 2), ("of", 2), ("No", 1)):
        assert [one.name for one in macros_of(agent.pk, words).all()] == ["No end of them"]
        assert len(prepared_texts("macros_macro")) == there


def test_readers_who_see_the_same_share_it(agent: User, engineer: User) -> None:
    Team.objects.create(slug="of-all", name="Of all")
    one, other = (Asker.of(actor_for(person, Door.WEB)).rights for person in (agent, engineer))
    assert one.seen
    assert one.seen is other.seen


def test_json_is_a_place_as_numbers_are(agent: User) -> None:
    """Else each set of queues that a reader does not see would be a statement of its own."""
    a_macro(agent, "For the desk")
    for word, found in (("50 %", 1), ("60 %", 0), ("it's {} %s $1", 0)):
        assert len(labelling(word).all()) == found
    assert len(prepared_texts("macros_macro")) == 1
