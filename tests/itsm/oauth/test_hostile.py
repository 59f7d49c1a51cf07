"""What is tried against an authorization server: RFC 9700, and what a page of consent can be made to say."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.agents import operations as agents
from itsm.agents.models import Agent
from itsm.oauth import naming, redirects, registering
from itsm.oauth.models import OAuthClient, OAuthCode, OAuthGrant
from tests.itsm.oauth.flow import Flow, registered, went
from tests.slo.proving import IN_FULL, TURN
from tests.together import each_of

pytestmark = pytest.mark.django_db
EVIL = "https://evil.invalid/steal"


@pytest.fixture
def flow(web: Callable[[User], Client], engineer: User) -> Flow:
    return Flow(web(engineer), registered(Client()))


# Sampled: each third of those that follow one another; all of them in the full proof.
SAMPLED = slice(None) if IN_FULL else slice(TURN % 3, None, 3)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": EVIL}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:33418/callback/more"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:33418/callback?next=x"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1.evil.invalid/callback"}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:33418@evil.invalid/callback"}, "invalid_request"),
        ({"redirect_uri": "http://localhost:33418/callback"}, "invalid_request"),  # another host than it registered
        ({"redirect_uri": 'http://127.0.0.1/"><script>alert(1)</script>'}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "hrc_nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'code"'}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 200}, "invalid_request"),
        ({"scope": "gate changes:approve"}, "invalid_scope"),
        ({"resource": "https://other.invalid/mcp"}, "invalid_target"),
        ({"resource": ["https://other.invalid/mcp", "http://testserver/mcp"]}, "invalid_target"),
        ({"redirect_uri": ["http://127.0.0.1:33418/callback", EVIL]}, "invalid_request"),
        ({"state": ["one", "two"]}, "invalid_request"),
    ][SAMPLED],
)
def test_an_odd_asking_is_told_here_and_leads_nowhere(flow: Flow, changed: dict[str, Any], error: str) -> None:
    """Not one is answered by a redirect: what an address that anybody may send around leads to is never theirs."""
    for answer in (flow.web.get(flow.address(**changed)), flow.consents(address=flow.address(**changed))):
        assert answer.status_code == 400
        assert not answer.has_header("Location")
        assert f">{error}<" in answer.content.decode()
        assert 'href="https://evil' not in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()
    assert not OAuthCode.objects.exists()
    assert not Agent.objects.exists()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "x" * 50}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"resource": "https://other.invalid/mcp"}, "invalid_target"),
        ({"client_id": None}, "invalid_client"),
        ({"client_id": "hrc_nobody"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": 'x"'}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"code": "\0"}, "invalid_request"),
        ({"code": ["one", "two"]}, "invalid_request"),
        ({"code": None}, "invalid_request"),
        ({"code": "nothing"}, "invalid_grant"),
    ][SAMPLED],
)
def test_a_code_is_worth_nothing_to_whoever_does_not_hold_the_rest(
    flow: Flow, changed: dict[str, Any], error: str
) -> None:
    answer = flow.tokens(flow.code(), **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not OAuthGrant.objects.filter(refreshes__isnull=False).exists()


def test_a_code_that_was_brought_wrongly_is_used_up(flow: Flow) -> None:
    code = flow.code()
    assert flow.tokens(code, code_verifier="y" * 50).json()["error"] == "invalid_grant"
    assert flow.tokens(code).json()["error"] == "invalid_grant"


def test_parameters_count_in_the_body_alone(flow: Flow) -> None:
    code = flow.code()
    query = f"grant_type=authorization_code&code={code}&client_id={flow.client_id}&code_verifier={flow.verifier}"
    answer = flow.program.post(f"/oauth/token?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_what_one_client_was_given_is_nothing_to_another(flow: Flow) -> None:
    """Mixed-up clients: neither code nor refresh token crosses, and trying it ends nothing of who holds it."""
    other = Flow(flow.web, registered(Client(), flow.back), verifier=flow.verifier)
    code = flow.code()
    assert other.tokens(code).json()["error"] == "invalid_grant"
    given = flow.tokens(code).json()
    assert other.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"
    answer = other.program.post("/oauth/revoke", {"token": given["refresh_token"], "client_id": other.client_id})
    assert answer.json()["error"] == "invalid_grant"
    assert flow.refreshed(given["refresh_token"]).status_code == 200


def test_a_refresh_asks_for_no_more_than_was_granted(flow: Flow) -> None:
    given = flow.tokens(flow.code(capabilities=["gate"])).json()
    for scope in ("gate desk:propose", "changes:approve", "desk:read"):
        assert flow.refreshed(given["refresh_token"], scope=scope).json()["error"] == "invalid_scope"
    wrong = flow.refreshed(given["refresh_token"], resource="https://other.invalid/mcp")
    assert wrong.json()["error"] == "invalid_target"
    assert flow.refreshed(given["refresh_token"], scope="gate").json()["scope"] == "gate"


def test_nobody_consents_for_a_person(flow: Flow, engineer: User) -> None:
    """Another site's form has no token of ours; nor does a yes without a box, or to more than was asked, count."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(engineer, backend="itsm.accounts.backends.PeopleOnly")
    assert Flow(strict, flow.client_id).consents().status_code == 403
    assert flow.consents(capabilities=[]).status_code == 422
    assert flow.consents(capabilities=["gate", "desk:propose"]).status_code == 422
    assert flow.consents(decision="maybe").status_code == 400
    assert flow.consents(agent="agent+nobody").status_code == 422
    assert not Agent.objects.exists()


def test_nobody_consents_with_an_agent_of_others_or_a_stopped_one(
    flow: Flow, connected: Agent, admin: User, as_actor: Any
) -> None:
    other = agents.connect(actor=as_actor(admin), name="x", capabilities=["gate"], at=timezone.now())
    agents.stop(connected, actor=as_actor(connected.account.owner), at=timezone.now())
    for agent in (other, connected):
        assert flow.consents(agent=agent.reference).status_code == 422
    assert not OAuthCode.objects.exists()


def test_programs_and_who_looks_with_other_rights_consent_to_nothing(flow: Flow, pipeline: User, api: Any) -> None:
    assert api(pipeline).get(flow.address()).status_code == 302  # a token is no session
    assert api(pipeline).post(flow.address(), {"decision": "allow", "capabilities": ["gate"]}).status_code == 302
    assert not Agent.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown", "alphabets"),
    [
        ("Claude Code", "Claude Code", []),
        ("Сlaude Code", "Сlaude Code", ["Cyrillic"]),  # its first letter is Cyrillic
        ("Ηeadroom", "Ηeadroom", ["Greek"]),
        ("Headroom\u202eevil", "Headroom⟨U+202E⟩evil", []),
        ("Head\u200broom", "Head⟨U+200B⟩room", []),
        ("Помощник", "Помощник", ["Cyrillic"]),
        ("助手", "助手", []),
        ("<b>Admin</b>", "&lt;b&gt;Admin&lt;/b&gt;", []),
        ("Admin.\n\nClick “Let it in”", "Admin. Click “Let it in”", []),
    ],
)
def test_what_a_client_calls_itself_is_quoted(flow: Flow, name: str, shown: str, alphabets: list[str]) -> None:
    flow.client_id = registered(Client(), client_name=name)
    page = flow.web.get(flow.address()).content.decode()
    assert f">{shown}</q>" in page
    assert naming.odd_alphabets(name) == alphabets
    assert ("Not all letters of this name" in page) == bool(alphabets)
    assert "It never approves" in page


def test_the_page_says_where_it_goes_back_to(flow: Flow) -> None:
    flow.client_id = registered(Client(), "https://claude.invalid/cb", client_name="127.0.0.1")
    flow.back = "https://claude.invalid/cb"
    page = flow.web.get(flow.address()).content.decode()
    assert ">claude.invalid</span>" in page
    assert "a site" in page
    assert "a program on your machine" not in page


@each_of(
    ("uri", "is_allowed"),
    [
        ("http://127.0.0.1/cb", True),
        ("http://[::1]:8080/cb", True),
        ("http://localhost:1/cb", True),
        ("https://vscode.dev/redirect", True),
        ("cursor://anysphere.cursor-mcp/oauth/callback", True),
        ("com.example.app:/cb", True),
        ("http://example.com/cb", False),
        ("https://a:b@example.com/", False),
        ("https://example.com/#x", False),
        ("https://exämple.com/", False),
        ("https:///cb", False),
        ("https://example.com:99999/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//example.com/", False),
        ("/cb", False),
        ("", False),
        ("https://example.com/\\@evil.invalid", False),
        ("https://" + "a" * 500 + ".invalid/", False),
    ],
)
def test_where_a_browser_may_be_sent(uri: str, is_allowed: bool) -> None:
    assert redirects.is_allowed(uri) is is_allowed


def test_a_program_on_its_own_machine_listens_on_any_port() -> None:
    assert redirects.matches("http://127.0.0.1/cb", "http://127.0.0.1:41234/cb")
    assert not redirects.matches("http://127.0.0.1/cb", "http://127.0.0.1:41234/other")
    assert not redirects.matches("https://example.com/cb", "https://example.com:444/cb")
    assert not redirects.matches("http://127.0.0.1/cb", "https://127.0.0.1/cb")


@each_of(
    "body",
    [
        b"", b"{", b"[]", b'"x"', b"null", b"{}", b'{"redirect_uris": []}', b'{"redirect_uris": "http://127.0.0.1/"}',
        b'{"redirect_uris": ["http://127.0.0.1/"], "client_name": 7}',
        b'{"redirect_uris": ["http://127.0.0.1/"], "client_name": "' + b"x" * 101 + b'"}',
        b'{"redirect_uris": ["javascript:alert(1)"]}', b'{"redirect_uris": [7]}', b'{"redirect_uris": [["x"]]}',
        b'{"redirect_uris": ["http://127.0.0.1/"], "scope": 7}', b'{"redirect_uris": ["http://127.0.0.1/"], "contacts": 7}',
        b'{"redirect_uris": ["http://127.0.0.1/"], "client_uri": "\\u0000"}',
        b'{"redirect_uris": ["http://127.0.0.1/"], "jwks": "x"}', b"[" * 10_000,
        b'{"redirect_uris": ["http://127.0.0.1/"], "x": "' + b"x" * 21_000 + b'"}',
        b'{"redirect_uris": ["' + b'http://127.0.0.1/", "' * 6 + b'"]}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_an_odd_registration_is_refused_in_the_protocols_words(client: Client, body: bytes) -> None:
    answer = client.post("/oauth/register", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}
    assert not OAuthClient.objects.exists()


def test_a_registration_gives_no_secret_and_none_asks_without_end(client: Client) -> None:
    said = {
        "client_name": "a\0b",
        "redirect_uris": ["http://127.0.0.1/"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    answer = client.post("/oauth/register", json.dumps(said), content_type="application/json").json()
    assert answer["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in answer
    for _ in range(registering.MOST_FROM_ONE - 1):
        registered(client)
    refused = client.post("/oauth/register", json.dumps(said), content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable")
    elsewhere = client.post("/oauth/register", json.dumps(said), content_type="application/json", REMOTE_ADDR="8.8.8.8")
    assert elsewhere.status_code == 201


def test_only_what_is_meant_answers(client: Client) -> None:
    for path in ("/oauth/token", "/oauth/register", "/oauth/revoke"):
        assert client.get(path).status_code == 405
        assert client.post(path, b"{}", content_type="application/json").status_code == 400
    for path in ("/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server"):
        assert client.post(path).status_code == 405


def test_a_state_comes_back_as_it_was_whatever_it_holds(flow: Flow) -> None:
    for state in ("", "a&code=b", "%0d%0aSet-Cookie: x", "⟨é⟩", "x" * 1500):
        said = went(flow.consents(address=flow.address(state=state), agent=""))
        assert said.get("state", "") == state
        assert len(said["code"]) == 48
