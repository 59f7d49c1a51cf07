"""Answers by mail on problems and postmortems: words for those who work on them. A mail changes neither.

On a problem they are a note, as every note of one is. A postmortem has a text and a timeline that people write and no
conversation: words stand in its history, and whoever writes it takes over what belongs there.
"""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext

from incidents.postmortem import permissions as of_postmortems
from incidents.postmortem.models import Postmortem
from incidents.problem import operations as problems
from incidents.problem import permissions as of_problems
from incidents.problem.models import Problem
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.mail.handing import Handler, Heard, Outcome, cut
from itsm.mail.hearing import announce_bounce, words_of
from itsm.mail.parsing.parsed import Parsed
from itsm.mail.reasons import Did
from itsm.mail.senders import SYSTEM
from itsm.mail.subjects import About
from itsm.mail.undeliverable import Bounced

MOST = 2000  # characters of it that stand in a history


def handler_of_problems(is_confidential: Any) -> Handler:
    """What problems do with mail."""
    return Handler(_find(Problem), of_problems.workers, is_confidential, _hear_on_problem, _note, _bounced)


def handler_of_postmortems(is_confidential: Any) -> Handler:
    """What postmortems do with mail."""
    return Handler(_find(Postmortem), of_postmortems.writers, is_confidential, _hear_on_postmortem, _note, _bounced)


def problem_as_mailed(problem_id: int) -> About | None:
    """How mails about one are called, and whose team answers on it."""
    found = Problem.objects.filter(pk=problem_id).only("statement", "team_id").first()
    return About(found.reference, found.statement, found.team_id) if found is not None else None


def postmortem_as_mailed(postmortem_id: int) -> About | None:
    """The same of postmortems: the team is that of what they are about."""
    found = Postmortem.objects.select_related("incident", "problem").filter(pk=postmortem_id).first()
    return About(found.reference, str(found.title), found.team_id) if found is not None else None


def _find(model: type[models.Model]) -> Any:
    return lambda number: model._default_manager.filter(pk=number).first()


@transaction.atomic
def _hear_on_problem(problem: Problem, heard: Heard) -> Outcome:
    words = words_of(heard) or gettext("(a mail with files alone: the original has them)")
    said = problems.note(problem, actor=heard.actor, text=cut(f"{_unproven(heard)}{words}"))
    _leave_files_out(heard)
    return Outcome(problem, Did.NOTED, said.pk)


@transaction.atomic
def _hear_on_postmortem(postmortem: Postmortem, heard: Heard) -> Outcome:
    """Whose words they are is said only where it is proven: a history is believed."""
    sender: dict[str, list[Any]] = {} if heard.is_proven else {"from": [None, heard.mail.sender]}
    remark = cut(f"{_unproven(heard)}{words_of(heard)}", MOST)
    lifecycle.announce(
        postmortem, "mail_heard", actor=heard.actor if heard.is_proven else SYSTEM, changes=sender, remark=remark
    )
    _leave_files_out(heard)
    return Outcome(postmortem, Did.NOTED)


def _unproven(heard: Heard) -> str:
    if heard.is_proven:
        return ""
    return gettext("By mail that does not answer one of ours to this address:") + "\n\n"


def _leave_files_out(heard: Heard) -> None:
    """Neither keeps files; the original of the mail does."""
    if heard.parsed.sent:
        heard.mail.flags = [*heard.mail.flags, "files-left-out"]


@transaction.atomic
def _note(record: Any, parsed: Parsed, person: User | None, at: datetime) -> Outcome:
    words = " ".join(parsed.own_text.split())[:500]
    lifecycle.announce(record, "automatic_mail", actor=SYSTEM, remark=f"{parsed.sender}: {words}")
    return Outcome(record, Did.NOTED)


@transaction.atomic
def _bounced(record: Any, bounced: Bounced, at: datetime) -> Outcome:
    announce_bounce(record, bounced)
    return Outcome(record, Did.NOTED)
