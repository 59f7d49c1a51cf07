"""The ECAB is one thing: a board for emergencies, where one rules; its members look back, and change managers else."""

from collections.abc import Callable

import pytest
from django.test import Client

from changes.boards.operations import keeping
from changes.change.operations import people_decide
from changes.models import Board, Change
from incidents.incident import operations as incidents
from itsm.accounts.models import User
from itsm.accounts.rights import steps_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.notifications.models import Notification
from tests.changes.boards.conftest import Sitting
from tests.factories.changes import a_measured_service, ask, change_of, ran, reviewed
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db


@pytest.fixture
def mended(agent: User, as_actor: Callable[..., Actor], asker: Actor, managing: Actor) -> Callable[..., Change]:
    """An emergency that ran, and is to be looked back at."""

    def make(authority: Actor | None = None) -> Change:
        service = a_measured_service()
        burning = incidents.open_incident(actor=as_actor(agent), title="Down", service=service, priority=1, at=T0)
        incidents.confirm(burning, actor=managing)
        asked = ask(service, asker, change_class="emergency", exception={"incident": burning.reference})
        people_decide.decide_by_person(
            change_of(asked), actor=authority or managing, decision="approve", comment="", at=T0
        )
        return change_of(ran(change_of(asked), asker, clean=False).evaluation)

    return make


def test_members_of_the_board_for_emergencies_look_back_and_no_manager_without_a_seat(
    mended: Callable[..., Change], found: Callable[..., Board], sitting: Sitting, managing: Actor, manager: User,
    as_actor: Callable[..., Actor], web: Callable[[User], Client], api: Callable[[User], Client],
) -> None:  # fmt: skip
    before = mended()
    page = web(manager).get(before.get_absolute_url()).content.decode()
    assert "the change managers stand in" in page
    found(name="CAB", quorum=1)  # it does not rule emergencies
    board = found(name="ECAB", is_emergency=True, quorum=1, classes=["emergency"])
    assert any(one.step.action == "review" for one in steps_of(managing) if one.record == "emergency_change" and one.on)
    with pytest.raises(NotPermitted):
        reviewed(before, managing)
    change = before
    assert "review" not in [one.action for one in change.workflow.open_to(managing, change)]
    page = web(sitting["marc"]).get(change.get_absolute_url()).content.decode()
    assert board.get_absolute_url() in page
    answers = {"review_worked": "It did", "review_cost": "An hour", "review_follow_up": "A test"}
    path = f"/api/v1/changes/{change.reference}/review/"
    assert api(sitting["ann"]).post(path, answers, format="json").status_code == 403  # an adviser has no vote
    assert api(sitting["marc"]).post(path, answers, format="json").status_code == 200


def test_its_members_are_those_who_are_told(
    mended: Callable[..., Change], found: Callable[..., Board], sitting: Sitting, as_actor: Callable[..., Actor]
) -> None:
    found(name="ECAB", is_emergency=True, quorum=1)
    change = mended(as_actor(sitting["cleo"]))
    asked_back = Notification.objects.filter(subject__startswith=f"{change.reference} is to be looked back at")
    assert {one.to.username for one in asked_back} == {"cleo", "marc", "mia"}


def test_where_its_members_all_have_a_stake_the_board_above_looks_back_and_else_the_managers(
    mended: Callable[..., Change], found: Callable[..., Board], sitting: Sitting, managing: Actor, person: Callable[..., User],
    as_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    zoe = person("approver", username="zoe")
    higher = keeping.found_board(actor=managing, at=T0, name="Crisis board", seats={zoe: "chair"}, quorum=1)
    found(name="ECAB", is_emergency=True, quorum=1, above=higher, seats={sitting["cleo"]: "chair"})
    change = mended(as_actor(sitting["cleo"]))
    Change.objects.filter(pk=change.pk).update(implementer=sitting["cleo"])
    change.refresh_from_db()
    with pytest.raises(NotPermitted):
        reviewed(change, managing)
    assert reviewed(change, as_actor(zoe)).reviewed_by == zoe
    zoe.is_active = False
    zoe.save(update_fields=["is_active"])
    assert reviewed(change, managing).reviewed_by_id == managing.id
