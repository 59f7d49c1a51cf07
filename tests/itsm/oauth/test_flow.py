"""The whole way: a client registers, a person consents, tokens are exchanged, turned and given back."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts import tokens
from itsm.accounts.models import Token, User
from itsm.agents import operations as agents
from itsm.agents.models import Agent
from itsm.audit.models import Entry
from itsm.oauth import operations
from itsm.oauth.models import OAuthClient, OAuthCode, OAuthGrant, OAuthRefresh
from tests.itsm.agents.founding import agent_of
from tests.itsm.oauth.flow import BACK, Flow, registered, went
from tests.statements import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(web: Callable[[User], Client], engineer: User) -> Flow:
    return Flow(web(engineer), registered(Client()))


def opens(text: str) -> Token | None:
    try:
        return tokens.opened(text, timezone.now(), of_agents=True)
    except tokens.TokenRefused:
        return None


def test_a_client_finds_its_way(client: Client, settings: Any) -> None:
    resource = client.get("/.well-known/oauth-protected-resource").json()
    assert client.get("/.well-known/oauth-protected-resource/mcp").json() == resource
    assert resource["resource"] == f"{settings.BASE_URL}/mcp"
    server = client.get("/.well-known/oauth-authorization-server").json()
    assert [server["issuer"]] == resource["authorization_servers"] == [settings.BASE_URL]
    assert server["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization", "token", "registration", "revocation"):
        assert server[f"{name}_endpoint"].startswith(f"{settings.BASE_URL}/oauth/")


def test_a_person_consents_and_the_client_gets_tokens_of_their_agent(flow: Flow, engineer: User, settings: Any) -> None:
    page = flow.web.get(flow.address())
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:33418" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    answer = flow.consents()
    assert answer["Location"].startswith(f"{BACK}?")
    assert (went(answer)["state"], went(answer)["iss"]) == ("a state", settings.BASE_URL)
    given = flow.tokens(went(answer)["code"])
    assert (given.status_code, given["Cache-Control"]) == (200, "no-store")
    body = given.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, "gate desk:read")
    token = opens(body["access_token"])
    assert token is not None
    assert (token.owner.username, token.owner.owner, token.scopes) == (
        "agent+claude-code", engineer, ["desk:read", "gate"],
    )  # fmt: skip
    assert timezone.now() < token.expires_at <= timezone.now() + timedelta(hours=1)


def test_a_person_takes_away_what_it_does_not_need_and_names_it(flow: Flow, engineer: User) -> None:
    body = flow.tokens(flow.code(capabilities=["desk:read"], name="Robin")).json()
    assert body["scope"] == "desk:read"
    agent = Agent.objects.get()
    assert (agent.name, agent.capabilities) == ("Robin", ["desk:read"])


def test_who_is_asked_again_is_told_that_the_agent_was_stopped(flow: Flow, engineer: User, as_actor: Any) -> None:
    """Its program opens the browser anew once its tokens have ended: a yes would undo a stop that nobody told of."""
    flow.code()
    agent = Agent.objects.get()
    assert "note-red" not in flow.web.get(flow.address()).content.decode()
    agents.stop(agent, actor=as_actor(engineer), reason="Looks odd", at=timezone.now())
    page = flow.web.get(flow.address()).content.decode()
    assert "stopped your agent of this name" in page
    assert "Looks odd" in page
    assert agent.get_absolute_url() in page


def test_a_client_may_act_as_an_agent_that_is_there(flow: Flow, connected: Agent, as_actor: Any) -> None:
    narrowed = agents.edit(
        connected, actor=as_actor(connected.account.owner), version=connected.version, capabilities=["gate"]
    )
    token = opens(flow.tokens(flow.code(agent=connected.reference)).json()["access_token"])
    assert token is not None
    assert token.owner_id == narrowed.account_id
    narrowed.refresh_from_db()
    assert narrowed.capabilities == ["gate", "desk:read"]  # the person said so
    assert Agent.objects.count() == 1


def test_a_no_goes_back_as_a_no(flow: Flow) -> None:
    said = went(flow.consents(decision="deny"))
    assert (said["error"], said["state"], "code" in said) == ("access_denied", "a state", False)
    assert not Agent.objects.exists()


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(flow: Flow, client: Client) -> None:
    answer = client.get(flow.address())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=%2Foauth%2Fauthorize")


def test_a_refresh_token_turns_and_the_second_use_ends_the_family(flow: Flow) -> None:
    first = flow.tokens(flow.code()).json()
    second = flow.refreshed(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert opens(second["access_token"])
    again = flow.refreshed(first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert opens(first["access_token"]) is None
    assert opens(second["access_token"]) is None
    assert flow.refreshed(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert OAuthGrant.objects.get().ended_because == "reuse"


def test_a_code_is_good_once_and_a_second_use_ends_what_came_of_it(flow: Flow) -> None:
    code = flow.code()
    given = flow.tokens(code).json()
    assert flow.tokens(code).json()["error"] == "invalid_grant"
    assert opens(given["access_token"]) is None
    assert flow.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_a_minute(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow.code()
    code = OAuthCode.objects.get()
    assert code.expires_at - code.made_at == timedelta(seconds=60)
    monkeypatch.setattr("itsm.oauth.server.CODE_FOR", timedelta(microseconds=1))
    assert flow.tokens(flow.code()).json()["error"] == "invalid_grant"


def test_a_client_gives_back_what_it_was_given(flow: Flow) -> None:
    for name in ("refresh_token", "access_token"):
        given = flow.tokens(flow.code(agent="")).json()
        answer = flow.program.post("/oauth/revoke", {"token": given[name], "client_id": flow.client_id})
        assert answer.status_code == 200
        assert opens(given["access_token"]) is None
        assert flow.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.program.post("/oauth/revoke", {"token": "x", "client_id": flow.client_id}).status_code == 200


@pytest.mark.parametrize("way", ["stop", "end", "deactivate"])
def test_stopping_the_agent_or_sending_its_owner_away_ends_all_of_it(
    flow: Flow, engineer: User, admin: User, as_actor: Any, way: str
) -> None:
    given, code = flow.tokens(flow.code()).json(), flow.code()
    agent = Agent.objects.order_by("pk").last()
    assert agent is not None
    if way == "deactivate":
        accounts.deactivate(engineer, actor=as_actor(admin))
    else:
        for one in Agent.objects.all():
            getattr(agents, way)(one, actor=as_actor(engineer), at=timezone.now())
    assert opens(given["access_token"]) is None
    assert flow.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.tokens(code).json()["error"] == "invalid_grant"
    assert [one.ended_because for one in OAuthGrant.objects.all()] == ["stopped"]  # nothing began after it


def test_a_person_sees_who_is_signed_in_and_ends_it(flow: Flow, web: Any, manager: User, auditor: User) -> None:
    given = flow.tokens(flow.code()).json()
    grant, agent = OAuthGrant.objects.get(), Agent.objects.get()
    part = f"/oauth/consents/of/{agent.reference}/"
    assert '<q dir="auto" class="words">Claude Code</q>' in flow.web.get(part).content.decode()
    assert web(manager).get(part).status_code == 404
    assert web(manager).post(f"/oauth/consents/{grant.pk}/end/").status_code == 404
    assert web(auditor).post(f"/oauth/consents/{grant.pk}/end/").status_code == 403
    assert flow.web.post(f"/oauth/consents/{grant.pk}/end/").status_code == 302
    assert opens(given["access_token"]) is None
    assert flow.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"
    assert "No program is signed in" in flow.web.get(part).content.decode()


def test_who_revokes_an_access_token_ends_what_would_give_another(flow: Flow, engineer: User, as_actor: Any) -> None:
    given = flow.tokens(flow.code()).json()
    token = opens(given["access_token"])
    assert token is not None
    agents.revoke_token(token, actor=as_actor(engineer), at=timezone.now())
    assert flow.refreshed(given["refresh_token"]).json()["error"] == "invalid_grant"
    assert OAuthGrant.objects.get().ended_because == "taken"


def test_what_the_agent_lost_meanwhile_is_not_given_again(flow: Flow, engineer: User, as_actor: Any) -> None:
    given = flow.tokens(flow.code()).json()
    agent = Agent.objects.get()
    agents.edit(agent, actor=as_actor(engineer), version=agent.version, capabilities=["gate", "catalog:read"])
    assert flow.refreshed(given["refresh_token"]).json()["scope"] == "gate"


def test_a_yes_to_one_client_gives_another_nothing_that_was_taken_from_it(
    flow: Flow, engineer: User, as_actor: Any, client: Client, text_of: Any
) -> None:
    given = flow.tokens(flow.code()).json()
    agent = Agent.objects.select_related("account__owner").get()
    mine, spared = text_of(agent), text_of(agent, capabilities=["desk:read"])
    agents.edit(agent, actor=as_actor(engineer), version=agent.version, capabilities=["desk:read"])
    other = Flow(flow.web, registered(client))
    assert other.tokens(other.code(agent=agent.reference)).status_code == 200
    agent.refresh_from_db()
    assert "gate" in agent.capabilities
    assert flow.refreshed(given["refresh_token"]).status_code == 400
    assert (opens(given["access_token"]), opens(mine)) == (None, None)
    assert opens(spared) is not None


def test_an_agent_that_writes_outward_after_reading_is_handed_on_by_who_shows_who_they_are(
    flow: Flow, connected: Agent
) -> None:
    Agent.objects.update(outward_after_reading=["gate"])
    session = flow.web.session
    session.pop("proved_at", None)
    session.save()
    assert 'name="password"' in flow.web.get(flow.address()).content.decode()
    assert flow.consents(agent=connected.reference).status_code == 403
    assert flow.consents(agent=connected.reference, password="wrong").status_code == 400
    assert AccessAttempt.objects.exists()
    assert not OAuthCode.objects.exists()
    assert flow.consents(agent=connected.reference, capabilities=["desk:read"]).status_code == 302
    session = flow.web.session
    session["proved_at"] = timezone.now().timestamp()
    session.save()
    assert flow.consents(agent=connected.reference).status_code == 302


def test_nothing_that_opens_stands_in_the_database_or_a_log(flow: Flow, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    code = flow.code()
    first = flow.tokens(code).json()
    second = flow.refreshed(first["refresh_token"]).json()
    flow.refreshed(first["refresh_token"])
    secrets = [
        code,
        flow.verifier,
        *(one[name] for one in (first, second) for name in ("access_token", "refresh_token")),
    ]
    kept = [
        model
        for app in ("oauth", "agents", "accounts", "audit", "api")
        for model in apps.get_app_config(app).get_models()
    ]
    everything = str([list(model._base_manager.values()) for model in kept])
    assert OAuthClient.objects.get().client_id in everything
    for secret in secrets:
        assert secret not in everything
        assert secret.partition(".")[2] not in everything or "." not in secret
        assert secret not in caplog.text
    assert {"oauth_grant.begun", "oauth_grant.ended", "token.issued"} <= {
        *Entry.objects.values_list("event", flat=True)
    }


def test_rows_are_used_once_whoever_writes_them(flow: Flow) -> None:
    flow.refreshed(flow.tokens(flow.code()).json()["refresh_token"])
    flow.code()
    used = OAuthRefresh.objects.get(used_at__isnull=False)
    fresh = OAuthCode.objects.get(used_at=None)
    for write in (
        lambda: OAuthRefresh.objects.filter(pk=used.pk).update(used_at=None),
        lambda: OAuthRefresh.objects.filter(pk=used.pk).update(expires_at=timezone.now()),
        lambda: OAuthCode.objects.filter(pk=fresh.pk).update(redirect_uri="https://evil.invalid/"),
        lambda: OAuthCode.objects.filter(pk=fresh.pk).delete(),
        lambda: OAuthGrant.objects.update(capabilities=["gate", "desk:propose"]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_what_can_be_used_no_more_is_forgotten(flow: Flow, client: Client) -> None:
    idle = registered(client)
    flow.tokens(flow.code())
    assert operations.forget(timezone.now()) == 0
    OAuthClient.objects.update(registered_at=timezone.now() - timedelta(days=8))
    assert operations.forget(timezone.now()) == 1
    assert not OAuthClient.objects.filter(client_id=idle).exists()
    assert operations.forget(timezone.now()) == 0


def test_the_page_of_consent_costs_the_same_however_many_agents_there_are(flow: Flow, engineer: User) -> None:
    agent_of(engineer)
    first = statements(flow.web, flow.address())
    for number in range(5):
        agent_of(engineer, name=f"another-{number}")
    assert statements(flow.web, flow.address()) == first <= 20
