"""An override: two names, a counted token, a review; never an approval by policy, never in a lockdown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.models import Service
from changes.change.operations import deploying, overriding
from changes.change.operations.reviewing import review
from changes.change.queries.overrides import quarter_of, tokens_left
from changes.models import Change, Evaluation, Override
from itsm.accounts.models import Team, User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import AuthorisationRevoked, InvalidInput, NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, a_window, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db
WHY = "The shop is closed until this is out."
HOUR = timedelta(hours=1)


@pytest.fixture
def second(person: Callable[..., User]) -> User:
    return person("manager", username="second")


@pytest.fixture
def asked(asker: Actor, payments: Team) -> Callable[..., Evaluation]:
    """What waits on a spent budget."""

    def make(**words: Any) -> Evaluation:
        service = words.pop("service", None) or a_measured_service("exhausted", team=payments)
        return ask(service, asker, **words)

    return make


def propose(evaluation: Evaluation, actor: Actor, second: User, reason: str = WHY) -> Confirmation:
    return overriding.ask_override(evaluation, actor=actor, reason=reason, second_person=second, at=T0 + MINUTE)


def confirmed(proposal: Confirmation, actor: Actor) -> None:
    confirming.confirm(proposal, actor=actor, at=T0 + 2 * MINUTE, version=proposal.version)


def test_with_two_names_it_goes_and_says_so_everywhere(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor], owner: User
) -> None:
    evaluation = asked()
    proposal = propose(evaluation, managing, second)
    answer, _left, named = proposal.differences
    assert (answer["before"], answer["after"], named["after"]) == ("Postponed", "override", str(second))
    assert change_of(evaluation).status == "assessing"
    confirmed(proposal, as_actor(second))
    change = change_of(evaluation)
    evaluation.refresh_from_db()
    assert (change.status, evaluation.status, evaluation.decided_by) == ("scheduled", "approved", "override")
    assert evaluation.outcome == "postponed"  # the gate's own word stays
    one = Override.objects.get()
    assert (one.number, one.reason, one.review_due_at - one.at) == (1, WHY, timedelta(days=2))
    assert Notification.objects.filter(subject__contains="goes by override").exists()
    assert tokens_left(change.service.team, T0) == 2


@pytest.mark.parametrize("state", ["exhausted", "burning_fast", "no_data", "healthy"])
def test_whatever_the_budget_says_it_may_be_overridden(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor], payments: Team,
    state: str,
) -> None:  # fmt: skip
    evaluation = asked(service=a_measured_service(state, team=payments, tier=1))
    confirmed(propose(evaluation, managing, second), as_actor(second))
    started = deploying.start_deployment(
        change_of(evaluation), actor=Actor.system("tests"), at=T0 + HOUR,
        artifact_digest=change_of(evaluation).artifact_digest,
    )  # fmt: skip
    assert started.evaluation_id == evaluation.pk


def test_it_is_looked_back_at_by_neither_of_the_two_names(
    asked: Callable[..., Evaluation], managing: Actor, second: User, person: Callable[..., User],
    as_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    evaluation = asked()
    confirmed(propose(evaluation, managing, second), as_actor(second))
    deployment = deploying.start_deployment(
        change_of(evaluation), actor=Actor.system("tests"), at=T0 + HOUR,
        artifact_digest=change_of(evaluation).artifact_digest,
    )  # fmt: skip
    deploying.finish_deployment(deployment, actor=Actor.system("tests"), status="succeeded", at=T0 + 2 * HOUR)
    change = change_of(evaluation)
    assert (change.review_because, change.review_due_at is None) == ("override", False)
    words = {"review_worked": "Yes.", "review_cost": "Nothing.", "review_follow_up": "A budget that fits."}
    for one in (managing, as_actor(second)):
        with pytest.raises(NotPermitted, match="put a name"):
            review(change, actor=one, at=T0 + 3 * HOUR, **words)
    assert review(change, actor=as_actor(person("manager", username="third")), at=T0 + 3 * HOUR, **words).reviewed_at


def test_a_service_that_lost_its_team_has_no_token(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor]
) -> None:
    evaluation = asked()
    proposal = propose(evaluation, managing, second)
    Service.objects.filter(pk=evaluation.change.service_id).update(team=None)
    with pytest.raises(WrongState, match="no override left"):
        confirmed(proposal, as_actor(second))


def test_only_the_named_person_confirms_and_never_who_asked(
    asked: Callable[..., Evaluation], managing: Actor, second: User, person: Callable[..., User],
    as_actor: Callable[..., Actor],
) -> None:  # fmt: skip
    proposal = propose(asked(), managing, second)
    with pytest.raises(NotPermitted, match="whom it names"):
        confirmed(proposal, as_actor(person("manager", username="third")))
    with pytest.raises(NotPermitted, match="Four eyes"):
        confirmed(proposal, managing)
    assert not Override.objects.exists()


def test_a_reason_of_thirty_characters_and_an_able_second_person_are_needed(
    asked: Callable[..., Evaluation], managing: Actor, manager: User, second: User, person: Callable[..., User],
    approving: Actor,
) -> None:  # fmt: skip
    evaluation = asked()
    with pytest.raises(InvalidInput, match="30 characters"):
        propose(evaluation, managing, second, "x" * 29 + " ")
    with pytest.raises(NotPermitted, match="Four eyes"):
        propose(evaluation, managing, manager)
    for unable in (person("approver", username="ann"), person("owner", username="of-others")):
        with pytest.raises(InvalidInput, match="second person"):
            propose(evaluation, managing, unable)
    with pytest.raises(NotPermitted):
        propose(evaluation, approving, second)


def test_a_team_has_three_in_a_quarter(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor]
) -> None:
    evaluation = asked()
    service = evaluation.change.service
    for number in range(3):
        evaluation = evaluation if number == 0 else asked(service=service)
        confirmed(propose(evaluation, managing, second), as_actor(second))
    with pytest.raises(WrongState, match="no override left"):
        propose(asked(service=service), managing, second)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO changes_override (evaluation_id, change_id, team_id, asked_by_id, seconded_by_id, reason,"
            " quarter, number, at, review_due_at) SELECT %s, change_id, team_id, asked_by_id, seconded_by_id, reason,"
            " quarter, 4, at, review_due_at FROM changes_override LIMIT 1",
            [asked(service=service).pk],
        )
    assert quarter_of(T0).month in (1, 4, 7, 10)


def test_a_lockdown_refuses_it_before_and_at_the_start(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor]
) -> None:
    evaluation = asked()
    proposal = propose(evaluation, managing, second)
    other = asked(service=evaluation.change.service)
    confirmed(proposal, as_actor(second))
    a_window(
        managing, window_type="lockdown", name="Year end", reason="Books", starts_at=T0 + 30 * MINUTE, ends_at=T0 + 5 * HOUR,
        at=T0 + 3 * MINUTE,
    )  # fmt: skip
    with pytest.raises(WrongState, match="lockdown"):
        overriding.ask_override(other, actor=managing, reason=WHY, second_person=second, at=T0 + HOUR)
    change = Change.objects.get(pk=evaluation.change_id)
    with pytest.raises(AuthorisationRevoked, match="lockdown"):
        deploying.start_deployment(
            change, actor=Actor.system("tests"), at=T0 + HOUR, artifact_digest=change.artifact_digest
        )


def test_what_was_edited_since_is_not_overridden(
    asked: Callable[..., Evaluation], managing: Actor, second: User, as_actor: Callable[..., Actor]
) -> None:
    evaluation = asked()
    proposal = propose(evaluation, managing, second)
    Change.objects.filter(pk=evaluation.change_id).update(content_hash="0" * 64)
    with pytest.raises(WrongState, match="changed since"):
        confirmed(proposal, as_actor(second))


def test_over_rest_it_waits_for_the_second_person_and_the_answer_says_override(
    asked: Callable[..., Evaluation], manager: User, second: User, api: Callable[..., Any],
    web: Callable[[User], Any], as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    evaluation = asked()
    address = f"/api/v1/gate-evaluations/{evaluation.pk}/"
    client = api(manager)
    waits = client.post(f"{address}override/", {"reason": WHY, "second_person": "second"}, format="json")
    assert (waits.status_code, waits.json()["waits_for"]) == (202, "a second person")
    confirm = api(second).post(waits["Location"] + "confirm/", {}, format="json", HTTP_IF_MATCH='"1"')
    assert (confirm.status_code, confirm.json()["title"]) == (403, "Show once more who you are")
    confirmed(Confirmation.objects.get(), as_actor(second))
    said = client.get(address).json()
    assert (said["decided_by"], said["override"]["seconded_by"], said["override"]["number"]) == (
        "override",
        "second",
        1,
    )
