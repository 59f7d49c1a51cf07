"""Everything that gives, turns and ends tokens of one agent, at once, on connections of their own.

A deadlock comes out as an OperationalError, or as an answer of 5xx, and fails the test; whoever loses is refused in the
protocol's words, or in ours.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import Token, User
from itsm.agents import operations as agents
from itsm.agents.models import Agent
from itsm.agents.operations import forgetting
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.oauth.models import OAuthGrant, OAuthRefresh
from tests.itsm.oauth.flow import Flow, registered
from tests.itsm.rivals import rivals
from tests.slo.proving import IN_FULL, TURN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.in_turn(3, at=0)]
ROUNDS = 40 if IN_FULL else 3


@dataclass
class Family:
    """A client that holds a refresh token, and a code that nobody brought yet, of the same agent."""

    flow: Flow
    agent: Agent
    owner: Actor
    keeper: Actor
    refresh: str
    access: Token
    code: str

    def sent(self, path: str, said: dict[str, str]) -> int:
        answer = Client().post(path, {"client_id": self.flow.client_id, **said})
        assert answer.status_code in {200, 400}, answer.content
        return answer.status_code

    def turns(self) -> int:
        return self.sent("/oauth/token", {"grant_type": "refresh_token", "refresh_token": self.refresh})

    def brings(self) -> int:
        said = {"redirect_uri": self.flow.back, "code_verifier": self.flow.verifier, "code": self.code}
        return self.sent("/oauth/token", {"grant_type": "authorization_code", **said})

    def gives_back(self) -> int:
        return self.sent("/oauth/revoke", {"token": self.refresh})

    def consents(self) -> int:
        web = Client()
        web.cookies = self.flow.web.cookies
        answer = replace(self.flow, web=web).consents(agent=self.agent.reference)
        assert answer.status_code in {302, 403, 409, 422}, answer.content
        return answer.status_code

    def ways(self) -> dict[str, Callable[[], Any]]:
        """What an owner, an administrator and an erasure do to it, by name."""
        now, fresh = timezone.now(), Agent.objects.select_related("account__owner").get(pk=self.agent.pk)
        people = {"actor": self.owner, "at": now}
        return {
            "stop": lambda: agents.stop(fresh, **people),
            "resume": lambda: agents.resume(fresh, **people),
            "end": lambda: agents.end(fresh, **people),
            "token": lambda: agents.issue_token(fresh, **people),
            "revoke": lambda: agents.revoke_token(self.access, **people),
            "narrow": lambda: agents.edit(fresh, actor=self.owner, version=None, version_required=False, capabilities=["gate"]),
            "rename": lambda: agents.edit(fresh, actor=self.owner, version=None, version_required=False, name=f"R{random.random()}"),
            "all": lambda: agents.stop_all(actor=self.keeper, reason="A storm", at=now),
            "again": lambda: agents.resume_all(actor=self.keeper, at=now),
            "leave": lambda: accounts.deactivate(User.objects.get(pk=self.owner.id), actor=self.keeper),
            "erase": lambda: _forgotten(self.owner),
        }  # fmt: skip


def _forgotten(owner: Actor) -> None:
    with transaction.atomic():
        forgetting.forget(User.objects.select_for_update(no_key=True).get(pk=owner.id))


@pytest.fixture
def family(web: Callable[[User], Client], engineer: User, admin: User, as_actor: Callable[[User], Actor]) -> Any:
    """Makes one; each has a client and an agent of its own."""
    proved = {"proved_at": timezone.now()}

    def make() -> Family:
        User.objects.filter(pk=engineer.pk).update(is_active=True)
        flow = Flow(web(engineer), registered(Client()))
        given = flow.tokens(flow.code()).json()
        kept = OAuthRefresh.objects.select_related("grant__agent__account", "access").latest("pk")
        agent = kept.grant.agent
        owner, keeper = (replace(as_actor(one), **proved) for one in (engineer, admin))
        code = flow.code(agent=agent.reference)
        return Family(flow, agent, owner, keeper, given["refresh_token"], kept.access, code)

    return make


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """What each came to: its answer, or the refusal that it got. Other errors are raised."""
    ready, outcomes, wrong = threading.Barrier(len(work)), [], []

    def run(one: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            ready.wait(60)
            outcomes.append(one())
        except DomainError as refusal:
            outcomes.append(refusal)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong, wrong
    return outcomes


def alive(agent: Agent) -> int:
    return Token.objects.filter(owner=agent.account_id, revoked_at=None).count()


def test_of_many_who_bring_one_code_one_is_given_tokens_and_the_rest_end_them(family: Any) -> None:
    one = family()
    outcomes = at_once([one.brings] * 4)
    assert outcomes.count(200) <= 1
    begun = OAuthGrant.objects.get(ended_because="reuse")
    assert OAuthRefresh.objects.filter(grant=begun).count() == 1
    assert Token.objects.filter(pk__in=begun.refreshes.values("access"), revoked_at=None).count() == 0


def test_of_many_who_bring_one_refresh_token_nobody_keeps_anything(family: Any) -> None:
    one = family()
    outcomes = at_once([one.turns] * 4)
    assert outcomes.count(200) == 1
    grant = OAuthGrant.objects.get(refreshes__access=one.access)
    assert grant.ended_because == "reuse"
    assert OAuthRefresh.objects.filter(grant=grant).count() == 2
    assert alive(one.agent) == 0


def test_who_brings_a_token_while_it_is_turned_waits_and_ends_the_family(family: Any) -> None:
    one = family()
    with rivals() as begin:
        with transaction.atomic():
            assert one.turns() == 200
            second = begin(one.turns)
            assert second.waits()
        assert second.result() == 400
    assert alive(one.agent) == 0


def test_a_token_that_is_turned_while_the_agent_is_stopped_is_given_to_nobody(family: Any) -> None:
    one = family()
    with rivals() as begin:
        with transaction.atomic():
            one.ways()["stop"]()
            late = begin(one.turns), begin(one.brings)
            assert all(rival.waits() for rival in late)
        assert [rival.result() for rival in late] == [400, 400]
    assert alive(one.agent) == 0


def test_it_is_renamed_while_a_token_is_turned(family: Any) -> None:
    """Both want the agent and its account: in one order, or neither comes to an end."""
    one = family()
    with rivals() as begin:
        with transaction.atomic():
            Agent.objects.select_for_update(no_key=True).get(pk=one.agent.pk)
            renamed = begin(one.ways()["rename"])
            assert renamed.waits()
            turned = begin(one.turns)
            assert turned.waits()
        assert turned.result() == 200
        renamed.result()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_everything_at_once_never_locks_up_and_leaves_what_is_true(family: Any, seed: int) -> None:
    chance = random.Random(TURN * 1000 + seed)
    one = family()
    ways = one.ways()
    chosen = chance.sample(sorted(ways), 6)
    work = [
        one.turns,
        one.turns,
        one.brings,
        one.brings,
        one.gives_back,
        one.consents,
        *(ways[name] for name in chosen),
    ]
    chance.shuffle(work)
    at_once(work)
    for grant in OAuthGrant.objects.filter(agent=one.agent):
        rows = OAuthRefresh.objects.filter(grant=grant)
        turned = rows.filter(used_at__isnull=False).count()
        assert rows.count() == turned + 1, chosen  # each turn gave one, and the code gave one
        if grant.ended_at is not None:
            assert not Token.objects.filter(pk__in=rows.values("access"), revoked_at=None).exists(), chosen
    now = Agent.objects.select_related("account").get(pk=one.agent.pk)
    if now.is_stopped or not now.account.is_active:
        assert alive(now) == 0, chosen
        assert not OAuthGrant.objects.filter(agent=now, ended_at=None).exists(), chosen
