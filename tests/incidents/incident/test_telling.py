"""Who hears of incidents: whom they concern, who may read them, by their own wishes; nobody else."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.incident import queries
from incidents.incident.models import Incident
from incidents.incident.operations import checklist, conversation, following
from incidents.incident.operations.closing import CLOSING
from incidents.incident.workflow import Status
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations import grant
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.notifications import outbox, wishes, wishing
from itsm.notifications.models import Delivery, Notification
from itsm.search.finding import find
from itsm.work.models import Watcher
from tests.conftest import SYSTEM
from tests.itsm.smtp_sink import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink() as listening:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
        yield listening


@pytest.fixture
def payroll(agent: User, manager: User) -> Team:
    team = Team.objects.create(slug="payroll", name="Payroll", takes_work=True, confidential=True)
    Membership.objects.create(user=agent, team=team)
    Membership.objects.create(user=manager, team=team, lead=True)
    return team


@pytest.fixture
def raise_(payroll: Team, requester: User) -> Incident:
    return incidents.open_incident(
        actor=SYSTEM, title="Zebra salary is wrong", priority=3, team=payroll, caller=requester
    )


def acts(user: User) -> Actor:
    return actor_for(user, Door.WEB)


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def told(user: User) -> list[str]:
    return [one.event for one in user.notifications.order_by("id")]


def test_each_event_reaches_whom_it_concerns_and_not_who_did_it(
    raise_: Incident, agent: User, manager: User, requester: User
) -> None:
    incidents.edit(raise_, actor=acts(manager), version=1, assigned_to=agent)
    conversation.reply(fresh(raise_), actor=acts(agent), text="Which month?")
    conversation.reply(fresh(raise_), actor=acts(requester), text="March")
    incidents.escalate(fresh(raise_), actor=acts(agent), words="It is the whole floor")
    incidents.resolve(fresh(raise_), actor=acts(agent), resolution="Paid", resolution_code="solved")
    assert told(agent) == ["incident.assigned", "incident.caller_answered"]
    assert told(requester) == ["incident.answered", "incident.resolved"]
    assert told(manager) == ["incident.escalated"]


def test_watchers_hear_no_words_that_are_for_the_desk(
    raise_: Incident, agent: User, engineer: User, owner: User
) -> None:
    makers = Team.objects.create(slug="makers", name="Makers", takes_work=True, tier=3)
    Membership.objects.create(user=owner, team=makers)
    following.watch(raise_, actor=acts(agent), user=engineer, share=True)
    incidents.escalate(fresh(raise_), actor=acts(agent), to="makers", words="the secret")
    assert told(owner) == ["incident.escalated"]
    assert told(engineer) == []


def test_a_wish_holds_for_incidents_and_a_lead_hears_of_escalations_all_the_same(
    raise_: Incident, agent: User, manager: User, requester: User
) -> None:
    line = wishing.of_rule("incident.answered", "caller")
    wishing.wish(requester, actor=acts(requester), wished={(line, "mail"): "off", (line, "push"): "off"})
    conversation.reply(raise_, actor=acts(agent), text="Which month?")
    assert told(requester) == ["incident.answered"]  # the bell, always
    assert not Delivery.objects.exists()
    incidents.escalate(fresh(raise_), actor=acts(agent), words="Please look")
    assert told(manager) == ["incident.escalated"]


def test_who_is_given_a_task_hears_of_it(raise_: Incident, agent: User, manager: User) -> None:
    checklist.add_task(raise_, actor=acts(manager), title="Call the bank", assigned_to=agent)
    checklist.add_task(raise_, actor=acts(agent), title="Mine", assigned_to=agent)
    assert told(agent) == ["incident.task_given"]


def test_who_leaves_a_confidential_queue_before_the_mail_does_is_mailed_nothing(
    sink: Sink, raise_: Incident, agent: User, manager: User, web: Callable[[User], Client]
) -> None:
    incidents.edit(raise_, actor=acts(manager), version=1, assigned_to=agent)
    Membership.objects.filter(user=agent).delete()
    outbox.relay(timezone.now() + timedelta(seconds=1))
    assert sink.mails == []
    assert "Zebra" not in web(agent).get("/notifications/").content.decode()


def test_an_assignee_who_only_watches_from_now_on_gets_public_words_alone(
    raise_: Incident, agent: User, manager: User
) -> None:
    Watcher.objects.create(record_kind="incident", record_id=raise_.pk, user=agent, by=manager, at=timezone.now())
    Membership.objects.filter(user=agent).delete()
    found = queries.still_read(agent, {raise_.pk: {"assignee", "watcher"}})
    assert found == {(raise_.pk, "watcher")}


def test_one_is_judged_as_several_are(
    raise_: Incident, agent: User, manager: User, requester: User, engineer: User, admin: User
) -> None:
    """Asked one by one before each push and mail, by a kept statement; together before a digest."""
    other = incidents.open_incident(actor=acts(engineer), title="Nobody watches it")
    Watcher.objects.create(record_kind="incident", record_id=other.pk, user=requester, by=manager, at=timezone.now())
    told_as = {raise_.pk: {"caller", "team"}, other.pk: {"watcher", "assignee"}}
    seen = {}
    for one in (agent, manager, requester, engineer, admin):
        seen[one.username] = queries.still_read(one, told_as)
        alone = [queries.still_read(one, {pk: relations}) for pk, relations in told_as.items()]
        assert seen[one.username] == set().union(*alone)
    assert seen["requester"] == {(raise_.pk, "caller"), (other.pk, "watcher")}
    assert seen["engineer"] == {(other.pk, "watcher"), (other.pk, "assignee")}
    assert len(seen["agent"]) == 4


def test_nobody_without_a_relation_and_sight_is_ever_told(
    raise_: Incident, agent: User, manager: User, requester: User, engineer: User, owner: User, admin: User
) -> None:
    """Random lives: whatever is done by whom, only the caller, the queue's people and watchers have news."""
    chance = random.Random(20)
    people = [agent, manager, requester, engineer, owner, admin]
    following.watch(raise_, actor=acts(agent), user=engineer, share=True)
    for _ in range(60):
        who = chance.choice(people)
        deed = chance.choice(["reply", "note", "edit", "escalate", "task", "watch"])
        now = fresh(raise_)
        before = {one.pk: one.notifications.count() for one in people}
        try:
            match deed:
                case "reply":
                    conversation.reply(now, actor=acts(who), text="Word")
                case "note":
                    conversation.note(now, actor=acts(who), text="Word")
                case "edit":
                    incidents.edit(now, actor=acts(who), version=now.version, assigned_to=chance.choice([agent, None]))
                case "escalate":
                    incidents.escalate(now, actor=acts(who), words="Look")
                case "task":
                    checklist.add_task(now, actor=acts(who), title="Do", assigned_to=agent)
                case _:
                    following.watch(now, actor=acts(who))
        except DomainError:
            pass  # who may not, does not
        assert who.notifications.count() == before[who.pk]
        assert owner.notifications.count() == admin.notifications.count() == 0
        readers = {agent.pk, manager.pk, requester.pk, engineer.pk}
        assert set(Notification.objects.values_list("to", flat=True)) <= readers
    assert set(engineer.notifications.values_list("relation", flat=True)) <= {"watcher"}


def test_who_a_confidential_record_is_shared_with_finds_it_and_nobody_else(
    raise_: Incident, agent: User, engineer: User, requester: User, owner: User, admin: User
) -> None:
    def finds(user: User) -> bool:
        return any(one.record_id == raise_.pk for one in find(acts(user), "zebra salary").documents)

    assert [finds(one) for one in (agent, requester, engineer, owner, admin)] == [True, True, False, False, False]
    following.watch(raise_, actor=acts(agent), user=engineer, share=True)
    assert [finds(one) for one in (engineer, owner, admin)] == [True, False, False]
    following.unwatch(fresh(raise_), actor=acts(agent), user=engineer)
    assert not finds(engineer)


def test_the_leads_hear_of_an_administrators_own_grant_whatever_they_wish(
    payroll: Team, manager: User, admin: User
) -> None:
    off = {
        (wishing.of_rule(one.rule.event, one.rule.relation), one.channel): "off"
        for one in wishes.standing(manager)
        if one.by != "duty"
    }
    wishing.wish(manager, actor=acts(manager), wished=off)
    grant(payroll, actor=acts(admin), right="view", user=admin, until=timezone.now() + timedelta(hours=1))
    assert manager.notifications.count() == 1
    assert Delivery.objects.filter(due_at__lte=timezone.now() + timedelta(seconds=1)).count() == 1


@pytest.fixture
def resolved(raise_: Incident, agent: User) -> Incident:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    Incident.objects.filter(pk=raise_.pk).update(opened_at=at - timedelta(hours=1))
    return incidents.resolve(fresh(raise_), actor=acts(agent), resolution="Paid", resolution_code="solved", at=at)


def test_what_is_resolved_reopens_until_it_closes_and_closes_in_that_second(
    resolved: Incident, agent: User, requester: User
) -> None:
    closes = Due.objects.get(name=CLOSING).at
    due.sweep(closes - timedelta(microseconds=1))
    assert fresh(resolved).status == Status.RESOLVED  # the window is open to its last moment
    due.sweep(closes)
    now = fresh(resolved)
    assert (now.status, now.closed_at) == (Status.CLOSED, closes)
    said = conversation.reply(now, actor=acts(requester), text="Still wrong")  # from that second on it follows
    assert said.record_id != resolved.pk
    assert Incident.objects.get(pk=said.record_id).caller == requester


def test_who_reopens_in_the_last_moment_takes_the_closing_back(resolved: Incident, requester: User) -> None:
    closes = Due.objects.get(name=CLOSING).at
    incidents.reopen(fresh(resolved), actor=acts(requester), reason="Still wrong")
    due.sweep(closes)
    assert fresh(resolved).status == Status.IN_PROGRESS
