"""Proof about an artifact: attested by another principal where there is such a word, else what the request claims."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from changes.change.models import Attestation, Evaluation
from changes.change.queries.change_context import SAID_WITHIN, AttestedResult
from changes.change.queries.rollbacks import earlier_release
from changes.gate.evidence import EarlierRelease, Finding, Proof, TestRun
from changes.gate.facts import Fact, seen
from changes.gate.proof_evidence import LinkedWork
from changes.gate.vocabulary import Purpose
from incidents.postmortem.queries import proofs_of_action
from incidents.problem.queries import FixProof, proofs_of_fix
from itsm.accounts.raised import raised_by
from itsm.kernel.texts import is_blank

T = TypeVar("T")

FRESH_FOR = int(SAID_WITHIN.total_seconds())
_About = Attestation.About


def principal(user_id: int | None) -> str:
    """How an account is named as the source of a fact: `user:<id>`, empty for none."""
    return "" if user_id is None else f"user:{user_id}"


def gathered(
    evaluation: Evaluation, attested: Mapping[str, AttestedResult], interested: Collection[int], at: datetime
) -> Proof:
    """Everything known about the artifact; `attested` holds the strictest word per subject; `interested`: every
    account of the people who want it.

    One query where a rollback is claimed; where a reliability fix is, two and two for each word about it; else none.
    """
    claims: Mapping[str, Any] = evaluation.claims.get("proof") or {}

    def fact(about: str, read: Callable[[AttestedResult], T], claimed: T | None) -> Fact[T]:
        word = attested.get(about)
        if word is not None:
            return _attested(word, read(word), at)
        return _claimed(evaluation, claimed, at)

    return Proof(
        backout=_claimed(evaluation, None if is_blank(evaluation.change.backout) else True, at),
        peer_review=fact(
            _About.PEER_REVIEW, lambda word: word.failed == 0, True if claims.get("peer_review") else None
        ),
        tests=_tests(evaluation, attested.get(_About.TESTS), claims, at),
        scans=fact(_About.SCANS, lambda word: word.failed, None),
        rollback_tested=_of_model(evaluation, "rollback_tested", at)
        or fact(_About.ROLLBACK_TESTED, lambda word: word.failed == 0, None),
        progressive=_of_model(evaluation, "progressive", at)
        or fact(_About.PROGRESSIVE, lambda word: word.failed == 0, None),
        fixes=_fixes(evaluation, interested, at),
        finding=_finding(evaluation, attested.get(_About.SCANS), at),
        earlier_release=_earlier_release(evaluation, at),
    )


def _attested(word: AttestedResult, value: T, at: datetime) -> Fact[T]:
    return seen(
        value,
        at=at,
        source=word.source,
        principal=principal(word.by_id),
        fresh_for_seconds=FRESH_FOR,
        observed_at=min(word.at, at),
    )


def _claimed(evaluation: Evaluation, value: T | None, at: datetime) -> Fact[T]:
    if value is None:
        return Fact.absent("request")
    return seen(
        value,
        at=at,
        source="request",
        principal=principal(evaluation.change.requested_by_id),
        fresh_for_seconds=FRESH_FOR,
        attested=False,
    )


def _tests(
    evaluation: Evaluation, word: AttestedResult | None, claims: Mapping[str, Any], at: datetime
) -> Fact[TestRun]:
    """An attested run, unless the requester itself reports failures: bad news needs no proof."""
    said = TestRun(int(claims.get("tests_passed") or 0), int(claims.get("tests_failed") or 0))
    if word is not None and said.failed == 0:
        return _attested(word, TestRun(word.passed, word.failed), at)
    known = {"tests_passed", "tests_failed"} & set(claims)
    return _claimed(evaluation, said if known else None, at)


def _of_model(evaluation: Evaluation, field: str, at: datetime) -> Fact[bool] | None:
    """What the approved model guarantees of every change made with it."""
    model = evaluation.change.model
    if model is None or not getattr(model, field):
        return None
    return seen(
        True,
        at=at,
        source="change model",
        principal=f"model:{model.slug}",
        fresh_for_seconds=FRESH_FOR,
    )


def _fixes(evaluation: Evaluation, interested: Collection[int], at: datetime) -> Fact[LinkedWork]:
    """The problem that a reliability fix fixes, or the postmortem of which it does an action: on the word of somebody
    without an interest in the change, about what somebody without one owns. What only those who want it say is a
    claim, and so is what an account says, or owns, that one of them made able to within the last week."""
    if evaluation.claims["purpose"] != Purpose.RELIABILITY_FIX.value:
        return Fact.absent("request")
    words = [
        *((word, "problem") for word in proofs_of_fix(evaluation.change_id)),
        *((word, "postmortem_action") for word in proofs_of_action(evaluation.change_id)),
    ]
    for word, kind in words:
        if _is_of_another(word.word_by, interested) and _is_of_another(word.owner, interested):
            return seen(
                _work(word, kind), at=at, source="headroom", principal=principal(word.word_by),
                fresh_for_seconds=FRESH_FOR,
            )  # fmt: skip
    return _claimed(evaluation, next((_work(word, kind) for word, kind in words), None), at)


def _is_of_another(account: int, interested: Collection[int]) -> bool:
    return account not in interested and raised_by(account, interested) is None


def _work(word: FixProof, kind: str) -> LinkedWork:
    return LinkedWork(word.reference, kind, word.service, is_open=True)


def _finding(evaluation: Evaluation, scan: AttestedResult | None, at: datetime) -> Fact[Finding]:
    """A security finding counts as removed when another principal's scan of this digest is clean."""
    reference = evaluation.exception.get("finding") or evaluation.exception.get("cve")
    if not reference:
        return Fact.absent("request")
    if scan is None or scan.failed:
        return _claimed(evaluation, Finding(reference, ""), at)
    return _attested(scan, Finding(reference, evaluation.change.artifact_digest), at)


def _earlier_release(evaluation: Evaluation, at: datetime) -> Fact[EarlierRelease]:
    """A rollback goes back to a digest that was seen to succeed here before."""
    if not evaluation.exception.get("rollback_of") or not evaluation.change.artifact_digest:
        return Fact.absent("headroom")
    release = earlier_release(evaluation, at)
    if release is None:
        return Fact.absent("headroom")
    return seen(release, at=at, source="headroom", principal="headroom", fresh_for_seconds=FRESH_FOR)
