"""Whoever was made able to decide by whoever asks is no second person, for a week."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.environments import operations as environments
from changes.change.operations import people_decide
from incidents.incident import operations as incidents
from itsm.accounts import interest
from itsm.accounts.models import User
from itsm.accounts.operations import add_team, add_user, edit_person, edit_team, invite, set_member
from itsm.accounts.operations.departing import deactivate, reactivate
from itsm.accounts.operations.merging import merge_people
from itsm.accounts.operations.people import edit_profile
from itsm.accounts.raised import raised_by
from itsm.administration import operations as administration
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0, a_service, an_objective

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
SYSTEM = Actor.system("tests")


@pytest.fixture
def lone(admin: User, as_actor: Callable[..., Actor]) -> Actor:
    """The only administrator, who is a change manager as well, of a desk that has stood for a month."""
    admin.roles = ["admin", "manager", "engineer"]
    admin.save()
    User.objects.update(created_at=timezone.now() - timedelta(days=30))
    return as_actor(admin)


@pytest.fixture
def sleeper(person: Callable[..., User]) -> User:
    """Somebody with a role that decides whom nobody has touched for long."""
    return person("manager", username="sleeper")


def proposed(lone: Actor) -> Confirmation:
    an_objective(service=a_service(), environment="production")
    waits = environments.create_environment(actor=lone, name="prod-eu").awaits
    assert waits is not None
    return waits


def edited(lone: Actor, person: User, **fields: Any) -> User:
    return edit_person(person, actor=lone, version=None, version_required=False, **fields)


RAISING: dict[str, Callable[[Actor, User], Any]] = {
    "made": lambda lone, _one: add_user(actor=lone, username="fresh", roles=["manager"]),
    "a role": lambda lone, one: edited(lone, one, roles=["manager", "approver"]),
    "a team": lambda lone, one: set_member(add_team(actor=lone, slug="shop", name="Shop"), one, actor=lone),
    "an address": lambda lone, one: edited(lone, one, email="mine@example.org"),
    "let in": lambda lone, one: invite(one, actor=lone),
    "another account": lambda lone, one: merge_people(
        add_user(actor=SYSTEM, username="mine-too", roles=["requester"]), into=one, actor=lone
    ),
    "woken": lambda lone, one: reactivate(deactivate(one, actor=lone), actor=lone),
}


@pytest.mark.parametrize("way", RAISING)
def test_whom_they_made_able_to_confirm_does_not_confirm_for_them(
    way: str, lone: Actor, sleeper: User, as_actor: Callable[..., Actor]
) -> None:
    waits = proposed(lone)
    RAISING[way](lone, sleeper)
    second = as_actor(User.objects.get(username="fresh" if way == "made" else "sleeper"))
    with pytest.raises(NotPermitted, match="less than 7 days ago"):
        confirming.confirm(waits, actor=second, at=T0, version=1)


LEAVING_ALONE: dict[str, Callable[[Actor, User], Any]] = {
    "nothing": lambda lone, one: None,
    "another name": lambda lone, one: edited(lone, one, name="Sleepy"),
    "fewer roles": lambda lone, one: edited(lone, one, roles=["manager"]),
}


@pytest.mark.parametrize("way", LEAVING_ALONE)
def test_who_stood_before_confirms(way: str, lone: Actor, sleeper: User, as_actor: Callable[..., Actor]) -> None:
    User.objects.filter(pk=sleeper.pk).update(roles=["manager", "agent"])
    waits = proposed(lone)
    LEAVING_ALONE[way](lone, sleeper)
    sleeper.refresh_from_db()
    edit_profile(sleeper, actor=as_actor(sleeper), name="Me", time_zone="UTC")
    assert confirming.confirm(waits, actor=as_actor(sleeper), at=T0, version=1).status == "confirmed"


def an_entry(by: User, person: User, ago: timedelta) -> Entry:
    return Entry.objects.create(
        at=timezone.now() - ago, actor_id=by.pk, actor_name=by.username, actor_kind="human", via="web",
        event="user.created", record_kind="user", record_id=person.pk, reference=person.username,
    )  # fmt: skip


def test_it_counts_for_a_week(lone: Actor, admin: User, sleeper: User) -> None:
    an_entry(admin, sleeper, WEEK + timedelta(minutes=1))
    assert raised_by(sleeper.pk, [admin.pk]) is None
    an_entry(admin, sleeper, WEEK - timedelta(minutes=1))
    assert raised_by(sleeper.pk, [admin.pk]) == admin.username
    assert raised_by(sleeper.pk, [sleeper.pk]) is None


def test_what_their_program_did_counts_as_theirs(lone: Actor, admin: User, sleeper: User, person: Any) -> None:
    bot = person("admin", username="bot", account_type="service", owner=admin)
    an_entry(bot, sleeper, timedelta(hours=1))
    assert raised_by(sleeper.pk, [admin.pk]) == "bot"


def test_in_a_desks_first_week_one_person_makes_everybody(lone: Actor, admin: User, sleeper: User) -> None:
    add_user(actor=lone, username="fresh", roles=["manager"])
    fresh = User.objects.get(username="fresh")
    User.objects.update(created_at=timezone.now() - WEEK + timedelta(minutes=1))
    assert raised_by(fresh.pk, [admin.pk]) is None
    User.objects.update(created_at=timezone.now() - WEEK - timedelta(minutes=1))
    assert raised_by(fresh.pk, [admin.pk]) == admin.username


def test_nor_does_such_a_person_approve_their_changes(lone: Actor, as_actor: Callable[..., Actor]) -> None:
    change = ask(a_measured_service(), lone).change
    fresh = as_actor(add_user(actor=lone, username="fresh", roles=["approver"]))
    with pytest.raises(NotPermitted, match="less than 7 days ago"):
        people_decide.decide_by_person(change, actor=fresh, decision="approve", comment="", at=T0)
    another = as_actor(User.objects.create(username="another", roles=["approver"]))
    assert people_decide.decide_by_person(change, actor=another, decision="approve", comment="", at=T0).authorised_until


@pytest.mark.parametrize("how", ["deactivated", "the role taken"])
def test_no_administrator_becomes_the_only_one_to_need_no_second(how: str, lone: Actor, person: Any) -> None:
    other = person("admin", username="other")
    other.set_password("a-password-of-theirs")
    other.save()
    setting = administration.setting_called("outgoing_allow")
    assert administration.has_other_administrators(lone)
    if how == "deactivated":
        deactivate(other, actor=lone)
    else:
        edited(lone, other, roles=["agent"])
    kept = administration.set_setting(setting, ["10.0.0.0/8"], actor=lone, version=setting.version, confirmed=True)
    assert kept.awaits is not None


def test_who_always_was_the_only_one_needs_no_second(lone: Actor) -> None:
    assert not administration.has_other_administrators(lone)


def test_a_program_puts_nobody_into_a_team(lone: Actor, sleeper: User, person: Any, as_actor: Any) -> None:
    team = add_team(actor=lone, slug="shop", name="Shop", members={sleeper: False})
    bot = as_actor(person("admin", username="bot", account_type="service"))
    joins = person("engineer", username="joins")
    for refused in (
        lambda: set_member(team, joins, actor=bot),
        lambda: edit_team(team, actor=bot, version=team.version, members={sleeper: False, joins: False}),
        lambda: set_member(team, sleeper, actor=bot, lead=True),
        lambda: add_user(actor=bot, username="new", roles=["engineer"], teams=[team]),
        lambda: add_team(actor=bot, slug="other", name="Other", members={joins: False}),
    ):
        with pytest.raises(NotPermitted, match="into a team"):
            refused()
    assert set(team.members.all()) == {sleeper}


def test_nor_does_such_a_person_make_kinder_what_their_changes_are_judged_by(
    lone: Actor, as_actor: Callable[..., Actor], person: Any
) -> None:
    service = a_measured_service()
    wants = ask(service, lone).change.reference
    fresh = as_actor(add_user(actor=lone, username="fresh", roles=["manager"]))
    with pytest.raises(NotPermitted, match="less than 7 days ago"):
        interest.require_no_interest(fresh, [service.pk], doing="lift a guard")
    with pytest.raises(NotPermitted, match=wants):
        interest.require_no_interest(lone, [service.pk], doing="lift a guard")
    interest.require_no_interest(fresh, [a_service().pk], doing="lift a guard")
    interest.require_no_interest(as_actor(person("manager")), [service.pk], doing="lift a guard")


def test_nor_confirms_their_incident(lone: Actor, as_actor: Callable[..., Actor], person: Any) -> None:
    opened = incidents.open_incident(actor=lone, title="Down", priority=1)
    fresh = as_actor(add_user(actor=lone, username="fresh", roles=["agent"]))
    with pytest.raises(NotPermitted, match="less than 7 days ago"):
        incidents.confirm(opened, actor=fresh)
    incidents.confirm(opened, actor=as_actor(person("agent")))
