"""A reliability fix is proven by somebody else's word about somebody else's problem; the word of who wants it is a claim."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.change.queries.evidence import gather
from changes.models import Evaluation
from incidents.incident import operations as incidents
from incidents.models import FixWord, Postmortem, Problem
from incidents.postmortem import operations as postmortems
from incidents.problem import operations as problems
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.accounts.operations import add_user
from itsm.kernel.actors import Actor, Door
from tests.changes.scene import asked
from tests.factories.changes import a_measured_service
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def eve() -> User:
    """Who asks for the change; she may do everything."""
    return User.objects.create(username="eve", roles=["engineer", "manager", "owner"])


@pytest.fixture
def bob() -> User:
    return User.objects.create(username="bob", roles=["engineer", "manager"])


def actor(user: User) -> Actor:
    return actor_for(user, Door.WEB)


def known(by: User, service: Any) -> Problem:
    problem = problems.open_problem(actor=actor(by), statement="Pool", workaround="Restart", service=service)
    return problems.know(problems.assess(problem, actor=actor(by)), actor=actor(by), cause_unknown=True)


def fixes(evaluation: Evaluation) -> Any:
    evaluation.refresh_from_db()
    return gather(evaluation, timezone.now()).proof.fixes


def a_fix(service: Any, by: User, **said: Any) -> Evaluation:
    return asked(service, by, **({"purpose": "reliability_fix"} | said))


def test_somebody_elses_word_about_somebody_elses_problem_proves_it(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    assert fixes(evaluation).value is None
    problems.fix(problem, actor=actor(bob), change=evaluation.change.reference)
    proven = fixes(evaluation)
    assert (proven.value.reference, proven.value.service, proven.attested) == (problem.reference, service.slug, True)
    assert proven.principal == f"user:{bob.pk}"


def test_her_own_word_is_a_claim(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    problems.connect(problem, actor=actor(eve), to=evaluation.change.reference, relation="fixed_by")
    assert (fixes(evaluation).attested, fixes(evaluation).value.reference) == (False, problem.reference)


def test_a_problem_that_she_owns_proves_nothing_whoever_gives_their_word(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(eve, service), a_fix(service, eve)
    problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
    assert fixes(evaluation).attested is False


def test_what_she_links_from_the_change_is_no_word(eve: User, bob: User) -> None:
    from itsm.work import linking

    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    linking.connect(evaluation.change, actor=actor(eve), to=problem.reference, relation="fixes")
    assert fixes(evaluation).value is None


def test_her_program_counts_as_her(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    robot = User.objects.create(username="robot", roles=["engineer"], account_type="service", owner=eve)
    problems.connect(problem, actor=actor(robot), to=evaluation.change.reference, relation="fixed_by")
    assert not FixWord.objects.exists(), "programs give no word at all"
    assert fixes(evaluation).value is None


def test_it_ends_with_the_problem_its_service_its_queue_and_its_owner(eve: User, bob: User) -> None:
    service = a_measured_service()
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    evaluation = a_fix(service, eve)
    for change in (
        {"status": "closed", "close_code": "cancelled", "closed_at": timezone.now()},
        {"service": a_service()},
        {"team": hidden},
        {"owner": None},
    ):
        problem = known(bob, service)
        problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
        assert fixes(evaluation).attested is True
        Problem.objects.filter(pk=problem.pk).update(**change)
        assert fixes(evaluation).value is None


def test_a_problem_of_another_service_is_proven_and_not_believed(eve: User, bob: User) -> None:
    """The gate compares: what is about another service gives this change nothing."""
    service, elsewhere = a_measured_service(), a_service()
    problem, evaluation = known(bob, elsewhere), a_fix(service, eve)
    problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
    assert fixes(evaluation).value.service == elsewhere.slug


def test_nobody_looks_where_no_fix_is_claimed(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve, purpose="feature")
    problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
    assert fixes(evaluation).value is None


def test_an_action_of_a_published_postmortem_proves_it_as_a_problem_does(eve: User, bob: User) -> None:
    service = a_measured_service()
    ada = User.objects.create(username="ada", roles=["engineer", "manager"])
    incident = incidents.open_incident(actor=actor(bob), title="Checkout returns 502", service=service)
    draft = postmortems.open_postmortem(actor=actor(bob), incident=incident)
    draft = postmortems.edit(draft, actor=actor(bob), version=draft.version, factors=["No cap on retries"])
    evaluation = a_fix(service, eve)
    action = postmortems.add_action(
        draft, actor=actor(bob), action_type="prevent", text="Cap retries", owner=bob, link=evaluation.change.reference,
        due_at=timezone.now(),
    )  # fmt: skip
    assert fixes(evaluation).value is None, "a draft proves nothing"
    done = postmortems.publish(postmortems.submit(draft, actor=actor(bob)), actor=actor(ada))
    proven = fixes(evaluation)
    assert (proven.value.reference, proven.value.kind, proven.attested) == (done.reference, "postmortem_action", True)
    postmortems.edit_action(done, action, actor=actor(bob), owner=eve)
    assert not fixes(evaluation).attested, "owned by who wants it"


def test_whoever_changes_the_day_of_an_action_says_nothing_about_the_change_in_it(eve: User, bob: User) -> None:
    """A form sends everything that stands in it: what was linked already is nobody's new word."""
    service = a_measured_service()
    incident = incidents.open_incident(actor=actor(bob), title="Checkout returns 502", service=service)
    draft = postmortems.open_postmortem(actor=actor(bob), incident=incident)
    evaluation = a_fix(service, eve)
    said = {"action_type": "prevent", "text": "Cap retries", "owner": bob, "link": evaluation.change.reference}
    action = postmortems.add_action(draft, actor=actor(eve), due_at=timezone.now(), **said)
    Postmortem.objects.filter(pk=draft.pk).update(published=1)
    assert fixes(evaluation).attested is False
    postmortems.edit_action(draft, action, actor=actor(bob), due_at=timezone.now() + timedelta(days=3), **said)
    assert fixes(evaluation).attested is False, "bob moved a day"
    postmortems.edit_action(draft, action, actor=actor(bob), link="")
    postmortems.edit_action(draft, action, actor=actor(bob), link=evaluation.change.reference)
    assert fixes(evaluation).attested is True, "bob linked it"


@pytest.mark.parametrize("part", ["word", "owner"])
def test_an_account_that_she_made_is_nobody_else(part: str, eve: User, bob: User) -> None:
    """She makes a colleague and signs in as them: for a week that is her own word, and hers to own."""
    User.objects.filter(pk=bob.pk).update(created_at=timezone.now() - timedelta(days=30))
    eve.roles = [*eve.roles, "admin"]
    eve.save()
    puppet = add_user(actor=actor(eve), username="puppet", roles=["engineer", "manager"])
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    Problem.objects.filter(pk=problem.pk).update(owner=puppet if part == "owner" else bob)
    by = puppet if part == "word" else bob
    problems.connect(problem, actor=actor(by), to=evaluation.change.reference, relation="fixed_by")
    assert fixes(evaluation).attested is False
    Problem.objects.filter(pk=problem.pk).update(owner=bob)
    problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
    assert fixes(evaluation).attested is True


def test_what_is_analysed_again_is_fixed_by_what_somebody_says_anew(eve: User, bob: User) -> None:
    service = a_measured_service()
    problem, evaluation = known(bob, service), a_fix(service, eve)
    problems.connect(problem, actor=actor(bob), to=evaluation.change.reference, relation="fixed_by")
    over = problems.cancel(problem, actor=actor(bob), reason="It was none")
    again = problems.re_analyse(over, actor=actor(eve), reason="It was one")
    problems.know(again, actor=actor(eve), cause_unknown=True)
    assert fixes(evaluation).value is None
