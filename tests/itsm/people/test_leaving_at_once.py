"""What happens at the same moment as a deactivation is either ended by it or refused, whichever comes first."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from incidents.incident import operations as incidents
from itsm.accounts import operations, tokens
from itsm.accounts.models import Session, Team, Token, User
from itsm.accounts.sessions import SessionStore
from itsm.kernel.errors import Conflict, NotPermitted
from tests.api.world import SYSTEM
from tests.itsm.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "correct horse battery"


@pytest.fixture
def ada(admin: User) -> User:
    return operations.add_user(actor=SYSTEM, username="ada", roles=["engineer"], password=WORD)


def _both(*works: Callable[[], Any]) -> list[Any]:
    """Each in a thread of its own, begun together."""
    waiting = iter(works)
    lock = threading.Lock()

    def one() -> Any:
        with lock:
            work = next(waiting)
        return work()

    return at_once(len(works), one)


def _while_leaving(ada: User, work: Callable[[], Any]) -> list[Any]:
    """What `work` gives that begins while a deactivation has done everything but commit, and must wait for it."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        operations.deactivate(ada, actor=SYSTEM)
        thread.start()
        while thread.is_alive() and not _somebody_waits():
            time.sleep(0.01)
    thread.join()
    return found


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def _stored_session(ada: User) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(ada.pk)
    session[BACKEND_SESSION_KEY] = "itsm.accounts.backends.PeopleOnly"
    session[HASH_SESSION_KEY] = ada.get_session_auth_hash()
    session.save()


def test_a_session_that_is_stored_while_somebody_leaves_is_refused(ada: User) -> None:
    (found,) = _while_leaving(ada, lambda: _stored_session(ada))
    assert isinstance(found, UpdateError)
    assert not Session.objects.filter(user=ada).exists()


def test_a_token_that_is_asked_for_while_somebody_leaves_is_refused(ada: User) -> None:
    (found,) = _while_leaving(ada, lambda: operations.issue_token(ada, actor=SYSTEM, name="late"))
    assert isinstance(found, Conflict)
    assert not Token.objects.filter(owner=ada, revoked_at=None).exists()


def test_a_program_that_is_made_for_somebody_who_leaves_is_refused(ada: User) -> None:
    def make() -> User:
        return operations.add_user(
            actor=SYSTEM, username="robot", roles=["engineer"], account_type="service", owner=ada
        )

    (found,) = _while_leaving(ada, make)
    assert isinstance(found, Conflict)
    assert not User.objects.filter(username="robot").exists()


def test_work_that_is_given_to_somebody_who_leaves_is_refused(ada: User) -> None:
    incident = incidents.open_incident(actor=SYSTEM, title="Slow")
    (found,) = _while_leaving(ada, lambda: incidents.edit(incident, actor=SYSTEM, version=1, assigned_to=ada))
    assert isinstance(found, Conflict)
    incident.refresh_from_db()
    assert incident.assigned_to is None


def test_signing_in_and_leaving_at_once_leaves_nobody_signed_in(ada: User) -> None:
    clients = [Client(raise_request_exception=False) for _ in range(4)]
    works = [
        lambda client=client: client.post("/sign-in/", {"username": "ada", "password": WORD}).status_code
        for client in clients
    ]
    _both(*works, lambda: operations.deactivate(ada, actor=SYSTEM))
    assert not Session.objects.filter(user=ada).exists()
    assert {client.get("/profile/").status_code for client in clients} == {302}
    operations.reactivate(ada, actor=SYSTEM)
    assert {client.get("/profile/").status_code for client in clients} == {302}


def test_tokens_and_leaving_at_once_leave_no_token_that_opens(ada: User) -> None:
    def issue() -> Any:
        return operations.issue_token(ada, actor=SYSTEM, name="race")

    found = _both(issue, issue, issue, lambda: operations.deactivate(ada, actor=SYSTEM))
    texts = [one[1] for one in found if isinstance(one, tuple)]
    operations.reactivate(ada, actor=SYSTEM)
    assert [text for text in texts if tokens.holder(text, timezone.now())] == []


def test_the_last_two_administrators_cannot_leave_together(admin: User) -> None:
    other = operations.add_user(actor=SYSTEM, username="other", roles=["admin"])
    found = _both(
        lambda: operations.deactivate(admin, actor=SYSTEM),
        lambda: operations.edit_person(other, actor=SYSTEM, version=other.version, roles=["engineer"]),
    )
    assert sum(isinstance(one, Conflict) for one in found) == 1, found
    assert User.objects.filter(is_active=True, roles__contains=["admin"]).count() == 1


def test_two_people_cannot_become_each_others_manager_at_once(ada: User) -> None:
    bob = operations.add_user(actor=SYSTEM, username="bob", roles=["engineer"])
    found = _both(
        lambda: operations.edit_person(ada, actor=SYSTEM, version=ada.version, manager=bob),
        lambda: operations.edit_person(bob, actor=SYSTEM, version=bob.version, manager=ada),
    )
    assert sum(isinstance(one, Conflict) for one in found) == 1, found
    assert User.objects.filter(manager__isnull=False).count() == 1


def test_nobody_joins_a_team_while_it_is_merged(ada: User) -> None:
    one = operations.add_team(actor=SYSTEM, slug="one", name="One")
    two = operations.add_team(actor=SYSTEM, slug="two", name="Two")
    found = _both(
        lambda: operations.merge_teams(one, into=two, actor=SYSTEM),
        lambda: operations.set_member(Team.objects.get(slug="one"), ada, actor=SYSTEM),
    )
    assert not any(isinstance(each, Exception) and not isinstance(each, Conflict) for each in found), found
    assert not Team.objects.get(slug="one").memberships.exists()


@pytest.mark.parametrize(
    "does",
    [
        lambda bob, eve: operations.deactivate(bob, actor=eve),
        lambda bob, eve: operations.edit_person(bob, actor=eve, version=None, version_required=False, roles=["agent"]),
        lambda bob, eve: operations.invite(bob, actor=eve),
    ],
    ids=["deactivates", "edits", "invites"],
)
def test_an_administrator_who_is_sent_away_meanwhile_does_no_more(
    does: Callable[..., Any], admin: User, as_actor: Callable[..., Any]
) -> None:
    """Else three administrators could send one another away at once, each by a request that had begun before."""
    eve = operations.add_user(actor=SYSTEM, username="eve", roles=["admin"], password=WORD)
    bob = operations.add_user(actor=SYSTEM, username="bob", roles=["admin"])
    acting = as_actor(eve)
    (came,) = _while_leaving(eve, lambda: does(bob, acting))
    assert isinstance(came, NotPermitted)
    bob.refresh_from_db()
    assert (bob.is_active, bob.roles, bob.invited_at) == (True, ["admin"], None)
