"""Own roles x what they reach: each named right alone opens exactly what the table says, several open nothing more than
each of them, and no right at all opens what only a second person or an administrator may."""

import random
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from itsm.accounts.named_rights import named_rights
from itsm.kernel.actors import Kind, Role
from tests.architecture.test_interest_matrix import GUARDED, INTERESTED, came_of, founded
from tests.itsm.roles.reach import BARE, holder, reached
from tests.slo.proving import TURN, by_turns, examples

pytestmark = pytest.mark.django_db
RIGHTS = sorted(named_rights())
TABLE = Path(__file__).with_name("reach.txt")


def table() -> dict[str, set[str]]:
    """Right -> what it opens, beyond what `desk.work` does; of `desk.work`, beyond what who only asks may."""
    blocks = TABLE.read_text().strip().split("\n\n")
    return {name: {line.strip() for line in lines} for name, *lines in (block.splitlines() for block in blocks)}


def opened(right: str) -> set[str]:
    """As a person, and as a program."""
    below = () if right == "desk.work" else ("desk.work",)
    both = (BARE, replace(BARE, kind=Kind.SERVICE, owner_id=2_000_000))
    lines = {line for one in both for line in reached(holder(right, of=one)) - reached(holder(*below, of=one))}
    # What everybody who works here may ask for is in the matrix of routes.
    return {line for line in lines if right != "desk.work" or line.startswith("step ")}


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_alone_opens_what_the_table_says(right: str) -> None:
    assert opened(right) == table()[right], "by intent? then: python -m tests.itsm.roles.renew_reach"


def test_the_table_names_the_rights_that_there_are() -> None:
    assert sorted(table()) == RIGHTS


@pytest.mark.parametrize("right", sorted(by_turns(RIGHTS, TURN, 12)))
def test_a_right_opens_nothing_that_its_lent_role_does_not(right: str) -> None:
    lent = {named_rights()[right].lends, *(named_rights()[one].lends for one in holder(right).rights)}
    allowed = frozenset(chain.from_iterable(reached(holder(roles=[role, Role.REQUESTER])) for role in lent))
    assert reached(holder(right)) <= allowed | reached(holder())


@pytest.mark.heavy
def test_several_rights_open_what_each_of_them_does_and_no_more() -> None:
    alone = {right: reached(holder(right)) for right in RIGHTS}
    bare = reached(holder())
    chance = random.Random(17)
    subsets = [RIGHTS, *(chance.sample(RIGHTS, chance.randint(2, 12)) for _ in range(examples(200)))]
    for some in subsets:
        together = reached(holder(*some))
        assert together == bare.union(*(alone[one] for one in some)), some


def test_what_only_people_do_no_program_does_by_a_right() -> None:
    robot = replace(BARE, kind=Kind.SERVICE, owner_id=2_000_000)
    by_rights, by_roles = reached(holder(*RIGHTS, of=robot)), reached(holder(of=robot, roles=Role))
    assert by_rights <= by_roles
    assert {"step change.approve anybodys", "step confirmation.confirm anybodys"}.isdisjoint(by_rights)


@pytest.mark.heavy
@pytest.mark.parametrize("name", sorted(by_turns(GUARDED, TURN, 12)))
def test_interest_stands_in_the_way_of_own_roles_and_of_the_first_administrator(name: str) -> None:
    from itsm.accounts.models import OwnRole, User

    write, without = GUARDED[name]
    scene = founded()
    OwnRole.objects.create(slug="all", name="All", rights=RIGHTS)
    for who in INTERESTED:
        person = scene.people[who]
        for fields in ({"roles": ["requester"], "own_roles": ["all"]}, {"roles": ["admin"], "own_roles": []}):
            User.objects.filter(pk=person.pk).update(**fields)
            scene.people[who] = User.objects.get(pk=person.pk)
            assert came_of(write, scene, who) == "no", (who, fields)
    free = scene.people["colleague"]
    User.objects.filter(pk=free.pk).update(roles=["requester"], own_roles=["all"])
    scene.people["colleague"] = User.objects.get(pk=free.pk)
    assert came_of(write, scene, "colleague") in {"no", without}
