"""Many cases in one test (tests/together.py): all are tried, each that fails is named, and what a case wrote is undone."""

import pytest

from itsm.accounts.models import Team, User
from tests.together import SKIPS, each_of

pytestmark = pytest.mark.django_db
tried: list[object] = []


@each_of(("name", "seen"), [("a", 0), ("b", 0)])
def test_what_a_case_wrote_is_undone_before_the_next(name: str, seen: int, engineer: User) -> None:
    assert Team.objects.filter(slug__in=["a", "b"]).count() == seen
    Team.objects.create(slug=name, name=name)
    assert User.objects.filter(pk=engineer.pk).exists(), "what the fixtures founded is not"


def test_all_cases_are_tried_and_each_that_fails_is_named(request: pytest.FixtureRequest) -> None:
    def odd(number: int) -> None:
        tried.append(number)
        assert number % 2, "it is even"
        with pytest.raises(ValueError, match="x"):
            int("x" if number == 1 else "1")

    tried.clear()
    with pytest.raises(pytest.fail.Exception) as failed:
        each_of("number", [1, 2, 3], ids=str)(odd)(request=request)
    assert tried == [1, 2, 3]
    assert str(failed.value).startswith("2 of 3:\n2\n")
    assert "it is even" in str(failed.value)
    assert "DID NOT RAISE" in str(failed.value)


def test_a_test_of_no_case_is_none() -> None:
    with pytest.raises(AssertionError, match="no case of number"):
        each_of("number", [])


def test_a_case_that_skips_fails_and_hides_no_other(request: pytest.FixtureRequest) -> None:
    def odd(number: int) -> None:
        tried.append(number)
        assert number != 1, "it is one"
        if number == 2:
            pytest.skip("not here")

    tried.clear()
    with pytest.raises(pytest.fail.Exception) as failed:
        each_of("number", [1, 2, 3], ids=str)(odd)(request=request)
    assert tried == [1, 2, 3]
    assert "it is one" in str(failed.value)
    assert f"2\n{SKIPS}: not here" in str(failed.value)
