"""A bad alert holds up none of the others: it is parked alone, with what is wrong, whoever brought it."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from incidents.alerts_in.formats import Told, Wrong
from incidents.alerts_in.models import AlertIntake, AlertSource
from incidents.alerts_in.operations import occurrences
from incidents.alerts_in.operations.bodies import keep
from incidents.alerts_in.operations.parked_news import tell_unread
from incidents.alerts_in.vocabulary import IntakeStatus
from itsm.locks import is_connection_lost, is_lock_conflict

logger = logging.getLogger(__name__)


def apply_some(source: AlertSource, told: Sequence[Told], at: datetime) -> list[Wrong]:
    """Together; where that fails one by one, so that a bad one holds up none of the others."""
    try:
        with transaction.atomic():
            occurrences.take(source, told, at=at)
        return []
    except Exception as error:
        if is_lock_conflict(error) or is_connection_lost(error):
            raise  # says nothing of the alert: the body is applied later
        if len(told) == 1:
            logger.exception("an alert of %s is parked", source.slug)
            return [Wrong(_as_raw(told[0]), f"{type(error).__name__}: {error}")]
    return [wrong for one in told for wrong in apply_some(source, [one], at)]


def _as_raw(told: Told) -> object:
    """As Alertmanager would send it: what is shown of an alert that could not be applied."""
    return {"labels": dict(told.labels), "annotations": dict(told.annotations), "fingerprint": told.fingerprint}


def park_alone(source: AlertSource, wrong: Wrong, at: datetime) -> None:
    """Keep it until somebody looks; one that lies there already, as each reading finds it, once. Raises nothing."""
    raw = json.dumps(wrong.raw, ensure_ascii=False, default=str).encode("utf-8", "replace")
    known = AlertIntake.objects.filter(source=source, status=IntakeStatus.PARKED)
    if known.filter(sha256=hashlib.sha256(raw).hexdigest()).exists():
        return
    keep(source, raw, at=at, alerts=1, parked=wrong.reason)
    tell_unread(source, at=at)
