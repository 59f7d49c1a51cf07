"""`itsm.accounts.signing_in`: one way to a session; half of it opens nothing; new places are told."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from itsm.accounts import signing_in
from itsm.accounts.models import KnownPlace, Session, User
from itsm.accounts.operations import known_places
from itsm.accounts.sessions import SessionStore, hashed
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.notifications.models import Notification

pytestmark = pytest.mark.django_db
WORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
NEWER = FIREFOX.replace("132", "133")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", WORD, roles=["engineer"])


@pytest.fixture
def guarded() -> Iterator[None]:
    """Passwords alone do not suffice."""
    guard = lambda user, by, strong: None if strong else "/forgotten/"  # noqa: E731
    signing_in.register_second_step(guard)
    yield
    signing_in._guards.remove(guard)


def a_request(address: str = "10.0.0.9", agent: str = FIREFOX) -> HttpRequest:
    request = RequestFactory().post("/", REMOTE_ADDR=address, headers={"user-agent": agent})
    request.session = SessionStore()
    request.session.create()
    return request


def signed_in(user: User, by: str = "password", **more: str) -> tuple[HttpRequest, HttpResponse]:
    request = a_request(**more)
    return request, signing_in.complete_sign_in(request, user, by=by, next_url="/services/")


def sessions(user: User) -> list[tuple[str, bool]]:
    return list(Session.objects.filter(user=user).order_by("created_at").values_list("by", "strong"))


def test_a_session_knows_by_which_door_it_began(ada: User) -> None:
    request, answer = signed_in(ada, by=signing_in.provider("corp"))
    request.session.save()
    assert (answer.status_code, answer["Location"]) == (302, "/services/")
    assert sessions(ada) == [("provider:corp", False)]


def test_half_signed_in_is_nobody_until_the_second_step(ada: User, guarded: None) -> None:
    client = Client()
    answer = client.post("/sign-in/?next=/teams/", {"username": "ada", "password": WORD})
    assert answer["Location"] == "/forgotten/"
    assert SESSION_KEY not in client.session
    assert client.get("/profile/").status_code == 302
    assert client.get("/api/v1/services/").status_code == 401
    assert sessions(ada) == []
    request = a_request()
    request.session = SessionStore(client.session.session_key)
    before = request.session.session_key
    assert signing_in.sign_in_finished(request)["Location"] == "/teams/"
    request.session.save()
    assert sessions(ada) == [("password", True)]
    assert request.session.session_key != before


def test_half_a_session_ends_with_time_password_and_account(ada: User, guarded: None) -> None:
    def finish(request: HttpRequest) -> None:
        with pytest.raises(NotPermitted):
            signing_in.sign_in_finished(request)
        assert SESSION_KEY not in request.session

    request, _ = signed_in(ada)
    request.session["half_signed_in"]["until"] = timezone.now().timestamp() - 1
    finish(request)
    request, _ = signed_in(ada)
    User.objects.filter(pk=ada.pk).update(access_version=7)
    finish(request)
    request, _ = signed_in(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    finish(request)
    finish(a_request())


def test_a_strong_provider_needs_no_second_step(ada: User, guarded: None) -> None:
    request = a_request()
    assert signing_in.complete_sign_in(request, ada, by="provider:corp", strong=True)["Location"] == "/"
    assert request.session[SESSION_KEY] == str(ada.pk)


def test_who_left_and_programs_get_no_session(ada: User) -> None:
    ada.is_active = False
    program = User(username="bot", account_type="service", owner=ada)
    for one in (ada, program):
        with pytest.raises(NotPermitted):
            signing_in.complete_sign_in(a_request(), one, by="password")


def test_a_session_that_somebody_handed_on_is_not_the_one_that_is_signed_in(ada: User) -> None:
    planted = a_request()
    planted.session["planted"] = "yes"
    planted.session.save()
    key = planted.session.session_key
    signing_in.complete_sign_in(planted, ada, by="password")
    planted.session.save()
    assert planted.session.session_key != key
    assert "planted" not in planted.session
    assert not Session.objects.filter(key_hash=hashed(key or "")).exists()


def test_a_new_place_is_told_by_mail_and_neither_the_first_nor_an_update_is(ada: User) -> None:
    def told() -> int:
        return Notification.objects.filter(to=ada, event="account.new_place").count()

    for agent, address, expected in (
        (FIREFOX, "10.0.0.9", 0),  # the first ever
        (NEWER, "10.0.0.7", 0),  # an update, elsewhere in the same kind of network
        (PHONE, "10.0.0.9", 1),
        (PHONE, "8.8.8.8", 2),
        (PHONE, "8.8.4.4", 2),
    ):
        signed_in(ada, agent=agent, address=address)
        assert told() == expected, (agent, address)
    assert set(KnownPlace.objects.values_list("device", flat=True)) == {"Firefox on Linux", "Safari on iOS"}


def test_the_link_of_that_mail_ends_what_began_there_by_a_post_only(ada: User) -> None:
    for agent in (FIREFOX, PHONE):
        request, _ = signed_in(ada, agent=agent)
        request.session.save()
    path = Notification.objects.get(event="account.new_place").path
    assert Client().get(path).status_code == 200
    assert len(sessions(ada)) == 2
    assert Client().post(path)["Location"] == "/sign-in/"
    assert [one.device for one in Session.objects.filter(user=ada)] == [FIREFOX]
    assert Client().get(path).status_code == 404
    assert Client().get("/sign-in/unknown/made-up/").status_code == 404
    with pytest.raises(NotFound):
        known_places.place_of("made-up")


def test_places_of_long_ago_are_forgotten_but_the_last(ada: User) -> None:
    for agent in (FIREFOX, PHONE):
        signed_in(ada, agent=agent)
    KnownPlace.objects.filter(device="Firefox on Linux").update(last_seen_at="2020-01-01T00:00Z")
    assert known_places.forget_old(timezone.now()) == 1
    KnownPlace.objects.update(last_seen_at="2020-01-01T00:00Z")
    assert known_places.forget_old(timezone.now()) == 0
    assert mail.outbox == []
