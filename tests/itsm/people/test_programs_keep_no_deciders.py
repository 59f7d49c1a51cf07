"""A program never decides, and so never becomes a person who does: it makes no deciders and holds no link of theirs."""

from collections.abc import Callable

import pytest

from itsm.accounts import operations
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from tests.api.world import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot(engineer: User) -> Actor:
    """Keeps people, for an engineer who may not."""
    made = User.objects.create(username="robot", roles=["admin"], account_type="service", owner=engineer)
    return actor_for(made, Door.API)


@pytest.mark.parametrize("role", ["approver", "manager", "owner", "admin"])
def test_it_makes_nobody_who_decides(robot: Actor, role: str) -> None:
    with pytest.raises(NotPermitted, match=role):
        operations.add_user(actor=robot, username="puppet", roles=[role])
    plain = operations.add_user(actor=robot, username="ada", roles=["engineer"])
    with pytest.raises(NotPermitted, match=role):
        operations.edit_person(plain, actor=robot, version=None, version_required=False, roles=[role])


def test_it_does_not_lead_the_mail_of_who_decides_to_itself(robot: Actor, approver: User) -> None:
    with pytest.raises(NotPermitted):
        operations.edit_person(
            approver, actor=robot, version=None, version_required=False, email="robot@elsewhere.example"
        )
    with pytest.raises(NotPermitted):
        operations.add_address(approver, "robot@elsewhere.example", actor=robot)
    with pytest.raises(NotPermitted):
        operations.send_reset(approver, actor=robot)


def test_it_is_shown_no_link_that_lets_people_in(robot: Actor) -> None:
    ada = operations.add_user(actor=robot, username="ada", roles=["engineer"])
    with pytest.raises(NotPermitted, match="links"):
        operations.invite(ada, actor=robot)
    assert operations.invite(ada, actor=SYSTEM)


def test_nobody_gets_a_token_that_answers_in_the_name_of_somebody_else(
    robot: Actor, admin: User, approver: User, person: Callable[..., User]
) -> None:
    for actor in (robot, actor_for(admin, Door.WEB)):
        with pytest.raises(NotPermitted):
            operations.issue_token(approver, actor=actor, name="theirs")
    program = person("engineer", username="ci", account_type="service")
    assert operations.issue_token(program, actor=actor_for(admin, Door.WEB), name="CI")
    with pytest.raises(NotPermitted):
        operations.issue_token(program, actor=robot, name="CI")
