"""Reads of requests, shaped for lists, the record, the portal and what lies above."""

from catalog.requests.queries.answers import Answer, answers_to, form_of, version_of
from catalog.requests.queries.changes import Progress, changes_come_from, wanted_by_change, wanted_of_task
from catalog.requests.queries.duties import assigned_to, lying_in
from catalog.requests.queries.listing import ListRow, item_rows, list_rows, listed, waiting_for_us
from catalog.requests.queries.record import (
    ItemSheet,
    PlainItem,
    TaskRow,
    answers_for,
    is_asked,
    notes_on,
    plain_items,
    sentence,
    sheets_of,
    story_of,
    task_rows,
)
from catalog.requests.queries.served import may_ask_for, person_of
from catalog.requests.queries.sight import (
    as_found,
    by_reference,
    decides,
    is_confidential,
    item_of,
    items_of,
    may_see,
    reading_of_files,
    still_asked,
    still_read,
)
from catalog.requests.queries.waiting import facts as facts_of_waiting
from catalog.requests.queries.waiting import tell as tell_waiting

__all__ = [
    "Answer",
    "ItemSheet",
    "ListRow",
    "PlainItem",
    "Progress",
    "TaskRow",
    "answers_for",
    "answers_to",
    "as_found",
    "assigned_to",
    "by_reference",
    "changes_come_from",
    "decides",
    "facts_of_waiting",
    "form_of",
    "is_asked",
    "is_confidential",
    "item_of",
    "item_rows",
    "items_of",
    "list_rows",
    "listed",
    "lying_in",
    "may_ask_for",
    "may_see",
    "notes_on",
    "person_of",
    "plain_items",
    "reading_of_files",
    "sentence",
    "sheets_of",
    "still_asked",
    "still_read",
    "story_of",
    "task_rows",
    "tell_waiting",
    "version_of",
    "waiting_for_us",
    "wanted_by_change",
    "wanted_of_task",
]
