"""The first administrator: by a link from the terminal, once, while there is none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound
from itsm.setup import links
from itsm.setup.models import SetupLink
from tests.itsm.at_once import at_once

OPERATOR = Actor.system("tests", Door.COMMAND)
PASSWORD = "a long enough sentence"
FORM = {"username": "ada", "name": "Ada", "email": "", "password": PASSWORD, "again": PASSWORD}


def come_in(secret: str, username: str = "ada", **said: Any) -> User:
    words = {"name": "", "email": "", "password": PASSWORD, "at": timezone.now()} | said
    return links.found_administrator(secret, username=username, **words)


@pytest.fixture
def secret(db: None) -> str:
    return links.make_link(at=timezone.now())[1]


def test_an_empty_desk_says_what_to_do_instead_of_a_sign_in_that_nobody_can_pass(client: Client, db: None) -> None:
    page = client.get("/", follow=True).content.decode()
    assert "./manage.py setup_link" in page
    assert "id_password" not in page


def test_a_desk_with_people_has_its_sign_in(client: Client, admin: User) -> None:
    assert "id_password" in client.get("/sign-in/").content.decode()


def test_the_link_makes_an_administrator_who_is_signed_in(client: Client, secret: str) -> None:
    address = f"/setup/administrator/{secret}/"
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200, "looking at it uses nothing"
    made = client.post(address, FORM)
    assert (made.status_code, made["Location"]) == (302, "/setup/")
    ada = User.objects.get()
    assert (ada.username, ada.roles, ada.check_password(PASSWORD)) == ("ada", ["admin"], True)
    assert client.get("/setup/").status_code == 200
    events = set(Entry.objects.values_list("event", flat=True))
    assert {"setup_link.created", "setup_link.used", "user.created"} <= events
    assert not Entry.objects.filter(changes__icontains=secret).exists()


def test_who_a_file_named_finds_their_account_in_the_form(client: Client, secret: str) -> None:
    accounts.add_user(actor=OPERATOR, username="nora", name="Nora L.", email="nora@shop.example", roles=["admin"])
    page = client.get(f"/setup/administrator/{secret}/").content.decode()
    assert "names Nora L. (nora) as administrator" in page
    assert 'value="nora"' in page
    client.post(f"/setup/administrator/{secret}/", FORM | {"username": "nora"})
    assert User.objects.get().check_password(PASSWORD)


def test_it_is_good_once(client: Client, secret: str) -> None:
    come_in(secret)
    assert client.get(f"/setup/administrator/{secret}/").status_code == 404
    assert Client().post(f"/setup/administrator/{secret}/", FORM | {"username": "eve"}).status_code == 404
    with pytest.raises(NotFound):
        come_in(secret, "eve")
    assert User.objects.count() == 1


@pytest.mark.parametrize("hours", [24, 25, 10_000])
def test_it_ends_after_a_day(hours: int, secret: str) -> None:
    with pytest.raises(NotFound):
        come_in(secret, at=timezone.now() + timedelta(hours=hours))


def test_a_newer_link_ends_the_older_one(secret: str) -> None:
    newer = links.make_link(at=timezone.now() + timedelta(seconds=1))[1]
    with pytest.raises(NotFound):
        come_in(secret, at=timezone.now() + timedelta(seconds=2))
    assert come_in(newer, at=timezone.now() + timedelta(seconds=2)).username == "ada"


def test_there_is_none_while_there_is_an_administrator(secret: str) -> None:
    accounts.add_user(actor=OPERATOR, username="boss", roles=["admin"], password=PASSWORD)
    with pytest.raises(NotFound):
        come_in(secret)
    with pytest.raises(Conflict):
        links.make_link(at=timezone.now())
    with pytest.raises(CommandError):
        call_command("setup_link")


def test_an_administrator_of_a_file_who_has_no_password_gets_this_one(secret: str) -> None:
    accounts.add_user(actor=OPERATOR, username="ada", roles=["admin"], name="Ada of the file")
    assert not links.has_administrator()
    assert come_in(secret, "Ada").name == "Ada of the file"
    assert links.has_administrator()


def test_somebody_elses_account_is_not_taken_over(secret: str) -> None:
    accounts.add_user(actor=OPERATOR, username="ada", roles=["engineer"])
    with pytest.raises(Conflict):
        come_in(secret)
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("password", ["short", "password123", "12345678901x"[:9]])
def test_a_poor_password_uses_nothing(password: str, secret: str) -> None:
    with pytest.raises(InvalidInput):
        come_in(secret, password=password)
    assert come_in(secret).username == "ada"


def test_only_a_hash_is_kept(secret: str) -> None:
    assert secret not in str(SetupLink.objects.values_list("secret_hash", flat=True))


def test_the_command_prints_the_link_alone_and_nothing_where_people_are(capsys: Any, db: None) -> None:
    call_command("setup_link", "--if-empty")
    link = capsys.readouterr().out.strip()
    assert links.is_open(link.rstrip("/").rpartition("/")[2], timezone.now())
    accounts.add_user(actor=OPERATOR, username="erin", roles=["engineer"], password=PASSWORD)
    call_command("setup_link", "--if-empty")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_at_once_one_is_the_administrator(as_actor: Callable[..., Actor]) -> None:
    secret = links.make_link(at=timezone.now())[1]
    names = iter(("ada", "eve", "mia", "zoe"))
    came = at_once(4, lambda: come_in(secret, next(names)))
    assert sum(isinstance(one, User) for one in came) == 1, came
    assert all(isinstance(one, User | NotFound) for one in came), came
    assert User.objects.filter(roles=["admin"]).count() == 1
