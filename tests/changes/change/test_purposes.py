"""What a change claims to be for opens another row of the table only when it is proven."""

from datetime import timedelta

import pytest

from changes.change.operations import attesting
from changes.models import Attestation
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


def test_the_strictest_word_counts(service, asker, approver, engineer):
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
