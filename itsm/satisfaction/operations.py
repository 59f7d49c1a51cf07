"""Asking, and being told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.kernel.texts import is_blank, is_kept
from itsm.satisfaction.models import MAX_COMMENT, Survey

ANSWERED_WITHIN = timedelta(days=30)
COMMENTED_WITHIN = timedelta(days=1)


class AnsweredBefore(Conflict):
    """The question was answered: once is what everybody gets."""

    code, title = "answered-before", "This was answered before"


class TooLate(Conflict):
    """The time to answer is over."""

    code, title = "answer-too-late", "The time to answer is over"


def ask(record: Any, *, team_id: int, agent_id: int | None, at: datetime) -> None:
    """Ask once how satisfied they are with what was done, in the caller's transaction; a record that ends again is not
    asked about again. Raises nothing."""
    asked = Survey(
        record_kind=record.kind, record_id=record.pk, team_id=team_id, agent_id=agent_id, asked_at=at,
        expires_at=at + ANSWERED_WITHIN,
    )  # fmt: skip
    Survey.objects.bulk_create([asked], ignore_conflicts=True)


@transaction.atomic
def answer(survey: Survey, *, score: str, at: datetime) -> Survey:
    """Keep the answer, the first one. Raises InvalidInput, AnsweredBefore, TooLate."""
    if score not in Survey.Score.values:
        raise InvalidInput.about("score", gettext("Say good, fair or bad."))
    current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    if current.answered_at is not None:
        raise AnsweredBefore(gettext("You answered already. Thank you: the first answer stays."))
    if at >= current.expires_at:
        raise TooLate(gettext("This could be answered for 30 days. Thank you all the same."))
    current.score, current.answered_at = score, at
    current.save(update_fields=["score", "answered_at"])
    return current


@transaction.atomic
def comment(survey: Survey, *, text: str, at: datetime) -> Survey:
    """Words beside the answer, once, within a day of it. Raises InvalidInput, Conflict, AnsweredBefore, TooLate."""
    if is_blank(text) or len(text) > MAX_COMMENT or not is_kept(text):
        said = gettext("Write at least a word, at most %(most)d signs.")
        raise InvalidInput.about("text", said % {"most": MAX_COMMENT})
    current = Survey.objects.select_for_update(no_key=True).get(pk=survey.pk)
    if current.answered_at is None:
        raise Conflict(gettext("Answer first, then say more."))
    if current.comment:
        raise AnsweredBefore(gettext("Your words were kept already. Thank you."))
    if not may_comment(current, at):
        raise TooLate(gettext("Words could be added for a day. Thank you all the same."))
    current.comment = text.strip()
    current.save(update_fields=["comment"])
    return current


def may_comment(survey: Survey, at: datetime | None = None) -> bool:
    """Whether words may still be added."""
    now = at or timezone.now()
    return survey.answered_at is not None and not survey.comment and now < survey.answered_at + COMMENTED_WITHIN


def stay(old: Team, new: Team, actor: Actor) -> int:
    """What was said of a team's work stays said of it, also after it was merged. Raises nothing."""
    return 0


def none_open(team: Team) -> Iterable[Duty]:
    """Nothing of it is to do."""
    return ()
