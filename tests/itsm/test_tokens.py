"""Tokens: only the right one opens, only what its owner and its scopes allow, and only for as long as both do."""

import io
import json
import random
import re
import string
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations, scopes, tokens
from itsm.accounts.models import Token, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from tests.api.routes import routes
from tests.api.world import SYSTEM, World, bearer, token_of
from tests.slo.proving import IN_FULL, TURN

pytestmark = pytest.mark.django_db
SERVICES = "/api/v1/services/"


def status(client: APIClient, path: str = SERVICES) -> int:
    with transaction.atomic():
        return client.get(path).status_code


def forgeries(text: str, count: int) -> list[str]:
    """What resembles a token: turned letters, cut, grown, of other alphabets, other types written out."""
    chance = random.Random(20261123)
    prefix, _, secret = text[3:].partition(".")
    found = {
        "", " ", "hr_", "hr_.", ".", f"hr_{prefix}", f"hr_{prefix}.", f"hr_.{secret}", secret,
        text[:-1], f"{text}A", text.upper(),
        text.swapcase(), text[::-1], text.replace(".", ""), text.replace(".", ".."), f"{text}\x00", f"\x00{text}",
        f"HR_{text[3:]}",
        "null", "None", "[]", "{}", "true", "0", "undefined", f"hr_{prefix}.' OR '1'='1",
        f"hr_%.{secret}", f"hr_{'_' * 12}.{secret}",
        f"hr_{prefix}.{'A' * 1_000_000}", "hr_" + "é" * 12 + "." + secret, f"hr_{prefix}.{'١' * 43}",
        f"{text}\n{text}", f"{text} x",
    }  # fmt: skip
    letters = string.ascii_letters + string.digits + "_-. \t%é\u202e\ud7ff"
    while len(found) < count:
        made = list(text)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(3, len(made))
            match chance.randrange(3):
                case 0:
                    made[place] = chance.choice(letters)
                case 1:
                    del made[place]
                case _:
                    made.insert(place, chance.choice(letters))
        found.add("".join(made))
    return sorted(found - {text})


def test_five_thousand_forgeries_open_nothing(admin: User) -> None:
    text, now = token_of(admin), timezone.now()
    assert tokens.holder(text, now) is not None
    opened = [forged for forged in forgeries(text, 5000) if tokens.holder(forged, now) is not None]
    assert opened == []


def test_forged_headers_are_401_problems(admin: User) -> None:
    text = token_of(admin)
    client = APIClient(raise_request_exception=False)
    headers = [f"Bearer {forged}" for forged in forgeries(text, 150)]
    headers += [
        text,
        f"Token {text}",
        f"Basic {text}",
        "Bearer",
        "Bearer ",
        f"Bearer: {text}",
        f"Bearer {text} {text}",
        "\x00",
        "x" * 9000,
    ]
    for header in headers:
        answer = client.get(SERVICES, HTTP_AUTHORIZATION=header)
        stripped = header.removeprefix("Bearer ").strip()
        if stripped == text:
            continue
        assert answer.status_code == 401, header
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "/problems/token-unknown"
        assert text not in answer.content.decode()


@pytest.mark.heavy
@pytest.mark.parametrize("scope", scopes.ALL)
def test_a_scope_opens_its_own_doors_only(world: World, scope: str) -> None:
    """In the sample each scope stands before a tenth of the doors, and each door sees one scope at least."""
    client, place = bearer(token_of(world.people["admin"], scope)), list(scopes.ALL).index(scope)
    for route in routes()[slice(None) if IN_FULL else slice((place + TURN) % 10, None, 10)]:
        needed = route.viewset.policy[route.action].scope
        if scope in ((needed,) if isinstance(needed, str) else needed):
            continue
        with transaction.atomic():
            answer = client.generic(route.method, world.path(route.name), b"{}", "application/json")
        assert answer.status_code == 403, f"{route} with {scope} alone"


def test_a_scope_gives_nothing_that_the_owner_lacks(requester: User) -> None:
    client = bearer(token_of(requester, *scopes.ALL))
    with transaction.atomic():
        assert client.post(SERVICES, {"slug": "x", "name": "x"}, format="json").status_code == 403


@pytest.mark.writes_behind("I16")  # deactivated by no operation: its token alone must not do
def test_losing_a_role_or_the_account_takes_effect_with_the_next_request(engineer: User) -> None:
    client = bearer(token_of(engineer))
    assert status(client, "/api/v1/slos/") == 200
    User.objects.filter(pk=engineer.pk).update(roles=["requester"])
    assert status(client, "/api/v1/slos/") == 403
    User.objects.filter(pk=engineer.pk).update(roles=["engineer"], is_active=False)
    assert status(client) == 401


def test_revoked_and_expired_tokens_open_nothing(engineer: User) -> None:
    text = token_of(engineer)
    token = Token.objects.get()
    operations.revoke_token(token, actor=SYSTEM)
    assert status(bearer(text)) == 401
    text = token_of(engineer, lifetime=timedelta(seconds=1))
    token = Token.objects.get(prefix=text[3:15])
    assert tokens.holder(text, token.expires_at - timedelta(milliseconds=1)) is not None
    assert tokens.holder(text, token.expires_at) is None


def test_service_accounts_never_hold_the_scope_to_approve(pipeline: User) -> None:
    with pytest.raises(InvalidInput):
        operations.issue_token(pipeline, actor=SYSTEM, name="x", allowed=[scopes.CHANGES_APPROVE])


@pytest.mark.parametrize("account_type", ["service", "human"])
def test_a_program_with_every_role_approves_nothing(world: World, account_type: str) -> None:
    owner = User.objects.create(username="robots-owner") if account_type == "service" else None
    robot = User.objects.create(
        username="robot", roles=["approver", "admin", "manager"], account_type=account_type, owner=owner
    )
    with transaction.atomic():
        path, client = world.path("change-approvals"), bearer(token_of(robot))
        read = {"If-Match": client.get(path.removesuffix("approvals/"))["ETag"]}
        said = {"decision": "approve", "comment": ""}
        answer = client.post(path, said, format="json", headers=read)
        if "seen" in answer.json():  # the company stands for minutes: its budgets were measured too long ago by now
            answer = client.post(path, said | {"seen": answer.json()["seen"]}, format="json", headers=read)
    assert answer.status_code == (403 if account_type == "service" else 201)


def test_tokens_are_issued_by_their_owner_or_an_administrator(
    engineer: User, agent: User, admin: User, pipeline: User, as_actor: Callable[..., Actor]
) -> None:
    for actor, owner, may in (
        (engineer, engineer, 1),
        (admin, pipeline, 1),
        (agent, engineer, 0),
        (pipeline, pipeline, 0),
    ):
        if may:
            operations.issue_token(owner, actor=as_actor(actor), name="x")
        else:
            with pytest.raises(NotPermitted):
                operations.issue_token(owner, actor=as_actor(actor), name="x")
    User.objects.filter(pk=agent.pk).update(is_active=False)
    agent.refresh_from_db()
    with pytest.raises(Conflict):
        operations.issue_token(agent, actor=SYSTEM, name="x")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_token_has_a_usable_name(engineer: User, name: str) -> None:
    with pytest.raises(InvalidInput):
        operations.issue_token(engineer, actor=SYSTEM, name=name)


def test_the_secret_is_nowhere_in_the_database_nor_in_the_log(engineer: User, capfd: pytest.CaptureFixture) -> None:
    text = token_of(engineer)
    secret = text.partition(".")[2]
    bearer(text).get(f"{SERVICES}?text={secret[:50]}")
    bearer(f"{text}x").get(SERVICES)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{secret}%"])
            assert cursor.fetchone() == (0,), table
    assert secret not in "".join(capfd.readouterr())


def test_the_command_prints_the_token_alone(engineer: User) -> None:
    out = io.StringIO()
    call_command("issue_token", "ENGINEER", "--name", "ci", "--scope", "read", "--scope", "gate:ask", stdout=out)
    assert re.fullmatch(r"hr_[A-Za-z0-9]{12}\.[A-Za-z0-9_-]{43}\n", out.getvalue())
    assert tokens.holder(out.getvalue().strip(), timezone.now()).scopes == ["gate:ask", "read"]


@pytest.mark.parametrize(
    "words",
    [["nobody", "--name", "x"], ["engineer", "--name", "x", "--scope", "all"], ["engineer", "--name", "x" * 200],
     ["engineer", "--name", "x", "--days", "0"], ["engineer", "--name", "x", "--days", "367"]],
)  # fmt: skip
def test_the_command_refuses_in_a_sentence(engineer: User, words: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("issue_token", *words, stdout=io.StringIO())
    assert not Token.objects.exists()


def test_the_command_for_accounts_reports_one_line_and_refuses_what_is_no_account() -> None:
    out = io.StringIO()
    User.objects.create(username="ada")
    call_command("add_user", "bot", "--role", "engineer", "--service-account", "--owner", "Ada", stdout=out)
    assert json.loads(out.getvalue()) == {"login": "bot", "roles": ["engineer"], "account_type": "service"}
    for words in (
        ["BOT"],
        ["b o t"],
        ["x" * 200],
        ["b", "--email", "a@b\nBcc: c@d"],
        ["b", "--team", "none"],
        ["b", "--role", "king"],
    ):
        with pytest.raises(CommandError):
            call_command(
                "add_user", *words, "--role", "engineer", "--service-account", "--owner", "ada", stdout=io.StringIO()
            )
    with pytest.raises(CommandError, match="owner"):
        call_command("add_user", "b", "--role", "engineer", "--service-account", stdout=io.StringIO())
    assert User.objects.count() == 2


def test_only_administrators_keep_accounts(engineer: User, as_actor: Callable[..., Actor]) -> None:
    with pytest.raises(NotPermitted):
        operations.add_user(actor=as_actor(engineer, Door.API), username="x", roles=["admin"])
    with pytest.raises(NotPermitted):
        operations.add_team(actor=as_actor(engineer), slug="x", name="x")
    with pytest.raises(InvalidInput):
        operations.add_team(actor=SYSTEM, slug="Not a slug", name="x")
    operations.add_team(actor=SYSTEM, slug="x", name="x")
    with pytest.raises(Conflict):
        operations.add_team(actor=SYSTEM, slug="x", name="x")
