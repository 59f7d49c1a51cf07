"""What somebody may do is what the predicates say: the page and the refusals cannot differ."""

from collections.abc import Callable

import pytest

from itsm.accounts import rights
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Door, Role
from tests.architecture.test_workflows import TABLES

pytestmark = pytest.mark.django_db


def found(user: User) -> dict[tuple[str, str], rights.StepRight]:
    return {(one.record, one.step.action): one for one in rights.steps_of(actor_for(user, Door.API))}


def test_every_workflow_table_is_registered() -> None:
    registered = {id(table.workflow) for table in rights.tables().values()}
    named = {id(workflow) for workflow, _, _ in TABLES.values()}
    import changes.change.workflow

    assert named - {id(changes.change.workflow.NORMAL)} <= registered, (
        "Register the new table with itsm.accounts.rights."
    )


def test_a_role_is_the_reason(engineer: User, requester: User) -> None:
    allowed = found(engineer)["incident", "resolve"]
    assert (allowed.on, allowed.roles) == (("anybodys", "own"), ("engineer",))
    refused = found(requester)["incident", "resolve"]
    assert (refused.on, refused.would) == ((), ("agent", "engineer", "manager", "owner", "admin"))


def test_what_is_ones_own_is_a_reason_without_a_role(requester: User) -> None:
    allowed = found(requester)["incident", "reopen"]
    assert (allowed.on, allowed.roles) == (("own",), ())


def test_a_team_is_a_reason(person: Callable[..., User], payments: Team) -> None:
    alone = found(person("owner", username="lone"))["correction", "approve"]
    member = found(person("owner", payments, username="member"))["correction", "approve"]
    assert (alone.on, member.on) == ((), ("teams",))
    assert member.roles == ("owner",)
    assert "manager" in alone.would


def test_the_widest_choice_of_records_names_its_reason(person: Callable[..., User], payments: Team) -> None:
    """Who asked for a change may start it without a role; an engineer of the team may start those of others."""
    start = found(person("engineer", payments, username="member"))["change", "start"]
    assert (start.on, start.roles) == (("teams", "own"), ("engineer",))


def test_four_eyes_except_ones_own(manager: User, admin: User) -> None:
    for user in (manager, admin):
        allowed = found(user)["correction", "approve"]
        assert allowed.except_own
        assert allowed.on == ("anybodys",)
    assert found(manager)["change", "authorise"].except_own


def test_what_headroom_does_itself_has_no_role(admin: User) -> None:
    expire = found(admin)["confirmation", "expire"]
    assert (expire.allowed, expire.would) == (False, ())


def test_a_program_never_decides(person: Callable[..., User]) -> None:
    program = person("manager", username="robot", account_type="service")
    mine = found(program)
    assert not mine["correction", "approve"].allowed
    assert not mine["confirmation", "confirm"].allowed


def test_each_answer_is_the_predicates_own(person: Callable[..., User], payments: Team) -> None:
    """Asked again by hand for every role, with and without a team."""
    for role in Role:
        for teams in ((), (payments,)):
            user = person(role.value, *teams, username=f"{role.value}-{len(teams)}")
            actor = actor_for(user, Door.API)
            for right in rights.steps_of(actor):
                table = rights.tables()[right.record]
                somebodys = right.step.who(actor, table.picture(rights.Standing(0, 0)))
                assert somebodys == (rights.ANYBODYS in right.on), (role, right.record, right.step.action)
