"""Edges of the operations on incidents, each of which a fault by rule had lived behind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations
from incidents.incident.models import Matrix
from incidents.incident.operations import placing
from incidents.incident.operations.closing import CLOSING, closes_at
from incidents.incident.operations.opening import begin_following
from incidents.models import Incident
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals.confirming import confirm
from itsm.approvals.models import Confirmation
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted
from itsm.notifications.models import Notification
from itsm.work.watching import watch
from tests.factories.majors import led
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("tests", Door.COMMAND)


@pytest.fixture
def bo(person: Any) -> User:
    made: User = person("requester", username="bo")
    return made


@pytest.fixture
def incident(bo: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(bo), title="Cannot print")


def a_queue(slug: str, *, tier: int = 1, confidential: bool = False, members: tuple[User, ...] = ()) -> Team:
    team = accounts.add_team(actor=SYSTEM, slug=slug, name=slug.title(), members=dict.fromkeys(members, False))
    return accounts.edit_queue(
        team, actor=SYSTEM, version=team.version, takes_work=True, tier=tier, confidential=confidential
    )  # fmt: skip


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(to=person).order_by("id").values_list("subject", flat=True))


def holding(agent: User, as_actor: Any, service: Any) -> Incident:
    """One that holds the changes of a service."""
    return operations.open_incident(actor=as_actor(agent), title="Nobody can pay", service=service, priority=1)


class TestQueues:
    def test_a_retired_queue_is_none(self, agent: User) -> None:
        team = a_queue("network", members=(agent,))
        Team.objects.filter(pk=team.pk).update(retired_at=timezone.now())
        team.refresh_from_db()
        with pytest.raises(InvalidInput, match="no such queue"):
            placing.require_queue(actor_for(agent, Door.WEB), team)

    def test_who_may_open_there_without_seeing_it_may_open_there(self, agent: User) -> None:
        team = a_queue("payroll", confidential=True)
        accounts.grant(team, actor=SYSTEM, right="create", user=agent)
        placing.require_queue(actor_for(agent, Door.WEB), team)

    def test_seeing_a_queue_is_not_opening_in_it(self, auditor: User, agent: User) -> None:
        with pytest.raises(NotPermitted):
            placing.require_queue(actor_for(auditor, Door.WEB), a_queue("network", members=(agent,)))

    def test_a_second_seed_changes_no_matrix(self) -> None:
        cells = [3, 3, 3, 3, 3, 3, 3, 3, 3]
        Matrix.objects.create(version=Matrix.objects.count() + 1, cells=cells, at=timezone.now())
        before = Matrix.objects.count()
        placing.seed()
        assert (Matrix.objects.count(), placing.matrix().cells) == (before, cells)


class TestEscalating:
    def test_who_works_in_both_keeps_it_and_who_does_not_hands_it_over(
        self, incident: Incident, agent: User, person: Any, as_actor: Any
    ) -> None:
        engineer = person("engineer", username="eli")
        second = a_queue("second", tier=2, members=(agent,))
        third = a_queue("third", tier=3, members=(engineer,))
        operations.acknowledge(incident, actor=as_actor(agent))
        moved = operations.escalate(incident, actor=actor_for(agent, Door.WEB), to=second.slug, words="Look")
        assert moved.assigned_to == agent
        moved = operations.escalate(moved, actor=actor_for(agent, Door.WEB), to=third.slug, words="Look")
        assert moved.assigned_to is None

    def test_a_lead_of_the_queue_hears_and_no_other_member(
        self, incident: Incident, agent: User, person: Any, as_actor: Any
    ) -> None:
        lead, member = person("agent", username="lea"), person("agent", username="mo")
        network = a_queue("network", members=(agent, member))
        accounts.set_member(network, lead, actor=SYSTEM, lead=True)
        operations.edit(incident, actor=actor_for(agent, Door.WEB), version=incident.version, team=network)
        operations.escalate(incident, actor=actor_for(agent, Door.WEB), words="The vendor does not answer")
        assert any("escalated" in words for words in told(lead))
        assert not any("escalated" in words for words in told(member))

    def test_of_a_queue_without_leads_its_managers_hear(
        self, incident: Incident, agent: User, person: Any, as_actor: Any
    ) -> None:
        boss = person("manager", username="max")
        network = a_queue("network", members=(agent, boss))
        operations.edit(incident, actor=actor_for(agent, Door.WEB), version=incident.version, team=network)
        done = operations.escalate(incident, actor=actor_for(agent, Door.WEB), words="The vendor does not answer")
        assert done.escalated_hierarchically == 1
        assert any("escalated" in words for words in told(boss))


class TestLettingGo:
    def test_the_caller_hears_of_a_cancelling_with_its_reason(
        self, incident: Incident, bo: User, agent: User, as_actor: Any
    ) -> None:
        operations.cancel(incident, actor=as_actor(agent), cancel_code="not_an_incident", reason="It was unplugged")
        assert told(bo) == [f"{incident.reference} is cancelled: Cannot print"]

    def test_one_that_holds_changes_is_not_cancelled_without_a_reason(self, agent: User, as_actor: Any) -> None:
        held = holding(agent, as_actor, a_service(slug="checkout"))
        with pytest.raises(MissingInformation):
            operations.cancel(held, actor=as_actor(agent), cancel_code="not_an_incident", reason=" ")
        assert not Confirmation.objects.exists()

    def test_a_second_person_reads_why_and_what_is_let_go(self, agent: User, as_actor: Any) -> None:
        held = holding(agent, as_actor, a_service(slug="checkout"))
        waits = operations.cancel(held, actor=as_actor(agent), cancel_code="not_an_incident", reason="A test alarm")
        assert waits.awaits is not None
        assert (waits.awaits.reason, len(waits.awaits.differences)) == ("A test alarm", 2)

    def test_who_asked_for_a_change_that_waits_does_not_resolve_what_it_waits_for(
        self, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from itsm.accounts import interest

        def interested(actor: Actor, services: list[int], *, doing: str) -> None:
            if services:
                raise NotPermitted(f"You have an interest: {doing}")

        held = holding(agent, as_actor, a_service(slug="checkout"))
        monkeypatch.setattr(interest, "require_no_interest", interested)
        with pytest.raises(NotPermitted, match="interest"):
            operations.resolve(held, actor=as_actor(agent), resolution="Restarted", resolution_code="solved")

    @pytest.mark.parametrize("meanwhile", [{"title": "Cards alone fail"}, {"labels": ["cards"]}, {}])
    def test_what_was_said_meanwhile_is_not_written_over_by_a_confirmed_edit(
        self, agent: User, as_actor: Any, person: Any, meanwhile: dict[str, Any]
    ) -> None:
        held = holding(agent, as_actor, a_service(slug="checkout"))
        lower = {"priority": 4, "title": "Nobody at all can pay", "labels": ["paying"]}
        waits = operations.edit(held, actor=as_actor(agent), version=held.version, **lower).awaits
        assert waits is not None
        current = Incident.objects.get(pk=held.pk)
        if meanwhile:
            current = operations.edit(current, actor=as_actor(agent), version=current.version, **meanwhile)
        second = {"actor": as_actor(person("manager", username="max")), "at": timezone.now(), "version": waits.version}
        if meanwhile:
            with pytest.raises(Conflict, match="changed meanwhile"):
                confirm(waits, **second)
        else:
            confirm(waits, **second)
        found = Incident.objects.get(pk=held.pk)
        said = {"title": found.title, "labels": found.labels, "priority": found.priority}
        before = {"title": current.title, "labels": current.labels, "priority": current.priority}
        assert said == (before if meanwhile else lower)

    def test_its_title_is_edited_without_a_second_person(self, agent: User, as_actor: Any) -> None:
        held = holding(agent, as_actor, a_service(slug="checkout"))
        kept = operations.edit(held, actor=as_actor(agent), version=held.version, title="Nobody at all can pay")
        assert (kept.awaits, kept.title) == (None, "Nobody at all can pay")

    def test_of_one_without_a_service_nothing_waits(self, agent: User, as_actor: Any) -> None:
        free = operations.open_incident(actor=as_actor(agent), title="Nobody can pay", priority=1)
        assert operations.cancel(
            free, actor=as_actor(agent), cancel_code="not_an_incident", reason="A test"
        ).awaits is None  # fmt: skip


class TestResolvingAndClosing:
    def test_resolved_over_the_phone_it_was_acknowledged_then(
        self, incident: Incident, agent: User, as_actor: Any
    ) -> None:
        done = operations.resolve(incident, actor=as_actor(agent), resolution="Plugged in", resolution_code="solved")
        assert done.acknowledged_at == done.resolved_at is not None

    def test_people_close_a_major_one(self, incident: Incident, agent: User, as_actor: Any) -> None:
        operations.resolve(led(incident), actor=as_actor(agent), resolution="Plugged in", resolution_code="solved")
        assert not Due.objects.filter(name=CLOSING, record_id=incident.pk).exists()

    @pytest.mark.parametrize(
        ("resolved", "days", "closes"),
        [
            ("2026-03-02T09:13:27.5", 1, "2026-03-03T17:00"),  # Monday
            ("2026-03-06T09:00", 1, "2026-03-09T17:00"),  # Friday
            ("2026-03-07T09:00", 2, "2026-03-10T17:00"),  # Saturday
        ],
    )
    def test_without_a_calendar_it_closes_at_five_of_a_working_day(
        self, resolved: str, days: int, closes: str
    ) -> None:  # fmt: skip
        at = datetime.fromisoformat(resolved).replace(tzinfo=UTC)
        assert closes_at(at, days) == datetime.fromisoformat(closes).replace(tzinfo=UTC)


class TestWhoSpeaks:
    def test_who_watches_it_speaks_on_it(self, incident: Incident, person: Any, as_actor: Any, agent: User) -> None:
        eve = person("requester", username="eve")
        operations.acknowledge(incident, actor=as_actor(agent))
        with pytest.raises(NotPermitted):
            operations.reply(incident, actor=as_actor(eve), text="Mine too")
        watch(incident, actor=as_actor(agent), user=eve)
        operations.reply(incident, actor=as_actor(eve), text="Mine too")
        assert any("Cannot print" in words for words in told(agent))

    def test_what_follows_is_the_first_callers(self, incident: Incident, bo: User, person: Any, as_actor: Any) -> None:
        eve = person("requester", username="eve")
        assert begin_following(incident, actor=as_actor(eve), description="Again").caller == bo

    def test_what_follows_of_nobody_is_who_speaks(self, incident: Incident, person: Any, as_actor: Any) -> None:
        eve = person("requester", username="eve")
        Incident.objects.filter(pk=incident.pk).update(caller=None)
        incident.refresh_from_db()
        assert begin_following(incident, actor=as_actor(eve), description="Again").caller == eve

    def test_a_long_title_of_what_follows_stays_within_its_limit(self, incident: Incident, bo: User) -> None:
        incident.title = "x" * 160
        assert begin_following(incident, actor=actor_for(bo, Door.WEB), description="Again").title == "x" * 160


class TestFamily:
    @pytest.fixture
    def three(self, bo: User, as_actor: Any) -> list[Incident]:
        return [operations.open_incident(actor=as_actor(bo), title=f"Cannot print {n}") for n in range(3)]

    def test_what_was_merged_has_and_is_no_parent(self, three: list[Incident], agent: User, as_actor: Any) -> None:
        first, second, third = three
        operations.set_parent(first, actor=as_actor(agent), parent=third.reference)
        operations.merge(second, actor=as_actor(agent), into=third.reference)
        with pytest.raises(Conflict, match=r"merged|lives on"):
            operations.set_parent(first, actor=as_actor(agent), parent=second.reference)
        with pytest.raises(Conflict, match=r"merged|lives on"):
            operations.clear_parent(second, actor=as_actor(agent))

    def test_children_of_what_is_merged_into_a_child_are_its_parents(
        self, three: list[Incident], bo: User, agent: User, as_actor: Any
    ) -> None:
        parent, child, source = three
        orphan = operations.open_incident(actor=as_actor(bo), title="Cannot print either")
        operations.set_parent(child, actor=as_actor(agent), parent=parent.reference)
        operations.set_parent(orphan, actor=as_actor(agent), parent=source.reference)
        operations.merge(source, actor=as_actor(agent), into=child.reference)
        orphan.refresh_from_db()
        assert orphan.parent == parent

    def test_within_a_confidential_queue_they_merge(self, three: list[Incident], agent: User, as_actor: Any) -> None:
        payroll = a_queue("payroll", confidential=True, members=(agent,))
        Incident.objects.filter(pk__in=[one.pk for one in three]).update(team=payroll)
        operations.merge(three[0], actor=actor_for(agent, Door.WEB), into=three[1].reference)
        three[0].refresh_from_db()
        assert three[0].merged_into == three[1]

    def test_a_merge_moves_nothing_that_lay_elsewhere(
        self, three: list[Incident], agent: User, as_actor: Any, bo: User
    ) -> None:
        source, survivor, other = three
        another = operations.open_incident(actor=as_actor(bo), title="Cannot scan")
        operations.merge(other, actor=as_actor(agent), into=another.reference)
        operations.merge(source, actor=as_actor(agent), into=survivor.reference)
        other.refresh_from_db()
        assert other.merged_into == another
