"""What a change claims to be for opens another row of the table only when it is proven."""

from datetime import timedelta

import pytest

from changes.models import Attestation, Deployment
from changes.operations import attesting, deploying
from itsm.kernel.errors import NotPermitted
from tests.factories.changes import a_measured_service, a_model, an_artifact, ask, attested, restate
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
GOOD = an_artifact("good")


@pytest.fixture
def service(owning):
    service = a_measured_service()
    a_model(service, owning)
    return service


def released(service, actor, status="succeeded", digest=GOOD, **words):
    evaluation = ask(service, actor, change_class="standard", artifact_digest=digest, **words)
    deployment = deploying.start_deployment(
        evaluation.change, artifact_digest=evaluation.change.artifact_digest, actor=actor, at=T0
    )
    return deploying.finish_deployment(deployment, actor=actor, status=status, at=T0 + MINUTE)


def roll_back(service, actor, at=T0 + 2 * MINUTE, digest=GOOD, **words):
    exception = {"rollback_of": "sha256:bad"}
    return ask(service, actor, at=at, purpose="rollback", artifact_digest=digest, exception=exception, **words)


@pytest.mark.parametrize("state", ["healthy", "exhausted", "burning_fast", "no_data", "low_confidence"])
def test_going_back_to_what_succeeded_before_is_an_exception_in_every_state(service, asker, state):
    released(service, asker)
    restate(service, state, T0 + 2 * MINUTE)
    evaluation = roll_back(service, asker)
    assert (evaluation.outcome, evaluation.status, evaluation.decided_by) == ("exception", "approved", "policy")
    assert evaluation.decision.verdict["reserved"] == {}
    assert deploying.start_deployment(
        evaluation.change, artifact_digest=evaluation.change.artifact_digest, actor=asker, at=T0 + 2 * MINUTE
    )


def test_claiming_a_rollback_proves_nothing(service, asker):
    restate(service, "exhausted", T0)
    assert roll_back(service, asker).outcome != "exception"


@pytest.mark.parametrize("how", ["failed", "another digest", "another environment", "another service"])
def test_only_the_same_digest_here_that_succeeded_counts(service, owning, asker, how):
    where, words = service, {}
    if how == "another service":
        where = a_measured_service()
        a_model(where, owning)
    if how == "another environment":
        words = {"environment": "staging"}
    digest = an_artifact("else") if how == "another digest" else GOOD
    released(where, asker, "failed" if how == "failed" else "succeeded", digest, **words)
    restate(service, "exhausted", T0 + 2 * MINUTE)
    assert roll_back(service, asker).outcome != "exception"


def test_a_release_that_is_still_watched_has_succeeded_already(service, asker):
    released(service, asker)
    assert Deployment.objects.get().watched_until > T0 + 2 * MINUTE
    assert roll_back(service, asker).outcome == "exception"


def test_a_security_fix_needs_a_clean_scan_by_somebody_else(service, asker, approver, pipeline):
    fix = {"purpose": "security_fix", "exception": {"cve": "CVE-2026-1"}, "artifact_digest": an_artifact("fix")}
    restate(service, "exhausted", T0)
    assert ask(service, asker, **fix).outcome == "postponed"
    attested(service, an_artifact("fix"), pipeline, about=["scans"])
    assert ask(service, asker, summary="Its own word", **fix).outcome == "postponed"
    attested(service, an_artifact("fix"), approver, about=["scans"], failed=1)
    assert ask(service, asker, summary="Not clean", **fix).outcome == "postponed"
    attested(service, an_artifact("fix"), approver, about=["scans"])
    assert ask(service, asker, summary="Clean", **fix).outcome == "peer"


def test_the_newest_word_counts(service, asker, approver, engineer):
    attested(service, an_artifact("a"), approver, about=["scans"])
    attested(service, an_artifact("a"), engineer, about=["scans"], failed=2)
    evaluation = ask(service, asker, change_class="standard", artifact_digest=an_artifact("a"))
    assert evaluation.decision.evidence["proof"]["scans"]["value"] == 2
    assert evaluation.outcome == "peer"


def test_bad_news_needs_no_proof_and_good_news_of_ones_own_is_none(service, asker, approver):
    attested(service, an_artifact("a"), approver, about=["tests"], passed=100)
    said = ask(service, asker, change_class="standard", artifact_digest=an_artifact("a"), proof={"tests_failed": 1})
    assert said.outcome == "peer"
    assert said.decision.evidence["proof"]["tests"]["value"]["failed"] == 1


def test_only_those_who_may_speak_attest(service, person, as_actor):
    for role in ("requester", "agent", "auditor"):
        with pytest.raises(NotPermitted):
            attesting.attest(
                actor=as_actor(person(role)),
                service=service,
                artifact_digest=GOOD,
                about="tests",
                source="ci",
                at=T0,
                passed=1,
            )
    assert not Attestation.objects.exists()


def test_words_about_artifacts_are_never_altered(approver):
    from django.db import ProgrammingError, transaction

    attested(a_service(), GOOD, approver)
    with pytest.raises(ProgrammingError, match="only grows"), transaction.atomic():
        Attestation.objects.update(failed=0)
