"""Natural persons and interest: a program counts as the person who owns it, in Python and in the database."""

from collections.abc import Callable, Collection

import pytest
from django.db import IntegrityError, transaction

from itsm.accounts import interest, operations
from itsm.accounts.actors import actor_for
from itsm.accounts.interest import Stake
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)


@pytest.fixture
def bot(engineer: User) -> User:
    return User.objects.create(username="bot", roles=["engineer"], account_type="service", owner=engineer)


@pytest.fixture
def stakes(monkeypatch: pytest.MonkeyPatch) -> list[Stake]:
    """Who wants something about service 1; nobody else has registered."""
    held: list[Stake] = []

    def of_service_1(services: Collection[int]) -> list[Stake]:
        return held if 1 in services else []

    monkeypatch.setattr(interest, "_sources", [of_service_1])
    return held


def test_a_program_counts_as_its_owner(bot: User, engineer: User, approver: User) -> None:
    assert interest.natural_persons([bot.pk, None, approver.pk]) == {engineer.pk, approver.pk}
    assert interest.accounts_of([engineer.pk]) == {engineer.pk, bot.pk}
    assert actor_for(bot, Door.API).person_id == engineer.pk
    assert actor_for(bot, Door.API).narrowed(["read"]).person_id == engineer.pk
    assert actor_for(engineer, Door.WEB).person_id == engineer.pk
    assert SYSTEM.person_id is None


def test_an_owner_has_the_interest_of_their_program_and_it_has_theirs(
    bot: User, engineer: User, approver: User, stakes: list[Stake]
) -> None:
    for asked_by in (bot, engineer):
        stakes[:] = [Stake(asked_by.pk, "CHG-00001")]
        assert interest.natural_persons(one.account_id for one in interest.stakes_in([1])) == {engineer.pk}
        assert interest.stake_of(actor_for(engineer, Door.WEB), [1]) == stakes[0]
        assert interest.stake_of(actor_for(bot, Door.API), [1]) == stakes[0]
        assert interest.stake_of(actor_for(approver, Door.WEB), [1]) is None
        assert interest.stake_of(actor_for(engineer, Door.WEB), [2]) is None


def test_a_guard_is_for_people_without_interest(bot: User, engineer: User, approver: User, stakes: list[Stake]) -> None:
    stakes.append(Stake(bot.pk, "CHG-00001"))
    with pytest.raises(NotPermitted, match="CHG-00001"):
        interest.require_no_interest(actor_for(engineer, Door.WEB), [1], doing="retire an objective")
    with pytest.raises(NotPermitted, match="Programs do not retire"):
        interest.require_no_interest(actor_for(bot, Door.API), [2], doing="retire an objective")
    interest.require_no_interest(actor_for(approver, Door.WEB), [1], doing="retire an objective")
    interest.require_no_interest(SYSTEM, [1], doing="retire an objective")


def test_a_service_account_needs_an_active_person_as_its_owner(engineer: User, bot: User) -> None:
    leaver = User.objects.create(username="leaver", is_active=False)
    for owner in (None, bot, leaver):
        with pytest.raises(InvalidInput, match="owner"):
            operations.add_user(actor=SYSTEM, username="ci", roles=[], account_type="service", owner=owner)
    with pytest.raises(InvalidInput, match="Only programs"):
        operations.add_user(actor=SYSTEM, username="bo", roles=[], owner=engineer)
    made = operations.add_user(actor=SYSTEM, username="ci", roles=[], account_type="service", owner=engineer)
    assert made.owner == engineer


def test_the_database_keeps_owners_human(person: Callable[..., User], engineer: User, bot: User) -> None:
    for fields in (
        {"account_type": "service"},
        {"account_type": "service", "owner": bot},
        {"account_type": "human", "owner": engineer},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create(username="x", **fields)
    with pytest.raises(IntegrityError, match="stays a person"), transaction.atomic():
        User.objects.filter(pk=engineer.pk).update(account_type="service", owner=person("approver"))


@pytest.fixture
def merged(engineer: User) -> dict[str, User]:
    """An account that was merged into one that was merged into the engineer, programs of each, left where they were."""
    last = User.objects.create(username="last", account_type="human", is_active=False, merged_into=engineer)
    first = User.objects.create(username="first", account_type="human", is_active=False)
    bot = User.objects.create(username="first-bot", account_type="service", owner=first)
    agent = User(username="agent+first", account_type="agent", owner=last)
    agent.set_unusable_password()
    agent.save()
    User.objects.filter(pk=first.pk).update(merged_into=last)
    return {"last": last, "first": first, "bot": bot, "agent": agent}


@pytest.mark.writes_behind("I16")  # merged by no operation, programs left where they were
def test_programs_of_merged_accounts_count_as_who_goes_on_however_many_steps(
    merged: dict[str, User], engineer: User, approver: User
) -> None:
    accounts = {engineer.pk, *(one.pk for one in merged.values())}
    for one in merged.values():
        assert interest.natural_persons([one.pk]) == {engineer.pk}
        assert interest.natural_person_of_each([one.pk, approver.pk]) == {one.pk: engineer.pk, approver.pk: approver.pk}
        assert interest.persons_ever_behind([one.pk]) == {engineer.pk}
        assert interest.accounts_of([one.pk]) == accounts
    assert interest.accounts_of([engineer.pk]) == accounts
    people = {engineer.pk, merged["last"].pk, merged["first"].pk}
    assert set(interest.accounts_of_person(engineer.pk)) == people, "and no program"


@pytest.mark.writes_behind("I16")  # merged by no operation, programs left where they were
def test_who_goes_on_has_the_stake_of_a_program_of_a_merged_account(
    merged: dict[str, User], engineer: User, stakes: list[Stake]
) -> None:
    for name in ("bot", "agent", "first"):
        stakes[:] = [Stake(merged[name].pk, "CHG-00001")]
        with pytest.raises(NotPermitted, match="CHG-00001"):
            interest.require_no_interest(actor_for(engineer, Door.WEB), [1], doing="retire an objective")


def test_a_circle_of_accounts_ends(approver: User) -> None:
    """Nothing makes one: a program's owner is a person, and whoever was merged takes nobody in. Were there one, no
    statement runs for ever, and all of it is one person."""
    one, two = (User.objects.create(username=name, account_type="human", is_active=False) for name in "ab")
    User.objects.filter(pk=one.pk).update(merged_into=two)
    User.objects.filter(pk=two.pk).update(merged_into=one)
    assert interest.natural_persons([one.pk]) == interest.natural_persons([two.pk])
    assert interest.accounts_of([one.pk]) == {one.pk, two.pk}
    assert not interest.accounts_of([approver.pk]) & {one.pk, two.pk}
