"""Signing in: people only, guessing is locked, sessions end with the account, forms carry their token."""

import logging
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from itsm.accounts.models import User
from itsm.api.redaction import NoSecrets, without_secrets

pytestmark = pytest.mark.django_db
WORD = "correct horse battery"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", WORD, roles=["engineer"])


def sign_in(username: str = "ada", password: str = WORD, client: Client | None = None, **extra: str) -> int:
    fields = {"username": username, "password": password}
    return (client or Client()).post("/sign-in/", fields, **extra).status_code


def test_a_person_signs_in_in_any_case(ada: User) -> None:
    assert [sign_in(), sign_in("ADA"), sign_in("ada", "wrong"), sign_in("bob")] == [302, 302, 422, 422]


def test_a_service_account_does_not_even_with_a_password(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(account_type="service", owner=User.objects.create(username="bo"))
    assert sign_in() == 422


def test_guessing_is_locked_for_that_account_from_that_address_only(ada: User) -> None:
    User.objects.create_user("bob", WORD)
    for _ in range(8):
        sign_in(password="wrong")
    assert sign_in() == 429
    assert sign_in("bob") == 302
    assert sign_in(REMOTE_ADDR="10.9.9.9") == 302


def test_other_spellings_of_a_name_are_no_fresh_guesses(ada: User) -> None:
    for spelling in ("ada", "Ada", "ADA", "aDa", "adA", "ａｄａ", "AdA", "aDA", "ADa"):
        sign_in(spelling, "wrong")
    assert sign_in() == 429
    assert sign_in("Ada") == 429


def test_a_session_ends_with_the_account_its_password_or_its_nature(ada: User, web: Callable[[User], Client]) -> None:
    program = {"account_type": "service", "owner": User.objects.create(username="bo")}
    for change in ({"is_active": False}, program, {"password": "!"}):
        client = web(ada)
        assert client.get("/profile/").status_code == 200
        User.objects.filter(pk=ada.pk).update(**change)
        assert client.get("/profile/").status_code == 302
        assert client.get("/api/v1/services/").status_code == 401
        User.objects.filter(pk=ada.pk).update(is_active=True, account_type="human", owner=None, password=ada.password)


def test_signing_in_gives_a_new_session(ada: User) -> None:
    client = Client()
    client.get("/sign-in/")
    sign_in(client=client)
    first = client.cookies["sessionid"]
    assert first["httponly"]
    assert first["samesite"] == "Lax"
    sign_in(client=client)
    assert client.get("/sign-out/").status_code == 405


def test_one_cannot_be_sent_elsewhere_after_signing_in(ada: User) -> None:
    for target in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ):
        answer = Client().post(f"/sign-in/?next={target}", {"username": "ada", "password": WORD, "next": target})
        assert answer["Location"] == "/"


def test_a_session_needs_the_csrf_token_for_writes(ada: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(ada, backend="itsm.accounts.backends.PeopleOnly")
    body = {"slug": "x", "name": "X"}
    assert client.get("/api/v1/services/").status_code == 200
    refused = client.post("/api/v1/services/", body, format="json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"


def test_the_csrf_token_of_the_page_opens_the_api(ada: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(ada, backend="itsm.accounts.backends.PeopleOnly")
    page = client.get("/profile/").content.decode()
    token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    answer = client.post("/api/v1/services/", {"slug": "x", "name": "X"}, format="json", HTTP_X_CSRFTOKEN=token)
    assert answer.status_code == 201


def test_identity_headers_from_outside_mean_nothing() -> None:
    for name in ("REMOTE_USER", "X_REMOTE_USER", "X_FORWARDED_USER", "X_AUTH_REQUEST_USER", "X_USER", "COOKIE"):
        assert Client().get("/api/v1/services/", **{f"HTTP_{name}": "ada"}).status_code == 401


@pytest.mark.parametrize(
    "text",
    [
        "token hr_abcdefghijkm.SECRETSECRET", "redis://:SECRET@host:1/0", "postgres://u:SECRET@h/x",
        "postgres://u:SE/CRET@h/x",
        "Authorization: Bearer SECRET", "authorization=Basic SECRET", "'Authorization': 'Basic SECRET'",
        "password=SECRET",
        '{"password": "SECRET word SECRET"}', "password: 'SECRET more SECRET'",
        "client_secret = SECRET", "HEADROOM_SECRET_KEY=SECRET",
    ],
)  # fmt: skip
def test_secrets_are_struck_out_of_a_line(text: str) -> None:
    cleaned = without_secrets(text)
    assert "SECRET" not in cleaned.replace("SECRET_KEY", "")
    assert "[redacted]" in cleaned


def test_secrets_are_struck_out_of_a_traceback_too() -> None:
    try:
        raise ConnectionError("cannot reach redis://:SECRET@host:1/0")
    except ConnectionError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "x", 1, "it %s", ("failed",), (type(error), error, error.__traceback__)
        )
    NoSecrets().filter(record)
    line = logging.Formatter("%(message)s").format(record)
    assert line.startswith("it failed")
    assert "redis://:[redacted]@host" in line
    assert ":SECRET" not in line.replace('redis://:SECRET@host:1/0")', "")


def test_ordinary_lines_stay_as_they_are() -> None:
    for line in (
        "GET /api/v1/services/?text=a 200",
        "http://127.0.0.1:8000/changes/CHG-00001/",
        "delivery 4 over mail failed",
    ):
        assert without_secrets(line) == line
