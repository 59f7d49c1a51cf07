"""Teams: made, filled, renamed, merged with all that refers to them, retired and brought back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Service
from catalog.services import operations as catalog
from itsm.accounts import operations, team_references
from itsm.accounts.models import Grant, Membership, Team, User
from itsm.approvals.models import ApprovalRequest, Confirmation
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, StaleVersion
from itsm.notifications.models import Notification
from tests.api.world import SYSTEM, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def web_team(db: None) -> Team:
    return operations.add_team(actor=SYSTEM, slug="web", name="Web")


def members(team: Team) -> dict[str, bool]:
    return {one.user.username: one.lead for one in team.memberships.select_related("user")}


def test_every_foreign_key_to_a_team_is_registered() -> None:
    """Give a new one to `team_references.register`, so that a merge takes it along."""
    own = {"accounts.membership.team", "accounts.team.merged_into"}
    known = {
        f"{one.related_model._meta.label_lower}.{one.field.name}"
        for one in Team._meta.get_fields(include_hidden=True)
        if one.auto_created and one.one_to_many
    }
    assert known - own == team_references.columns()


def test_a_team_is_filled_renamed_and_each_is_noted(web_team: Team, engineer: User, agent: User) -> None:
    edited = operations.edit_team(
        web_team, actor=SYSTEM, version=web_team.version, name="Site", members={engineer: True, agent: False}
    )
    assert members(edited) == {"engineer": True, "agent": False}
    assert (edited.name, edited.version) == ("Site", 2)
    operations.set_member(edited, agent, actor=SYSTEM, lead=True)
    operations.remove_member(edited, engineer, actor=SYSTEM)
    assert members(edited) == {"agent": True}
    events = list(Entry.objects.filter(reference="web").order_by("id").values_list("event", flat=True))
    assert events == ["team.created", "team.filled", "team.edited", "team.filled", "team.filled"]
    filled = Entry.objects.filter(event="team.filled").order_by("id")[0]
    assert filled.changes == {"joined": [[], ["agent", "engineer"]], "leads": [[], ["engineer"]]}
    with pytest.raises(StaleVersion):
        operations.edit_team(web_team, actor=SYSTEM, version=1, name="Late")


def test_only_administrators_keep_teams(
    web_team: Team, engineer: User, manager: User, as_actor: Callable[[User], Actor]
) -> None:
    operations.set_member(web_team, engineer, actor=SYSTEM, lead=True)
    for user in (engineer, manager):  # not even who leads it: membership decides who is asked
        for write in (
            lambda actor: operations.add_team(actor=actor, slug="x", name="X"),
            lambda actor: operations.edit_team(web_team, actor=actor, version=1, name="X"),
            lambda actor: operations.set_member(web_team, manager, actor=actor),
            lambda actor: operations.remove_member(web_team, engineer, actor=actor),
            lambda actor: operations.merge_teams(web_team, into=web_team, actor=actor),
            lambda actor: operations.retire_team(web_team, actor=actor),
            lambda actor: operations.revive_team(web_team, actor=actor),
        ):
            with pytest.raises(NotPermitted):
                write(as_actor(user))


def test_a_merge_takes_along_people_services_asks_and_proposals(world: World) -> None:
    payments, shipping = Team.objects.get(slug="payments"), Team.objects.get(slug="shipping")
    operations.set_member(shipping, world.people["engineer"], actor=SYSTEM)
    operations.set_member(payments, world.people["engineer"], actor=SYSTEM, lead=True)
    operations.set_member(payments, world.people["owner"], actor=SYSTEM)
    Confirmation.objects.update(team=payments)
    was_open = list(ApprovalRequest.objects.filter(team=payments, status="open"))
    assert was_open
    ApprovalRequest.objects.create(
        record_kind="change", record_id=10**6, content_hash="", authority="peer", role="engineer", team=payments,
        asked_at=world.at, status=ApprovalRequest.Status.APPROVED,
    )  # fmt: skip
    found = {duty.what for duty in team_references.referring_to(payments)}
    assert found == {
        "service",
        "item",
        "mailbox",
        "approval that waits for the team",
        "on-call schedule",
        "escalation policy",
        "escalation",
        "proposal that waits for the team",
    }
    gone = operations.merge_teams(payments, into=shipping, actor=SYSTEM)
    assert (gone.merged_into, members(gone)) == (shipping, {})
    assert members(shipping) == {"engineer": True, "owner": False}
    assert set(Service.objects.values_list("team__slug", flat=True)) == {"shipping"}
    assert {one.team_id for one in ApprovalRequest.objects.filter(pk__in=[one.pk for one in was_open])} == {shipping.pk}
    assert ApprovalRequest.objects.get(record_id=10**6).team == payments  # history names who was asked then
    assert Confirmation.objects.get().team == shipping
    assert Entry.objects.filter(event="service.edited", reference="checkout").exists()
    assert Entry.objects.filter(event="team.merged", reference="payments").exists()
    assert not team_references.referring_to(payments)


def test_rights_in_a_merged_queue_end_and_those_of_its_members_go_with_them(
    web_team: Team, payments: Team, engineer: User, agent: User
) -> None:
    soon, later = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=2)
    desk = operations.add_team(actor=SYSTEM, slug="desk", name="Desk", members={agent: True})
    web_team, payments, desk = (
        operations.edit_queue(one, actor=SYSTEM, version=one.version, takes_work=True, confidential=one == desk)
        for one in (web_team, payments, desk)
    )
    operations.grant(web_team, actor=SYSTEM, right="change", user=engineer)
    operations.grant(web_team, actor=SYSTEM, right="view", member_of=web_team)
    operations.grant(payments, actor=SYSTEM, right="change", member_of=web_team)
    for right, until, theirs in (("change", later, soon), ("assign", None, soon), ("create", soon, None)):
        operations.grant(desk, actor=SYSTEM, right=right, member_of=web_team, until=until)
        operations.grant(desk, actor=SYSTEM, right=right, member_of=payments, until=theirs)
    operations.grant(desk, actor=SYSTEM, right="view", member_of=web_team, until=soon)
    assert not team_references.referring_to(web_team)
    operations.merge_teams(web_team, into=payments, actor=SYSTEM)
    left = Grant.objects.exclude(team__triage=True).order_by("right")
    assert [(one.team, one.member_of, one.right, one.until) for one in left] == [
        (desk, payments, "assign", None),
        (desk, payments, "change", later),
        (desk, payments, "create", None),
        (desk, payments, "view", soon),
    ]
    noted = Entry.objects.filter(event="team.right_moved", reference="desk", changes__has_key="view").get()
    assert noted.changes == {"view": ["members of Web", "members of Payments"]}
    merged = Entry.objects.get(event="team.merged", reference="web").changes
    assert (merged["accounts.grant.team"], merged["accounts.grant.member_of"]) == ([2, 0], [5, 0])
    assert "rights in Desk" in Notification.objects.get(to=agent).subject


def test_a_merge_that_fails_on_the_way_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    payments, shipping = Team.objects.get(slug="payments"), Team.objects.get(slug="shipping")

    def fails(*_: object) -> int:
        raise Conflict("Not now.")

    monkeypatch.setitem(team_references._references, "z", team_references.Reference(lambda _team: [], fails))
    with pytest.raises(Conflict, match="Not now"):
        operations.merge_teams(payments, into=shipping, actor=SYSTEM)
    world.service.refresh_from_db()
    assert world.service.team == payments
    assert Team.objects.get(slug="payments").retired_at is None


def test_a_team_is_not_merged_into_itself_or_with_a_retired_one(web_team: Team, payments: Team) -> None:
    with pytest.raises(InvalidInput):
        operations.merge_teams(web_team, into=web_team, actor=SYSTEM)
    operations.retire_team(payments, actor=SYSTEM)
    for one, other in ((web_team, payments), (payments, web_team)):
        with pytest.raises(Conflict, match="retired"):
            operations.merge_teams(one, into=other, actor=SYSTEM)


def test_a_retired_team_takes_nothing_new(web_team: Team, engineer: User, agent: User) -> None:
    service = catalog.create_service(actor=SYSTEM, slug="site", name="Site", tier=3, team=web_team)
    operations.set_member(web_team, engineer, actor=SYSTEM)
    operations.retire_team(web_team, actor=SYSTEM)
    with pytest.raises(Conflict, match="retired"):
        operations.set_member(web_team, agent, actor=SYSTEM)
    with pytest.raises(Conflict, match="retired"):
        catalog.create_service(actor=SYSTEM, slug="shop", name="Shop", tier=3, team=web_team)
    other = catalog.create_service(actor=SYSTEM, slug="other", name="Other", tier=3)
    with pytest.raises(Conflict, match="retired"):
        catalog.edit_service(other, actor=SYSTEM, version=1, team=web_team)
    kept = catalog.edit_service(service, actor=SYSTEM, version=1, name="Page", team=web_team)
    assert (kept.name, kept.team) == ("Page", web_team)  # what stands may stay
    operations.set_member(web_team, engineer, actor=SYSTEM, lead=True)
    operations.revive_team(web_team, actor=SYSTEM)
    operations.set_member(web_team, agent, actor=SYSTEM)
    assert members(web_team) == {"engineer": True, "agent": False}


def test_a_merged_team_is_not_brought_back(web_team: Team, payments: Team) -> None:
    operations.merge_teams(web_team, into=payments, actor=SYSTEM)
    with pytest.raises(Conflict):
        operations.revive_team(web_team, actor=SYSTEM)
    with pytest.raises(Conflict):
        operations.retire_team(web_team, actor=SYSTEM)


def test_who_left_joins_no_team(web_team: Team, engineer: User) -> None:
    User.objects.filter(pk=engineer.pk).update(is_active=False)
    engineer.refresh_from_db()
    with pytest.raises(InvalidInput, match="not active"):
        operations.set_member(web_team, engineer, actor=SYSTEM)
    assert not Membership.objects.exists()
