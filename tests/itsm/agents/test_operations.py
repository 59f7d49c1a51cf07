"""Connecting, giving tokens, stopping and ending software agents, and who may not."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts import tokens
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, Token, User
from itsm.agents import operations
from itsm.agents.acting import call_of
from itsm.agents.models import Agent
from itsm.agents.operations.connecting import MOST
from itsm.audit.models import Entry
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, PasswordNeeded
from tests.conftest import SYSTEM
from tests.together import each_of

pytestmark = pytest.mark.django_db
As = Callable[..., Any]


def opens(text: str) -> bool:
    try:
        return tokens.opened(text, timezone.now(), of_agents=True) is not None
    except tokens.TokenRefused:
        return False


def test_an_agent_is_an_account_of_its_owner_that_holds_nothing_of_its_own(engineer: User, connected: Agent) -> None:
    account = connected.account
    assert (account.owner, account.username, account.roles) == (engineer, "agent+claude-code", [])
    assert not account.may_sign_in
    assert not account.has_usable_password()
    said = Entry.objects.get(record_kind="agent", event="agent.created")
    assert (said.actor_id, said.changes["owner"]) == (engineer.pk, [None, "engineer"])


def test_names_that_are_taken_get_letters_more(engineer: User, connected: Agent, as_actor: As) -> None:
    again = operations.connect(actor=as_actor(engineer), name="claude code", capabilities=["gate"], at=timezone.now())
    other = operations.connect(actor=as_actor(engineer), name="克劳德", capabilities=["gate"], at=timezone.now())
    assert re.fullmatch(r"agent\+claude-code-[a-z2-9]{5}", again.reference)
    assert other.reference == "agent+agent"


@each_of(
    ("words", "field"),
    [
        ({"name": "\u200b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"capabilities": []}, "capabilities"),
        ({"capabilities": ["approve"]}, "capabilities"),
        ({"purpose": "x" * 201}, "purpose"),
        ({"outward_after_reading": ["everything"]}, "outward_after_reading"),
    ],
)
def test_odd_input_is_refused_by_field(engineer: User, as_actor: As, words: dict[str, Any], field: str) -> None:
    said = {"name": "x", "capabilities": ["gate"], **words}
    with pytest.raises(InvalidInput) as refused:
        operations.connect(actor=as_actor(engineer), at=timezone.now(), **said)
    assert list(refused.value.errors) == [field]


def test_nobody_connects_more_than_twenty(engineer: User, as_actor: As) -> None:
    for _ in range(MOST):
        last = operations.connect(actor=as_actor(engineer), name="x", capabilities=["gate"], at=timezone.now())
    with pytest.raises(Conflict):
        operations.connect(actor=as_actor(engineer), name="x", capabilities=["gate"], at=timezone.now())
    operations.end(last, actor=as_actor(engineer), at=timezone.now())
    operations.connect(actor=as_actor(engineer), name="x", capabilities=["gate"], at=timezone.now())


def test_an_agent_and_every_other_program_connects_and_widens_none(
    engineer: User, pipeline: User, connected: Agent, as_actor: As
) -> None:
    call = call_of(connected, engineer, frozenset(connected.capabilities), at=timezone.now())
    narrowed = actor_for(engineer, Door.API, scopes=["read"])
    for actor in (call.actor, as_actor(pipeline), as_actor(connected.account), narrowed, SYSTEM):
        with pytest.raises(NotPermitted):
            operations.connect(actor=actor, name="x", capabilities=["gate"], at=timezone.now())
        with pytest.raises(NotPermitted):
            operations.edit(connected, actor=actor, version=connected.version, capabilities=["gate"])
        with pytest.raises(NotPermitted):
            operations.issue_token(connected, actor=actor, at=timezone.now())
    # Reading with the owner's eyes writes nothing, whatever it is offered.
    with pytest.raises(NotPermitted), transaction.atomic():
        operations.connect(actor=call.eyes, name="x", capabilities=["gate"], at=timezone.now())
    for actor in (call.actor, as_actor(pipeline), as_actor(connected.account)):
        with pytest.raises(NotPermitted):
            operations.resume(connected, actor=actor, at=timezone.now())
        with pytest.raises(NotPermitted):
            operations.end(connected, actor=actor, at=timezone.now())
        with pytest.raises(NotPermitted):
            operations.stop_all(actor=actor, reason="x", at=timezone.now())
        with pytest.raises(NotPermitted):
            operations.resume_all(actor=actor, at=timezone.now())
    assert Agent.objects.count() == 1


def test_others_have_nothing_to_say_about_it_but_administrators_stop_it(
    connected: Agent, manager: User, admin: User, as_actor: As, text_of: Callable[..., str]
) -> None:
    for actor in (as_actor(manager), as_actor(admin)):
        with pytest.raises(NotPermitted):
            operations.issue_token(connected, actor=actor, at=timezone.now())
        with pytest.raises(NotPermitted):
            operations.edit(connected, actor=actor, version=1, purpose="mine")
    with pytest.raises(NotPermitted):
        operations.stop(connected, actor=as_actor(manager), at=timezone.now())
    text = text_of(connected)
    operations.stop(connected, actor=as_actor(admin), reason="odd calls at night", at=timezone.now())
    assert not opens(text)
    with pytest.raises(NotPermitted):  # its owner waits for an administrator
        operations.resume(connected, actor=as_actor(connected.account.owner), at=timezone.now())
    operations.resume(connected, actor=as_actor(admin), at=timezone.now())
    assert not opens(text)
    assert opens(text_of(connected))


def test_a_token_is_short_lived_and_holds_a_part_of_what_the_agent_may(
    engineer: User, as_actor: As, text_of: Callable[..., str]
) -> None:
    agent = operations.connect(
        actor=as_actor(engineer), name="x", capabilities=["gate", "desk:read"], at=timezone.now()
    )
    text_of(agent, hours=24)
    text_of(agent, capabilities=["desk:read"], hours=1)
    longest, narrow = Token.objects.order_by("pk")
    assert longest.scopes == ["desk:read", "gate"]
    assert narrow.scopes == ["desk:read"]
    assert longest.expires_at <= timezone.now() + timedelta(hours=24)
    for words in ({"hours": 25}, {"hours": 0}, {"hours": True}, {"capabilities": ["desk:propose"]}):
        with pytest.raises(InvalidInput):
            text_of(agent, **words)
    assert Token.objects.count() == 2


def test_a_token_opens_nothing_once_it_was_revoked_or_is_late(
    connected: Agent, as_actor: As, text_of: Callable[..., str]
) -> None:
    text = text_of(connected)
    with pytest.raises(tokens.TokenExpired):
        tokens.opened(text, timezone.now() + timedelta(hours=9), of_agents=True)
    operations.revoke_token(Token.objects.get(), actor=as_actor(connected.account.owner), at=timezone.now())
    with pytest.raises(tokens.TokenRevoked):
        tokens.opened(text, timezone.now(), of_agents=True)


def test_who_stops_it_ends_its_tokens_and_it_gets_none(
    connected: Agent, as_actor: As, text_of: Callable[..., str]
) -> None:
    owner, text = as_actor(connected.account.owner), text_of(connected)
    operations.stop(connected, actor=owner, reason="enough", at=timezone.now())
    operations.stop(connected, actor=owner, reason="again", at=timezone.now())
    connected.refresh_from_db()
    assert (connected.stop_reason, opens(text)) == ("enough", False)
    with pytest.raises(Conflict):
        text_of(connected)
    operations.resume(connected, actor=owner, at=timezone.now())
    operations.resume(connected, actor=owner, at=timezone.now())
    connected.refresh_from_db()
    assert opens(text_of(connected))


def test_who_ends_it_ends_it_for_good(connected: Agent, as_actor: As, text_of: Callable[..., str], admin: User) -> None:
    owner, text = as_actor(connected.account.owner), text_of(connected)
    operations.end(connected, actor=owner, at=timezone.now())
    operations.end(connected, actor=owner, at=timezone.now())
    assert not opens(text)
    for write in (operations.resume, operations.stop, operations.issue_token):
        with pytest.raises(Conflict):
            write(connected, actor=owner, at=timezone.now())
    with pytest.raises(Conflict):
        accounts.reactivate(connected.account, actor=as_actor(admin))


def test_the_switch_of_all_is_an_administrators(admin: User, engineer: User, as_actor: As) -> None:
    assert operations.is_door_shut() is None
    for actor in (as_actor(engineer), SYSTEM):
        with pytest.raises(NotPermitted):
            operations.stop_all(actor=actor, reason="x", at=timezone.now())
    with pytest.raises(InvalidInput):
        operations.stop_all(actor=as_actor(admin), reason=" \u200b", at=timezone.now())
    operations.stop_all(actor=as_actor(admin), reason="a leak", at=timezone.now())
    shut = operations.is_door_shut()
    assert shut is not None
    assert (shut.reason, shut.stopped_by) == ("a leak", admin)
    with pytest.raises(PasswordNeeded):
        operations.resume_all(actor=replace(as_actor(admin), proved_at=None), at=timezone.now())
    operations.resume_all(actor=as_actor(admin), at=timezone.now())
    assert operations.is_door_shut() is None


def test_writing_outward_after_reading_is_allowed_by_who_shows_who_they_are(
    connected: Agent, engineer: User, as_actor: As
) -> None:
    lazy = replace(as_actor(engineer), proved_at=None)
    with pytest.raises(PasswordNeeded):
        operations.edit(connected, actor=lazy, version=connected.version, outward_after_reading=["gate"])
    with pytest.raises(PasswordNeeded):
        operations.connect(
            actor=lazy, name="x", capabilities=["gate"], outward_after_reading=["gate"], at=timezone.now()
        )
    kept = operations.edit(
        connected, actor=as_actor(engineer), version=connected.version, outward_after_reading=["gate"], name="Robin"
    )
    assert (kept.outward_after_reading, str(kept)) == (["gate"], "Robin")
    operations.edit(kept, actor=lazy, version=kept.version, outward_after_reading=[])


def test_accounts_give_an_agent_nothing_and_pass_it_to_nobody(
    connected: Agent, admin: User, manager: User, payments: Team, as_actor: As
) -> None:
    keeper, account = as_actor(admin), connected.account
    with pytest.raises(InvalidInput):
        accounts.add_user(actor=keeper, username="x", roles=[], account_type="agent", owner=manager)
    for fields in ({"roles": ["engineer"]}, {"owner": manager}, {"name": "x"}):
        with pytest.raises(Conflict):
            accounts.edit_person(account, actor=keeper, version=None, version_required=False, **fields)
    with pytest.raises(Conflict):
        accounts.set_member(payments, account, actor=keeper)
    with pytest.raises(Conflict):
        accounts.issue_token(account, actor=keeper, name="for everything")
    with pytest.raises(Conflict):
        accounts.issue_token(account, actor=SYSTEM, name="for everything")
    for wrong in ({"owner": manager}, {"account_type": "service"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=account.pk).update(**wrong)


@pytest.mark.parametrize("is_succeeded", [True, False])
def test_it_ends_when_its_owner_leaves_whoever_succeeds_them(
    connected: Agent, admin: User, manager: User, as_actor: As, text_of: Callable[..., str], is_succeeded: bool
) -> None:
    text, owner = text_of(connected), connected.account.owner
    accounts.deactivate(owner, actor=as_actor(admin), successor=manager if is_succeeded else None)
    account = User.objects.get(pk=connected.account_id)
    assert (account.is_active, account.owner_id, opens(text)) == (False, owner.pk, False)
    accounts.reactivate(owner, actor=as_actor(admin))
    assert not opens(text)


def test_its_owners_roles_are_its_own_at_the_next_call(connected: Agent, engineer: User) -> None:
    at, all_of_it = timezone.now(), frozenset(connected.capabilities)
    assert call_of(connected, engineer, all_of_it, at=at).actor.roles == {"engineer"}
    User.objects.filter(pk=engineer.pk).update(roles=["requester"])
    lowered = User.objects.get(pk=engineer.pk)
    assert call_of(connected, lowered, all_of_it, at=at).actor.roles == {"requester"}
    User.objects.filter(pk=engineer.pk).update(roles=["admin", "approver", "manager", "owner"])
    raised = call_of(connected, User.objects.get(pk=engineer.pk), all_of_it, at=at)
    assert raised.actor.roles == set()


def test_a_token_that_writes_outward_after_reading_asks_who_issues_it(engineer: User, connected: Agent) -> None:
    Agent.objects.filter(pk=connected.pk).update(outward_after_reading=["gate"])
    at, actor = timezone.now(), actor_for(engineer, Door.WEB)
    with pytest.raises(PasswordNeeded):
        operations.issue_token(connected, actor=actor, at=at)
    operations.issue_token(connected, actor=actor, capabilities=["desk:read"], at=at)
    operations.issue_token(connected, actor=replace(actor, proved_at=at), capabilities=["gate"], at=at)
    assert [one.scopes for one in Token.objects.filter(owner=connected.account).order_by("id")] == [
        ["desk:read"], ["gate"],
    ]  # fmt: skip


def test_a_capability_given_later_opens_nothing_outward_without_a_proof(engineer: User, connected: Agent) -> None:
    Agent.objects.filter(pk=connected.pk).update(outward_after_reading=["gate"], capabilities=["desk:read"])
    actor = actor_for(engineer, Door.WEB)
    wanted = {"version": None, "version_required": False, "capabilities": ["desk:read", "gate"]}
    with pytest.raises(PasswordNeeded):
        operations.edit(connected, actor=actor, **wanted)
    operations.edit(connected, actor=replace(actor, proved_at=timezone.now()), **wanted)
    operations.edit(connected, actor=actor, **{**wanted, "capabilities": ["gate"]})
    connected.refresh_from_db()
    assert connected.capabilities == ["gate"]
