"""A platform holds a deployment and asks: the gate is asked in its program's name, and its answer owed to the platform.

Promise: a platform hears "approved" only of an evaluation that is approved when it is told. A question that cannot be
asked is answered "rejected" with the reason; a platform's own time-outs do the rest.
"""

from datetime import datetime
from urllib.parse import quote

from django.utils.translation import gettext

from changes.change.models import Change, Evaluation
from changes.change.operations.asking import GateRequest, ask_gate
from changes.change.vocabulary import ChangeClass
from changes.change_models.queries import of_service
from changes.delivery.formats import Held
from changes.delivery.models import DeliverySource, PlatformQuestion
from changes.delivery.queries.routes import Way
from changes.delivery.vocabulary import Answered, Platform
from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.approvals.queries import open_asks
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.notifications import outbox
from itsm.notifications.web_addresses import parts_of
from itsm.one_by_one import one_by_one

CHANNEL = "platform answers"
MOST_AT_ONCE = 1_000
MOST_NOTES = 10  # that GitHub takes of one deployment
LONGEST_NOTE = 1024


def ask(source: DeliverySource, held: Held, way: Way, *, at: datetime) -> PlatformQuestion:
    """Ask the gate about what is held, once. The same question again changes nothing. Raises nothing."""
    question, is_new = PlatformQuestion.objects.get_or_create(
        source=source,
        key=held.key,
        defaults={
            "external_id": held.external_id, "repository": held.place.repository.lower(), "run_id": held.run_id,
            "theirs": held.place.environment, "installation": held.installation, "callback": held.callback,
            "asked_at": at,
        },
    )  # fmt: skip
    if not is_new:
        return question
    lifecycle.created(question, actor=actor_for(source.account, Door.API), at=at)
    if not is_its_own(question):
        _close(question, gettext("Its address for the answer is not that of this source's API."), at)
        return question
    try:
        evaluation = ask_gate(_request(source, held, way), actor=actor_for(source.account, Door.API), at=at)
    except DomainError as refused:
        _refuse(question, refused.detail, at)
        return question
    question.evaluation, question.change = evaluation, evaluation.change
    question.save(update_fields=["evaluation", "change"])
    follow(question, at=at)
    return question


def _request(source: DeliverySource, held: Held, way: Way) -> GateRequest:
    """As a standard change where an approved model of the service takes deployments; else people may have to decide."""
    model = of_service(way.service)
    what = held.version or held.commit[:12] or held.artifact_digest[:19] or held.run_id
    words = {"repository": held.place.repository, "what": what, "environment": way.environment}
    return GateRequest(
        service=way.service,
        environment=way.environment,
        change_class=ChangeClass.STANDARD if model is not None else ChangeClass.NORMAL,
        purpose="feature",
        summary=(gettext("Deploy %(repository)s %(what)s to %(environment)s") % words)[:200],
        plan=gettext("%(who)s runs the deployment of %(url)s.") % {"who": held.who or source.name, "url": held.url}
        if held.url
        else "",
        artifact_digest=held.artifact_digest,
        artifact_version=held.version,
        commit=held.commit,
        model=model,
        pipeline={
            "provider": source.platform, "repository": held.place.repository, "workflow": held.place.workflow,
            "run_id": held.run_id, "url": held.url,
        },
    )  # fmt: skip


def is_its_own(question: PlatformQuestion) -> bool:
    """Whether the answer goes to what was asked about: to this source's own API, and there to this very run of the
    repository that is mapped. Who knows the secret of one repository answers for no other one.
    """
    source, repository = question.source, question.repository
    if source.platform == Platform.GITLAB:
        return question.callback.startswith(f"/projects/{quote(repository, safe='')}/deployments/")
    ours, theirs = parts_of(source.api_url), parts_of(question.callback)
    rule = f"{ours.path.rstrip('/')}/repos/{repository}/actions/runs/{question.run_id}/deployment_protection_rule"
    return (theirs.scheme, theirs.netloc.lower(), theirs.path.rstrip("/").lower(), theirs.query, theirs.fragment) == (
        ours.scheme, ours.netloc.lower(), rule.lower(), "", ""
    )  # fmt: skip


def follow_change(change: Change, *, at: datetime) -> None:
    """Its questions hear what became of it. Raises nothing."""
    waiting = PlatformQuestion.objects.filter(change=change, answer="").order_by("pk")
    # Locked, as by `follow_open`: of two who look at once one answers.
    for question in waiting.select_related("evaluation__change").select_for_update(of=("self",), no_key=True):
        follow(question, at=at)


def follow_open(at: datetime) -> int:
    """Every question that waits hears where its change stands: what a receiver missed is told all the same. How many.

    Raises nothing.
    """
    waiting = PlatformQuestion.objects.filter(answer="", evaluation__isnull=False)
    found = list(waiting.select_related("evaluation__change", "source").order_by("pk")[:MOST_AT_ONCE])
    return one_by_one(found, lambda question: _followed(question, at), what="questions of platforms")


def _followed(question: PlatformQuestion, at: datetime) -> bool:
    follow(lifecycle.locked(question), at=at)
    return True


def follow(question: PlatformQuestion, *, at: datetime) -> None:
    """Owe the platform the answer, where there is one by now, or else a remark of what it waits for. Raises nothing."""
    evaluation = question.evaluation
    if evaluation is None or question.answer:
        return
    evaluation.refresh_from_db(fields=["status", "ended_because", "decided_by", "expires_at"])
    if evaluation.status == Evaluation.Status.PENDING:
        _remark(question, waits_for(evaluation))
        return
    approved = evaluation.status == Evaluation.Status.APPROVED
    _answer(question, Answered.APPROVED if approved else Answered.REJECTED, at)


def _refuse(question: PlatformQuestion, why: str, at: datetime) -> None:
    question.refusal = why[:500]
    question.save(update_fields=["refusal"])
    _answer(question, Answered.REJECTED, at)


def _answer(question: PlatformQuestion, answer: Answered, at: datetime) -> None:
    _end(question, answer, at)
    _owe(question, "answer")


def _close(question: PlatformQuestion, why: str, at: datetime) -> None:
    """It is refused, and nobody is told: an address that is not the platform's own hears nothing, and no token."""
    question.refusal = why[:500]
    question.save(update_fields=["refusal"])
    _end(question, Answered.REJECTED, at)


def _end(question: PlatformQuestion, answer: Answered, at: datetime) -> None:
    question.answer, question.answered_at = answer, at
    question.version += 1
    question.save(update_fields=["answer", "answered_at", "version"])
    said = {"answer": ["", answer.value]}
    lifecycle.announce(question, "answered", actor=Actor.system("gate"), changes=said, at=at)


def _remark(question: PlatformQuestion, note: str) -> None:
    """Another remark than the last, and no more than a platform takes."""
    if question.source.platform != Platform.GITHUB or note == question.last_note or question.notes >= MOST_NOTES:
        return
    question.notes += 1
    question.last_note = note
    question.save(update_fields=["notes", "last_note"])
    _owe(question, f"note {question.notes}")


def _owe(question: PlatformQuestion, what: str) -> None:
    outbox.enqueue(
        CHANNEL,
        {"question": question.pk, "what": what},
        # Remarks that do not leave hold up no answer.
        aggregate=f"{question.source_id}:{question.pk}{'' if what == 'answer' else ':remarks'}",
        key=f"platform-question-{question.pk}-{what.replace(' ', '-')}",
    )


def waits_for(evaluation: Evaluation) -> str:
    """What is said on the platform while the gate has not answered."""
    change = evaluation.change
    words = {"change": change.reference, "state": change.get_status_display()}
    if evaluation.not_before:
        words["at"] = f"{evaluation.not_before:%Y-%m-%d %H:%M}"
        return gettext("%(change)s waits until %(at)s UTC.") % words
    asked = list(dict.fromkeys(one.authority for one in open_asks(change)))
    if not asked:
        return (gettext("%(change)s waits for an answer: %(state)s.") % words)[:LONGEST_NOTE]
    return (gettext("%(change)s waits for %(whom)s.") % (words | {"whom": ", ".join(asked)}))[:LONGEST_NOTE]
