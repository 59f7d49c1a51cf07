"""Steps of the set-up: what they offer first, and what they say of who was asked."""

from typing import Any

import pytest

from changes.models import Evaluation
from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.setup.facts import progress
from tests.api.world import SYSTEM
from tests.factories.slo import a_service, an_objective

pytestmark = pytest.mark.django_db


def test_people_who_cannot_sign_in_are_counted_apart(admin: User, payments: Team) -> None:
    admin.set_password("a long enough sentence")
    admin.save()
    accounts.add_user(actor=SYSTEM, username="late", roles=["engineer"], teams=[payments])
    assert progress().steps[0].fact == "People: 2 · can sign in: 1 · teams: 1"


def test_the_queue_that_comes_with_the_house_counts_once_somebody_is_in_it(admin: User) -> None:
    triage = Team.objects.get(triage=True)
    late = accounts.add_user(actor=SYSTEM, username="late", roles=["agent"])
    assert (progress().steps[0].is_done, progress().steps[0].fact[-8:]) == (False, "teams: 0")
    accounts.set_member(triage, late, actor=SYSTEM)
    assert (progress().steps[0].is_done, progress().steps[0].fact[-8:]) == (True, "teams: 1")


def test_roles_are_said_in_words(web: Any, admin: User) -> None:
    page = web(admin).get("/setup/people/").content.decode()
    assert "admin · Administrator" in " ".join(page.replace('<span class="nowrap">', "").split())
    assert "Engineer: asks the gate" in page


def test_the_first_question_is_about_the_service_that_has_an_objective(web: Any, admin: User) -> None:
    measured = an_objective(service=a_service(slug="measured", tier=3)).service
    a_service(slug="grave", tier=1)
    page = web(admin).get("/setup/question/").content.decode()
    assert f'<option value="{measured.slug}" selected>' in page


def test_the_answer_names_whom_it_asked_and_whether_they_can_sign_in(web: Any, admin: User) -> None:
    service = a_service(slug="checkout")
    client = web(admin)

    def asked() -> str:
        question = {"service": service.slug, "environment": "production"}
        return " ".join(client.post("/setup/question/", question, follow=True).content.decode().split())

    assert "Nobody here may decide it yet" in asked()
    late = accounts.add_user(actor=SYSTEM, username="late", name="Late One", roles=["approver"])
    assert "None of them can sign in yet" in asked()
    late.set_password("a long enough sentence")
    late.save()
    page = asked()
    assert "Late One</a>." in page
    assert "None of them" not in page
    assert Evaluation.objects.count() == 3
