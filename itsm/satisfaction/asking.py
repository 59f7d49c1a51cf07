"""The question on the page of a record, for whose it is."""

from datetime import datetime
from typing import Any

from itsm.kernel.actors import Actor
from itsm.satisfaction.links import token_of
from itsm.satisfaction.models import Survey
from itsm.satisfaction.owners import owner_of
from itsm.satisfaction.queries import open_survey


def asked_on(record: Any, actor: Actor, at: datetime) -> dict[str, Any]:
    """The context of `satisfaction/partials/asked.html`; empty for everybody else, and where nothing was asked.

    Two queries.
    """
    survey = open_survey(record.kind, record.pk, at)
    if survey is None or owner_of(record.kind).whose(record.pk) != actor.id:
        return {}
    return {"survey": survey, "token": token_of(survey), "scores": Survey.Score}
