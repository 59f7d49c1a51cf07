"""The question below the mail that says that it is over: three links, of which one is enough."""

from django.utils import timezone
from django.utils.translation import gettext

from itsm.notifications import endings
from itsm.notifications.models import Notification
from itsm.satisfaction.links import address_of
from itsm.satisfaction.models import Survey
from itsm.satisfaction.owners import owner_of
from itsm.satisfaction.queries import open_survey


def asked_in_mail(notification: Notification) -> str:
    """The lines for whose record it is; "" for everybody else, and once they answered."""
    kind, record_id = notification.record_kind, notification.record_id
    survey = open_survey(kind, record_id or 0, timezone.now())
    if survey is None or survey.answered_at is not None:
        return ""
    if owner_of(kind).whose(survey.record_id) != notification.to_id:
        return ""
    lines = [f"{score.label}: {address_of(survey, score.value)}" for score in Survey.Score]
    return "\n".join([gettext("How was this handled? One click is enough, no sign-in needed:"), *lines])


def ask_below(event: str) -> None:
    """Put the question below the mails of this event to callers. Called in `AppConfig.ready()`."""
    endings.register(event, "caller", asked_in_mail)
