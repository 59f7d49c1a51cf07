"""Tokens, session keys and answers of keys of 10,000 shapes: never a 5xx, never in. Sampled in `make test`."""

import json
import random
import string
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from itsm.accounts.models import User
from itsm.second_factors.models import CodeApp
from tests.api.world import bearer, token_of
from tests.itsm.second_factors.conftest import sign_in
from tests.slo.proving import IN_FULL

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
SHAPES = 10_000 if IN_FULL else 200
ODD = [
    "",
    " ",
    "\x00",
    "\x7f",
    "é",
    "\u202e",
    "'",
    '"',
    ";",
    "\\",
    "%00",
    "../",
    "{}",
    "[]",
    "null",
    "-1",
    "9" * 40,
    "A" * 300,
]


def mangled(text: str, chance: random.Random) -> str:
    """This text with one to four things done to it."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(6):
            case 0:
                text = text[:place] + chance.choice(ODD) + text[place:]
            case 1:
                text = text[:place] + text[place + 1 :]
            case 2:
                text = text[:place] + chance.choice(string.printable[:94]) + text[place + 1 :]
            case 3:
                text = text[:place]
            case 4:
                text = text.swapcase()
            case _:
                text += text[place:]
    return text


def sent(text: str) -> str:
    """As a server hands a header on: bytes, one sign each."""
    return text.encode().decode("latin-1")


def shapes(text: str, seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    return (changed for _ in range(SHAPES) if (changed := mangled(text, chance)) != text)


def test_no_other_text_is_a_token(ada: User) -> None:
    token = token_of(ada)
    for text in shapes(token, 7):
        client = bearer(sent(text))
        answer = client.get("/api/v1/services/")
        assert answer.status_code == 401 or text.strip() == token, repr(text)


def test_no_other_cookie_is_a_session(ada: User, web: Callable[[User], Client]) -> None:
    key = web(ada).cookies["sessionid"].value
    for text in shapes(key, 11):
        client = Client(raise_request_exception=False, headers={"cookie": f"sessionid={sent(text)}"})
        status = client.get("/profile/").status_code
        assert status == 302 or (status == 200 and text.strip(' ";').startswith(key)), (status, text)


def test_no_other_answer_is_a_keys(ada: User, with_app: Callable[[User], CodeApp]) -> None:
    with_app(ada)
    chance = random.Random(13)
    client = Client(raise_request_exception=False)
    options = client.post("/sign-in/passkey/options/").json()
    good = json.dumps({
        "id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {},
        "response": {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA"},
        "challenge": options["publicKey"]["challenge"],
    })  # fmt: skip
    deep = "[" * 900 + "]" * 900
    for text in [deep, "1", "[]", '"x"', "{}", '{"response": 7}', '{"rawId": [], "response": {}}', *shapes(good, 17)]:
        path = chance.choice(["/sign-in/passkey/", "/sign-in/second/"])
        status = client.post(path, {"proof_key": text}).status_code
        assert status in {302, 422}, (status, text)
        assert client.get("/profile/").status_code == 302


def test_odd_codes_and_forms_are_refused_in_words(ada: User, with_app: Callable[[User], CodeApp]) -> None:
    with_app(ada)
    client = Client(raise_request_exception=False)
    sign_in(client, ada)
    for odd in [*ODD, "١٢٣٤٥٦", "123 456", "12345６"]:
        for name in ("proof_code", "proof_key", "nothing"):
            assert client.post("/sign-in/second/", {name: odd}).status_code in {400, 422}, (name, odd)
    assert client.get("/profile/").status_code == 302
