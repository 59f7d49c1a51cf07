"""People leave: every way in ends at once, what they answered for passes on or is named, and nothing slips through."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from catalog.services import operations as catalog
from incidents.incident import operations as incidents
from itsm.accounts import duties, links, operations, tokens
from itsm.accounts.links import Purpose
from itsm.accounts.models import Membership, Session, Team, Token, User
from itsm.accounts.queries.departures import departure
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.models import Notification
from tests.api.world import SYSTEM, World, bearer, token_of

pytestmark = pytest.mark.django_db
MOST_OF_A_LEAVER = 16


@pytest.fixture
def ada(admin: User, payments: Team) -> User:
    """An engineer who leads a team, owns a program, and is somebody's manager."""
    ada = operations.add_user(
        actor=SYSTEM, username="ada", roles=["engineer"], teams=[payments], leads=[payments], password="correct horse",
        email="ada@example.com",
    )  # fmt: skip
    operations.add_user(actor=SYSTEM, username="robot", roles=["engineer"], account_type="service", owner=ada)
    operations.add_user(actor=SYSTEM, username="bob", roles=["engineer"], manager=ada)
    return ada


def kinds(person: User) -> list[tuple[str, str]]:
    return sorted((duty.what, duty.reference) for duty in departure(person).duties)


def test_of_kinds_of_which_somebody_holds_nothing_nothing_is_looked_up(demo: object) -> None:
    """What is held is found: for everybody of the demo company, each kind that finds something was asked."""
    finding = 0
    for person in User.objects.all():
        asked = duties._concerned(person)
        for source in duties._sources.values():
            if source not in asked:
                assert not list(source.find(person)), (person.username, source)
            elif source.held is not None:
                finding += 1
    assert finding > 20


def test_who_holds_nothing_costs_one_statement_before_and_one_after(
    admin: User, django_assert_max_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    one, other = (operations.add_user(actor=SYSTEM, username=name, roles=["requester"]) for name in ("eve", "eva"))
    operations.deactivate(one, actor=SYSTEM)  # what a connection prepares once
    with django_assert_max_num_queries(MOST_OF_A_LEAVER):
        operations.deactivate(other, actor=SYSTEM)


def test_sessions_tokens_and_links_end_together(ada: User, web: Callable[[User], Client], admin: User) -> None:
    client, text = web(ada), token_of(ada)
    link = links.made(ada, Purpose.RESET)
    assert client.get("/profile/").status_code == 200
    operations.deactivate(ada, actor=SYSTEM)
    assert client.get("/profile/").status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert tokens.holder(text, timezone.now()) is None
    assert Token.objects.get(owner=ada).revoked_at is not None
    assert links.opened(link, Purpose.RESET) is None


def test_what_ended_stays_ended_when_the_account_works_again(ada: User, web: Callable[[User], Client]) -> None:
    client, text = web(ada), token_of(ada)
    cookie = client.cookies["sessionid"].value
    link = links.made(ada, Purpose.RESET)
    kept = Session.objects.get(user=ada)
    operations.deactivate(ada, actor=SYSTEM)
    operations.reactivate(ada, actor=SYSTEM)
    kept.save(force_insert=True)  # as a request would that had begun before
    client.cookies["sessionid"] = cookie
    assert client.get("/profile/").status_code == 302
    assert tokens.holder(text, timezone.now()) is None
    assert links.opened(link, Purpose.RESET) is None
    assert Client().post("/sign-in/", {"username": "ada", "password": "correct horse"}).status_code == 302


def test_the_preview_names_what_would_be_orphaned(ada: User, payments: Team) -> None:
    service = catalog.create_service(actor=SYSTEM, slug="till", name="Till", tier=1, team=payments)
    incident = incidents.open_incident(actor=SYSTEM, title="Slow", service=service)
    incidents.edit(incident, actor=SYSTEM, version=1, assigned_to=ada)
    assert kinds(ada) == [
        ("open incident", incident.reference),
        ("person who reports to them", "bob"),
        ("service", "till"),
        ("service account", "robot"),
        ("team without another lead", "payments"),
    ]
    assert departure(ada).tokens == 0
    token_of(ada)
    assert departure(ada).tokens == 1


def test_without_a_successor_programs_end_and_the_rest_is_free(ada: User, admin: User) -> None:
    text = token_of(User.objects.get(username="robot"))
    incident = incidents.open_incident(actor=SYSTEM, title="Slow")
    incidents.edit(incident, actor=SYSTEM, version=1, assigned_to=ada)
    operations.deactivate(ada, actor=SYSTEM)
    robot, bob = User.objects.get(username="robot"), User.objects.get(username="bob")
    incident.refresh_from_db()
    assert (robot.is_active, bob.manager, incident.assigned_to) == (False, None, None)
    assert tokens.holder(text, timezone.now()) is None
    told = Notification.objects.get(to=admin)
    assert "ada has left" in told.subject
    assert "robot" in told.body


def test_a_successor_takes_over_what_passes(ada: User, payments: Team, engineer: User) -> None:
    text = token_of(User.objects.get(username="robot"))
    incident = incidents.open_incident(actor=SYSTEM, title="Slow")
    incidents.edit(incident, actor=SYSTEM, version=1, assigned_to=ada)
    operations.deactivate(ada, actor=SYSTEM, successor=engineer)
    robot, bob = User.objects.get(username="robot"), User.objects.get(username="bob")
    incident.refresh_from_db()
    assert (robot.is_active, robot.owner, bob.manager, incident.assigned_to) == (True, engineer, engineer, engineer)
    assert Membership.objects.get(user=engineer, team=payments).lead
    assert tokens.holder(text, timezone.now()) is not None


def test_who_reported_to_the_leaver_never_reports_to_themselves(ada: User) -> None:
    bob = User.objects.get(username="bob")
    cleo = operations.add_user(actor=SYSTEM, username="cleo", roles=["engineer"], manager=ada)
    operations.edit_person(ada, actor=SYSTEM, version=ada.version, manager=User.objects.create(username="top"))
    operations.deactivate(ada, actor=SYSTEM, successor=bob)
    bob.refresh_from_db()
    cleo.refresh_from_db()
    assert (bob.manager and bob.manager.username, cleo.manager) == ("top", bob)


@pytest.mark.parametrize("who", ["itself", "program", "gone"])
def test_a_successor_is_another_active_person(ada: User, who: str) -> None:
    gone = User.objects.create(username="gone", is_active=False)
    successor = {"itself": ada, "program": User.objects.get(username="robot"), "gone": gone}[who]
    with pytest.raises(InvalidInput):
        operations.deactivate(ada, actor=SYSTEM, successor=successor)
    ada.refresh_from_db()
    assert ada.is_active


def test_the_last_administrator_stays(admin: User, engineer: User) -> None:
    with pytest.raises(Conflict, match="only administrator"):
        operations.deactivate(admin, actor=SYSTEM)
    with pytest.raises(Conflict, match="only administrator"):
        operations.edit_person(admin, actor=SYSTEM, version=admin.version, roles=["engineer"])
    assert departure(admin).blocked
    operations.edit_person(engineer, actor=SYSTEM, version=engineer.version, roles=["admin"])
    operations.edit_person(admin, actor=SYSTEM, version=admin.version, roles=["engineer"])
    engineer.refresh_from_db()
    with pytest.raises(Conflict, match="only administrator"):
        operations.deactivate(engineer, actor=SYSTEM)


def test_a_program_with_that_role_is_no_administrator_who_is_left(admin: User, ada: User) -> None:
    robot = User.objects.get(username="robot")
    operations.edit_person(robot, actor=SYSTEM, version=robot.version, roles=["admin"])
    with pytest.raises(Conflict, match="only administrator"):
        operations.deactivate(admin, actor=SYSTEM)


def test_nobody_deactivates_themselves_and_only_administrators_do(
    admin: User, ada: User, engineer: User, as_actor: Callable[[User], Actor]
) -> None:
    User.objects.create(username="second", roles=["admin"])
    with pytest.raises(NotPermitted):
        operations.deactivate(admin, actor=as_actor(admin))
    with pytest.raises(NotPermitted):
        operations.deactivate(ada, actor=as_actor(engineer))
    operations.deactivate(ada, actor=as_actor(admin), reason="left for the sea")
    with pytest.raises(Conflict):
        operations.deactivate(ada, actor=as_actor(admin))
    noted = Entry.objects.get(event="user.deactivated", reference="ada")
    assert noted.remark == "left for the sea"
    assert noted.changes["is_active"] == [True, False]


def test_what_fails_on_the_way_takes_the_deactivation_back(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    text = token_of(ada)

    def fails(*_: object) -> None:
        raise Conflict("Not now.")

    from itsm.accounts import duties

    monkeypatch.setitem(duties._sources, "fails", duties.Source(lambda _person: [], fails))
    with pytest.raises(Conflict, match="Not now"):
        operations.deactivate(ada, actor=SYSTEM)
    ada.refresh_from_db()
    assert ada.is_active
    assert tokens.holder(text, timezone.now()) is not None


def _leave_alone(world: World, *names: str) -> None:
    """Only these may decide about what waits."""
    others = User.objects.exclude(username__in=[*names, "pipeline", "author", "builder"])
    others.exclude(account_type=User.AccountType.AGENT).update(roles=["auditor"])


def test_approvals_that_waited_for_the_leaver_go_to_the_others(world: World) -> None:
    _leave_alone(world, "approver", "engineer", "admin")
    reference = world.pending.change.reference
    assert ("approval that waits for them", reference) in kinds(world.people["approver"])
    Notification.objects.all().delete()
    operations.deactivate(world.people["approver"], actor=SYSTEM)
    told = Notification.objects.filter(subject__contains=f"{reference} waits for you: approver")
    assert world.people["engineer"].pk in told.values_list("to", flat=True)


def test_administrators_hear_of_what_nobody_is_left_to_decide(world: World) -> None:
    _leave_alone(world, "approver", "admin")
    User.objects.filter(username="admin").update(roles=["auditor"])
    keeper = User.objects.create(username="warden", roles=["admin"])
    world.pending.change.refresh_from_db()
    from itsm.approvals.models import ApprovalRequest

    ApprovalRequest.objects.filter(status="open").update(excluded=[keeper.pk, world.people["author"].pk])
    Notification.objects.all().delete()
    operations.deactivate(world.people["approver"], actor=SYSTEM)
    told = Notification.objects.filter(to=keeper, subject__contains="nobody is left who may decide")
    of_the_change = told.filter(subject__contains=world.pending.change.reference)  # a requested item has lost them too
    assert of_the_change.count() == 1


def test_what_the_leaver_proposed_ends_unconfirmed(world: World) -> None:
    assert world.confirmation.status == "proposed"
    assert ("proposal that waits for a second person", world.confirmation.reference) in kinds(world.people["builder"])
    operations.deactivate(world.people["builder"], actor=SYSTEM)
    world.confirmation.refresh_from_db()
    assert world.confirmation.status == "expired"


@pytest.mark.writes_behind("I16")  # merged by no operation, which would have given the program to who goes on
def test_open_changes_and_objectives_measured_alone_are_named(world: World) -> None:
    found = kinds(world.people["author"])
    assert ("open change of theirs", world.pending.change.reference) in found
    from slo.models import Measurer

    Measurer.objects.exclude(account=world.people["engineer"]).delete()
    assert ("objective that only they measure", world.objective.slug) in kinds(world.people["engineer"])
    before = User.objects.create(username="before", account_type="human")
    program = User.objects.create(username="program-of-before", account_type="service", owner=before)
    User.objects.filter(pk=before.pk).update(is_active=False, merged_into=world.people["engineer"])
    Measurer.objects.update(account=program)
    assert ("objective that only they measure", world.objective.slug) in kinds(world.people["engineer"])


def test_managers_form_no_circle(ada: User) -> None:
    bob = User.objects.get(username="bob")
    for below in (bob, ada):
        with pytest.raises((Conflict, InvalidInput)):
            operations.edit_person(ada, actor=SYSTEM, version=ada.version, manager=below)
    with pytest.raises(IntegrityError, match="reports to themselves"), transaction.atomic():
        User.objects.filter(pk=ada.pk).update(manager=bob)
    robot = User.objects.get(username="robot")
    with pytest.raises(IntegrityError, match="a manager is a person"), transaction.atomic():
        User.objects.filter(pk=bob.pk).update(manager=robot)


def test_a_program_comes_back_only_to_an_owner_who_is_there(ada: User, engineer: User) -> None:
    operations.deactivate(ada, actor=SYSTEM)
    robot = User.objects.get(username="robot")
    with pytest.raises(InvalidInput):
        operations.reactivate(robot, actor=SYSTEM)
    operations.edit_person(robot, actor=SYSTEM, version=robot.version, owner=engineer)
    robot.refresh_from_db()
    operations.reactivate(robot, actor=SYSTEM)
    client = bearer(token_of(robot))
    assert client.get("/api/v1/services/").status_code == 200


def test_an_expired_link_opens_nothing(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = links.made(ada, Purpose.RESET)
    assert links.opened(link, Purpose.RESET) is not None
    assert links.opened(link, Purpose.INVITATION) is None
    monkeypatch.setitem(links.LIFETIMES, Purpose.RESET, timedelta(seconds=-1))
    assert links.opened(link, Purpose.RESET) is None
