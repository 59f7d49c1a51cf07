"""Telling those whom an event concerns: by rule and wish, nobody of their own deed, each person once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from itsm import rows
from itsm.notifications.notifying import notify
from itsm.notifications.rules import RELATIONS
from itsm.notifications.sayings import Words
from itsm.notifications.wishes import Opens, ways

_PEOPLE = "it.id = ANY (%s) AND it.is_active AND it.account_type = 'human' ORDER BY it.username"


def tell(
    event: str,
    concerned: Mapping[str, Iterable[int | None]],
    subject: Words,
    *,
    by: int | None,
    body: Words = "",
    path: str = "",
    record: Any = None,
    note: Any = None,
    urgent: bool = False,
    opens: Opens | None = None,
    at: datetime | None = None,
) -> int:
    """Owe each of these people, by relation, their news of an event, in the caller's transaction. Returns how many.

    `by`: who did it, and hears nothing. `note`: as for `notify`. `urgent` passes quiet hours. `opens`: the earliest
    instant from then on at which a mail may leave; the bell rings at once. Raises nothing.
    """
    at = at or timezone.now()
    roles: dict[int, list[str]] = {}
    for relation in RELATIONS:
        for user_id in concerned.get(relation, ()):
            if user_id is not None and user_id != by:
                roles.setdefault(user_id, []).append(relation)
    if not roles:
        return 0
    people = rows.every(get_user_model(), (), _PEOPLE, [list(roles)])
    found = {user: roles[user.pk] for user in people}
    how = ways(event, found, at=at, urgent=urgent, opens=opens)
    return notify(
        [user for user in found if user.pk in how], subject, body=body, path=path, record=record, note=note, how=how
    )  # fmt: skip
