"""Coming in: by an invitation, with a forgotten password, and what strangers learn from asking (nothing)."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from itsm.accounts import links, operations
from itsm.accounts.actors import actor_for
from itsm.accounts.links import Purpose
from itsm.accounts.models import EmailAddress, ResetRequest, Session, User
from itsm.accounts.operations.passwords import TooManyResets
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import relay
from tests.api.world import SYSTEM
from tests.together import each_of

pytestmark = pytest.mark.django_db
WORD = "violet harbour seven"


@pytest.fixture
def ada(admin: User) -> User:
    return operations.add_user(actor=SYSTEM, username="ada", roles=["engineer"], email="ada@example.com")


def mailed_link() -> str:
    """The path of the link in the newest mail."""
    relay(timezone.now() + timedelta(seconds=1))
    found = re.search(rf"{settings.BASE_URL}(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def choose(client: Client, path: str, password: str = WORD) -> int:
    page = client.get(path, follow=True)
    if page.status_code != 200:
        return page.status_code
    return client.post(page.redirect_chain[-1][0], {"password": password, "again": password}).status_code


def sign_in(password: str = WORD, client: Client | None = None) -> int:
    return (client or Client()).post("/sign-in/", {"username": "ada", "password": password}).status_code


def test_an_invitation_is_mailed_works_once_and_shows_that_the_address_is_read(ada: User) -> None:
    assert operations.invite(ada, actor=SYSTEM) == ""
    path = mailed_link()
    assert mail.outbox[-1].to == ["ada@example.com"]
    assert path.startswith("/welcome/")
    assert choose(Client(), path) == 302
    assert sign_in() == 302
    assert EmailAddress.objects.get(user=ada).verified_at is not None
    assert choose(Client(), path) == 404
    with pytest.raises(Conflict, match="password already"):
        operations.invite(ada, actor=SYSTEM)


def test_what_lies_in_the_outbox_opens_nothing(ada: User) -> None:
    operations.invite(ada, actor=SYSTEM)
    owed = Delivery.objects.get(channel=links.CHANNEL)
    assert owed.payload == {"user": ada.pk, "purpose": "invitation", "about": ""}


def test_a_second_invitation_makes_the_first_void(ada: User) -> None:
    operations.invite(ada, actor=SYSTEM)
    first = mailed_link()
    operations.invite(ada, actor=SYSTEM)
    second = mailed_link()
    assert choose(Client(), first) == 404
    assert choose(Client(), second) == 302


def test_where_no_mail_leaves_the_link_is_shown_to_the_administrator_once(
    ada: User, admin: User, web: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
    page = web(admin).post("/people/ada/invite/")
    found = re.search(rf"{settings.BASE_URL}(/welcome/[^<\s]+)", page.content.decode())
    assert found is not None
    assert not Delivery.objects.filter(channel=links.CHANNEL).exists()
    assert "/welcome/" not in web(admin).get("/people/ada/").content.decode()
    assert choose(Client(), found[1]) == 302
    assert EmailAddress.objects.get(user=ada).verified_at is None  # nobody has shown that they read it


def test_the_address_of_the_page_holds_no_token(ada: User) -> None:
    operations.invite(ada, actor=SYSTEM)
    page = Client().get(mailed_link(), follow=True)
    assert [address for address, _status in page.redirect_chain] == ["/welcome/chosen/"]


def test_an_easy_password_is_refused_and_the_link_stays_good(ada: User) -> None:
    operations.invite(ada, actor=SYSTEM)
    path, client = mailed_link(), Client()
    for easy in ("short", "password123", "1234567890", "ada@example"):
        assert choose(client, path, easy) == 400, easy
    assert client.post("/welcome/chosen/", {"password": WORD, "again": "another word"}).status_code == 422
    assert choose(client, path) == 302


def test_who_forgot_gets_a_link_for_an_hour(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for typed in ("ada", "ADA@example.com"):
        Delivery.objects.all().delete()
        assert Client().post("/forgotten/", {"typed": typed}).status_code == 200
        assert mailed_link().startswith("/new-password/")
    path = mailed_link()
    assert choose(Client(), path) == 302
    assert sign_in() == 302
    assert choose(Client(), path) == 404
    assert Entry.objects.filter(event="user.password_reset", reference="ada").count() == 1
    stale = links.made(ada, Purpose.RESET)
    monkeypatch.setitem(links.LIFETIMES, Purpose.RESET, timedelta(seconds=-1))
    assert choose(Client(), f"/new-password/{stale}/") == 404


def test_a_reset_ends_every_session(ada: User, web: Callable[[User], Client]) -> None:
    client = web(ada)
    operations.choose_password(links.made(ada, Purpose.RESET), Purpose.RESET, password=WORD)
    assert not Session.objects.filter(user=ada).exists()
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize("typed", ["ada", "nobody", "gone", "robot", "nobody@example.com", "ada\r\nBcc: x@y", "‮ada"])
def test_whoever_is_asked_for_the_answer_is_the_same(ada: User, typed: str) -> None:
    User.objects.create(username="gone", is_active=False, email="gone@example.com")
    User.objects.create(username="robot", account_type="service", owner=ada, email="robot@example.com")
    known = Client().post("/forgotten/", {"typed": "ada"})
    asked = Client().post("/forgotten/", {"typed": typed})

    def plain(answer: object) -> str:
        return re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.content.decode())  # type: ignore[attr-defined]

    assert (asked.status_code, plain(asked)) == (known.status_code, plain(known))
    mail.outbox.clear()
    relay(timezone.now() + timedelta(seconds=1))
    assert {one for sent in mail.outbox for one in sent.to} <= {"ada@example.com"}


def test_asking_again_and_again_mails_once_and_is_refused_at_the_eleventh_time(ada: User) -> None:
    for _ in range(10):
        assert Client().post("/forgotten/", {"typed": "ada"}).status_code == 200
    assert Client().post("/forgotten/", {"typed": "ada"}).status_code == 429
    assert Client().post("/forgotten/", {"typed": "ada"}, REMOTE_ADDR="10.2.3.4").status_code == 200
    relay(timezone.now() + timedelta(seconds=1))
    assert len(mail.outbox) == 1
    with pytest.raises(TooManyResets):
        operations.ask_for_reset("bob", asked_from="127.0.0.1")
    ResetRequest.objects.update(asked_at=timezone.now() - timedelta(hours=1, seconds=1))
    operations.ask_for_reset("bob", asked_from="127.0.0.1")


@each_of("token", ["x", "a:b:c", "chosen", "%00", "é" * 30, "x" * 5000, "../../etc"])
def test_made_up_links_open_nothing(ada: User, token: str) -> None:
    for door in ("welcome", "new-password"):
        assert Client(raise_request_exception=False).get(f"/{door}/{token}/", follow=True).status_code in {400, 404}
    with pytest.raises(NotFound):
        operations.choose_password(token, Purpose.RESET, password=WORD)


def test_a_link_is_good_for_its_own_purpose_and_person_only(ada: User, engineer: User) -> None:
    link = links.made(ada, Purpose.ADDRESS, about="1")
    with pytest.raises(NotFound):
        operations.choose_password(link, Purpose.RESET, password=WORD)
    assert links.opened(links.made(engineer, Purpose.RESET), Purpose.RESET).user == engineer  # type: ignore[union-attr]


def test_programs_and_who_left_are_not_invited(ada: User) -> None:
    robot = operations.add_user(actor=SYSTEM, username="robot", roles=["engineer"], account_type="service", owner=ada)
    with pytest.raises(Conflict):
        operations.invite(robot, actor=SYSTEM)
    operations.deactivate(ada, actor=SYSTEM)
    with pytest.raises(Conflict):
        operations.invite(ada, actor=SYSTEM)


def test_a_second_address_counts_once_its_mail_was_read(
    ada: User, web: Callable[[User], Client], engineer: User
) -> None:
    client = web(ada)
    assert client.post("/profile/addresses/", {"email": "ada@home.example"}).status_code == 302
    second = EmailAddress.objects.get(email="ada@home.example")
    assert client.post(f"/profile/addresses/{second.pk}/primary/").status_code == 409
    path = mailed_link()
    assert mail.outbox[-1].to == ["ada@home.example"]
    assert client.get(path).status_code == 200  # a scanner that follows links verifies nothing
    assert EmailAddress.objects.get(pk=second.pk).verified_at is None
    assert web(engineer).post(path).status_code == 403
    assert client.post(path).status_code == 302
    assert client.post(f"/profile/addresses/{second.pk}/primary/").status_code == 302
    ada.refresh_from_db()
    assert ada.email == "ada@home.example"
    assert client.post(f"/profile/addresses/{second.pk}/remove/").status_code == 409
    first = EmailAddress.objects.get(email="ada@example.com")
    assert web(engineer).post(f"/profile/addresses/{first.pk}/remove/").status_code == 404
    assert client.post(f"/profile/addresses/{first.pk}/remove/").status_code == 302


def test_an_address_belongs_to_one_account_in_any_case(ada: User) -> None:
    with pytest.raises(Conflict, match="belongs to an account"):
        operations.add_user(actor=SYSTEM, username="bob", roles=[], email="ADA@Example.com")
    bob = operations.add_user(actor=SYSTEM, username="bob", roles=[])
    with pytest.raises(Conflict):
        operations.add_address(bob, "Ada@example.com", actor=SYSTEM)
    with pytest.raises(InvalidInput):
        operations.add_address(bob, "no address", actor=SYSTEM)
    with pytest.raises(NotPermitted):
        operations.add_address(ada, "x@example.com", actor=actor_for(bob, Door.WEB))


def test_an_unverified_address_of_somebody_gets_no_reset(ada: User, engineer: User) -> None:
    operations.add_address(engineer, "boss@example.com", actor=SYSTEM)
    mail.outbox.clear()
    Delivery.objects.all().delete()
    Client().post("/forgotten/", {"typed": "boss@example.com"})
    relay(timezone.now() + timedelta(seconds=1))
    assert mail.outbox == []


def test_an_administrator_sends_a_link_to_who_forgot(
    ada: User, admin: User, web: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Conflict, match="send an invitation"):
        operations.send_reset(ada, actor=SYSTEM)
    ada.set_password("an older word of hers")
    ada.save()
    assert operations.send_reset(ada, actor=SYSTEM) == ""
    assert mailed_link().startswith("/new-password/")
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
    page = web(admin).post("/people/ada/invite/").content.decode()
    found = re.search(rf"{settings.BASE_URL}(/new-password/[^<\s]+)", page)
    assert found is not None
    assert sign_in("an older word of hers") == 302  # nothing ends until it is used
    assert choose(Client(), found[1]) == 302
    assert sign_in() == 302
    assert Entry.objects.filter(event="user.reset_sent").count() == 2
