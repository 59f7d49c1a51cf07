"""Slash commands against who links what is not theirs, and against names that no address holds."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from itsm.accounts import operations as people
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound
from itsm.webhooks import operations
from itsm.webhooks.models import ChatAccount, WebhookEndpoint
from itsm.webhooks.slash import accounts
from itsm.work.models import Note
from tests.itsm.webhooks.test_slash import linked, say, secrets_folder, slack, token_in

SYSTEM = Actor.system("tests")
assert secrets_folder
assert slack


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\U0001f600" * 100, "\x01" * 100, "\u202eada"], ids=["faces", "bells", "reversed"])
def test_a_name_of_odd_signs_gets_a_link_that_works(slack: WebhookEndpoint, agent: User, name: str) -> None:
    token = token_in(say(slack, "help", user_name=name, user_id="U" * 70, team_id="T" * 70))
    made = accounts.link(token, actor=actor_for(agent, Door.WEB), at=timezone.now())
    assert made.name.isprintable()
    assert made.name
    assert accounts.person_of(slack, made.chat_user) == agent


@pytest.mark.django_db
@pytest.mark.parametrize("user", ["\U0001f600", "U" * 71, "U1:U2", "U 1", "U1\n"])
def test_what_is_no_id_of_a_platform_is_nobodys(slack: WebhookEndpoint, user: str) -> None:
    assert "did not say who calls" in say(slack, "help", user_id=user)


@pytest.mark.django_db
def test_who_lost_the_queue_notes_and_takes_nothing(
    slack: WebhookEndpoint, agent: User, requester: User, payments: Team
) -> None:
    people.set_member(payments, agent, actor=SYSTEM)
    hidden = people.edit_queue(payments, actor=SYSTEM, version=2, takes_work=True, confidential=True)
    incident = incidents.open_incident(actor=actor_for(requester, Door.WEB), title="Salaries are wrong")
    Incident.objects.filter(pk=incident.pk).update(team=hidden)
    linked(slack, agent)
    assert "Noted" in say(slack, f"note {incident.reference} seen", trigger="2")
    Membership.objects.filter(team=hidden, user=agent).delete()
    for turn, verb in enumerate(("show {}", "note {} words", "acknowledge {}", "approve {}")):
        said = say(slack, verb.format(incident.reference), trigger=f"a{turn}")
        assert said == say(slack, verb.format("INC-99999"), trigger=f"b{turn}").replace("INC-99999", incident.reference)
    assert Note.objects.count() == 1


@pytest.mark.django_db
def test_a_link_of_before_other_proof_links_nothing(
    slack: WebhookEndpoint, agent: User, admin: User, tmp_path: Any
) -> None:
    early = token_in(say(slack, "help"))
    (tmp_path / "other").write_text("another-secret")
    operations.edit(slack, actor=actor_for(admin, Door.WEB), version=slack.version, slash_credential="other")
    with pytest.raises(NotFound):
        accounts.link(early, actor=actor_for(agent, Door.WEB), at=timezone.now())
    assert not ChatAccount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_link_one_account_at_once_one_does(
    slack: WebhookEndpoint, agent: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, both = timezone.now(), threading.Barrier(2)
    looked: Callable[..., User | None] = accounts.person_of

    def meets(*one: Any) -> User | None:
        found = looked(*one)
        with suppress(threading.BrokenBarrierError):  # the other waits for us
            both.wait(2)
        return found

    monkeypatch.setattr(accounts, "person_of", meets)
    said: list[str] = []

    def links(person: User) -> None:
        try:
            token = token_in(accounts.link_for(slack, "T:U", "ada", now))
            accounts.link(token, actor=actor_for(person, Door.WEB), at=now)
            said.append("linked")
        except Exception as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=links, args=[one]) for one in (agent, admin)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert sorted(said) == ["Conflict", "linked"]
