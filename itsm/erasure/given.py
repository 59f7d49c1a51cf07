"""Names that an administrator gave somebody, and then erases: what would go is what they choose, whoever wrote it.

Who calls a leaver "refused because of risk" and erases them would strike these words out wherever somebody wrote them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext

from itsm.accounts.interest import natural_persons
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor

LATELY = timedelta(days=30)
_NAMES = ("username", "name", "email", "address", "addresses")
_WRITTEN = """
SELECT EXISTS (
  SELECT FROM audit_entry WHERE at < %(at)s AND NOT (record_kind = 'user' AND record_id = %(person)s)
  AND actor_id IS DISTINCT FROM %(person)s
  AND position(lower(%(word)s) IN lower(concat_ws(' ', reference, remark, changes::text))) > 0
) OR EXISTS (SELECT FROM work_note WHERE at < %(at)s AND position(lower(%(word)s) IN lower(text)) > 0)
"""


def why_not(person: User, actor: Actor, at: datetime) -> str:
    """Why somebody else has to erase this person, in a sentence; empty where this actor may. Raises nothing."""
    for word, since in _given(person, actor, at):
        with connection.cursor() as cursor:
            cursor.execute(_WRITTEN, {"at": since, "person": person.pk, "word": word})
            if cursor.fetchone()[0]:
                said = gettext(
                    "You gave them the name %(name)s within the last %(days)d days, and it stands in what was written"
                    " before. Another administrator erases them."
                )
                return said % {"name": word, "days": LATELY.days}
    return ""


def _given(person: User, actor: Actor, at: datetime) -> Iterator[tuple[str, datetime]]:
    """What this actor called them lately, by whatever account of theirs, and when."""
    if actor.person_id is None:
        return
    told = Entry.objects.filter(record_kind="user", record_id=person.pk, at__gt=at - LATELY, actor_id__isnull=False)
    for entry in told.filter(changes__has_any_keys=_NAMES).order_by("id"):
        if natural_persons([entry.actor_id or 0]) & {actor.person_id}:
            for key in _NAMES:
                pair = entry.changes.get(key)
                words = pair[-1] if isinstance(pair, list) and pair else None
                for word in words if isinstance(words, list) else [words]:
                    if isinstance(word, str) and len(word.strip()) > 1:
                        yield word.strip(), entry.at
