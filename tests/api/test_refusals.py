"""Refusals that help: what was probably meant, everything wrong at once, and which token is wrong how."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from itsm.accounts.models import Token, User
from itsm.api.nearest import nearest
from tests.api.world import World, bearer, question, token_of

pytestmark = pytest.mark.django_db
GATE, SERVICES = "/api/v1/gate-evaluations/", "/api/v1/services/"


def errors(answer) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    return {one["pointer"]: one["detail"] for one in answer.json()["errors"]}


def test_everything_that_is_wrong_with_a_question_is_said_at_once_with_what_was_meant(world: World) -> None:
    client = bearer(token_of(world.people["engineer"]))
    wrong = {**question("1"), "service": "chekout", "purpos": "fix", "change_class": "nromal", "summary": ""}
    said = errors(client.post(GATE, wrong, format="json"))
    assert said.keys() == {"/service", "/purpos", "/change_class", "/summary"}
    assert "Did you mean checkout?" in said["/service"]
    assert "Did you mean purpose?" in said["/purpos"]
    assert "Did you mean normal?" in said["/change_class"]
    assert "standard" in said["/change_class"]


def test_a_service_that_may_not_be_seen_is_never_suggested(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = bearer(token_of(world.people["engineer"]))
    seen = Service.objects.exclude(slug="checkout")
    monkeypatch.setattr(type(Service.objects), "visible_to", lambda self, actor: seen)
    said = errors(client.post("/api/v1/incidents/", {"title": "Slow", "service": "checkou"}, format="json"))
    assert said == {"/service": "There is no service called checkou."}


def test_an_unknown_filter_hears_the_near_one(world: World) -> None:
    client = bearer(token_of(world.people["engineer"]))
    said = errors(client.get(f"{SERVICES}?teir=1"))
    assert said["/teir"].startswith("Unknown filter. Did you mean tier? Known are")


@pytest.mark.parametrize(
    ("name", "near"), [("chekout", ["checkout"]), ("CHECKOUT", ["checkout"]), ("zzz", []), ("", []), ("c" * 5000, [])]
)
def test_what_is_near(name: str, near: list[str]) -> None:
    assert nearest(name, ["checkout", "ledger"]) == near


def refused(text: str | None) -> tuple[str, str, str]:
    client = APIClient()
    answer = client.get(SERVICES, HTTP_AUTHORIZATION=text) if text is not None else client.get(SERVICES)
    assert answer.status_code == 401
    said = answer.json()
    return said["type"].removeprefix("/problems/"), said["detail"], answer["WWW-Authenticate"]


def test_tokens_are_told_apart_by_who_holds_all_of_them(engineer: User) -> None:
    good, expired, revoked = (token_of(engineer) for _ in range(3))
    now = timezone.now()
    Token.objects.filter(prefix=expired[3:15]).update(created_at=now - timedelta(days=2), expires_at=now - timedelta(1))
    Token.objects.filter(prefix=revoked[3:15]).update(revoked_at=now)
    kind, words, asked = refused(None)
    assert (kind, asked) == ("not-authenticated", 'Bearer realm="headroom"')
    assert "Authorization: Bearer" in words
    for text, wanted in ((expired, "token-expired"), (revoked, "token-revoked")):
        kind, words, asked = refused(f"Bearer {text}")
        assert (kind, asked) == (wanted, 'Bearer realm="headroom", error="invalid_token"')
        assert "issue another one" in words
    # Without the secret nothing is told: a token that is there answers as one that never was.
    never = f"hr_{'a' * 12}.{'b' * 43}"
    assert refused(f"Bearer {never}") == refused(f"Bearer {revoked[:16]}{'b' * 43}")
    assert refused(f"Bearer {never}") == refused(f"Bearer {expired[:-1]}{'x' if expired[-1] != 'x' else 'y'}")
    assert refused(f"Bearer {never}")[0] == "token-unknown"
    assert refused(f"Token {good}")[0] == "token-unknown"


@pytest.mark.writes_behind("I16")  # closed by no operation, which would have revoked the token
def test_the_token_of_a_closed_account_says_so(engineer: User) -> None:
    text = token_of(engineer)
    User.objects.filter(pk=engineer.pk).update(is_active=False)
    assert refused(f"Bearer {text}")[:2] == ("token-revoked", "The account of this token is closed.")


def test_an_unknown_objective_or_data_source_hears_the_near_one(world: World) -> None:
    client = bearer(token_of(world.people["admin"]))
    wrong = {**world.body("correction-list", "POST"), "slo": "checkout-answer"}
    assert errors(client.post("/api/v1/corrections/", wrong, format="json")) == {
        "/slo": "There is none called checkout-answer. Did you mean checkout-answers?"
    }
    wrong = {"slug": "reads", "source": "prometheus", "data_source": "promethus", "good_query": "a", "total_query": "b"}
    assert "prometheus?" in errors(client.post("/api/v1/slis/", wrong, format="json"))["/data_source"]


@pytest.mark.parametrize("route", ["environment-detail", "data-source-detail", "slo-detail"])
def test_a_body_that_nobody_would_read_is_refused_with_delete(world: World, route: str) -> None:
    client, path = bearer(token_of(world.people["admin"])), world.path(route)
    answer = client.generic("DELETE", path, b'{"reason": "Old"}', "application/json", HTTP_IF_MATCH='"1"')
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-input")
    assert client.get(path).status_code == 200
    assert client.generic("DELETE", path, b"", "application/json", HTTP_IF_MATCH='"1"').status_code in {200, 202, 204}
