"""Answers leave for the platforms: as they are when they leave, by the outbox, with no transaction open."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from changes.change.models import Evaluation
from changes.change.queries.since import held_because
from changes.change.queries.verdicts import of_decision
from changes.delivery.adapters import github, gitlab
from changes.delivery.models import PlatformQuestion
from changes.delivery.operations import calling_back
from changes.delivery.operations.questions import LONGEST_NOTE, is_its_own
from changes.delivery.vocabulary import Answered, Platform
from itsm.notifications.channels import PutOff, Refused
from itsm.notifications.models import Delivery
from itsm.notifications.web_addresses import our_address

AT_ONCE = 2  # to one source


def deliver(owed: Delivery) -> str:
    """The channel's handler. Raises PutOff (try again) and Refused (do not)."""
    question = (
        PlatformQuestion.objects.select_related("source", "evaluation__decision", "change")
        .filter(pk=owed.payload["question"])
        .first()
    )
    if question is None or question.source.retired_at is not None:
        raise Refused(gettext("Its source is retired."))
    if not is_its_own(question):  # also where the source's address became another one meanwhile
        raise Refused(gettext("Its address for the answer is not that of this source's API."))
    what = owed.payload["what"]
    is_answer = what == "answer"
    if not is_answer and what != calling_back.WHAT and question.answer:
        raise Refused(gettext("The answer came before this remark."))
    row = PlatformQuestion.objects.filter(pk=question.pk)
    try:
        said = calling_back.send(question) if what == calling_back.WHAT else _send(question, is_answer)
    except PutOff as error:
        row.update(trouble=str(error)[:300])  # whoever set it up wrongly sees it now, not when it is given up
        raise
    row.update(trouble="", **({"told_at": timezone.now()} if is_answer else {}))
    return said


def died(owed: Delivery, at: datetime) -> None:
    """An answer was given up: that stands beside the question. Raises nothing."""
    rows = PlatformQuestion.objects.filter(pk=owed.payload["question"], told_at=None)
    rows.update(trouble=(owed.last_error or "?")[:300])


def _send(question: PlatformQuestion, is_answer: bool) -> str:
    source = question.source
    state = state_now(question) if is_answer else ""
    comment = words_of(question, state) if is_answer else _with_link(question, question.last_note)
    if source.platform == Platform.GITLAB:
        return gitlab.answer(
            question.callback, comment, state=state, api=source.api_url or gitlab.API, token=source.api_credential
        )
    return github.answer(
        question.callback, question.theirs, comment, state=state, api=source.api_url or github.API,
        app=source.app_id, key=source.api_credential, installation=question.installation,
    )  # fmt: skip


def state_now(question: PlatformQuestion) -> str:
    """What is true as it leaves: an authorisation that was taken back meanwhile, lapsed, is held, or let another start
    go, is none. Where it let this very run go, and its first telling was lost on the way back, the platform asks no
    more."""
    evaluation = question.evaluation
    good = evaluation is not None and evaluation.is_good(timezone.now())
    return Answered.APPROVED.value if good and question.answer == Answered.APPROVED else Answered.REJECTED.value


def words_of(question: PlatformQuestion, state: str) -> str:
    """The answer in words: who decided, why, and until when it is good."""
    evaluation, change = question.evaluation, question.change
    if evaluation is None or change is None:
        return question.refusal[:LONGEST_NOTE] or gettext("The gate could not be asked.")
    if state == Answered.APPROVED:
        words = {
            "change": change.reference, "by": evaluation.get_decided_by_display(),
            "until": f"{evaluation.expires_at:%Y-%m-%d %H:%M}",
        }  # fmt: skip
        said = gettext("%(change)s is approved (%(by)s); start until %(until)s UTC.") % words
        if evaluation.decided_by == Evaluation.DecidedBy.SHADOW and evaluation.decision is not None:
            words["answer"] = of_decision(evaluation.decision).answer
            said = gettext(
                "%(change)s is allowed in shadow, where nothing is stopped; the gate says “%(answer)s”. "
                "Start until %(until)s UTC."
            )
            said = said % words
    else:
        words = {"change": change.reference, "why": _why_not(evaluation)}
        said = gettext("%(change)s is not approved: %(why)s.") % words
        said = " ".join((said, *_reasons(evaluation)))
    return _with_link(question, said)


def _why_not(evaluation: Evaluation) -> str:
    now = timezone.now()
    if evaluation.used_at is not None:
        return gettext("a start has used its authorisation already")
    worse = "; ".join(sentence.rstrip(".") for sentence in held_because(evaluation, now))
    return evaluation.why_ended(now) or worse or str(evaluation.get_status_display())


def _reasons(evaluation: Evaluation) -> list[str]:
    if evaluation.decision is None:
        return []
    return [one.sentence for one in of_decision(evaluation.decision).reasons[:3]]


def _with_link(question: PlatformQuestion, said: str) -> str:
    if question.change is None:
        return said[:LONGEST_NOTE]
    link = our_address(question.change.get_absolute_url())
    return f"{said[: LONGEST_NOTE - len(link) - 1]} {link}"
