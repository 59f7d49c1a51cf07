"""Files of a form on a page: kept before the rest is judged, so that none is lost where another answer is refused."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.datastructures import MultiValueDict

from catalog.items.models import CatalogItemVersion
from catalog.items.operations.uploads import upload
from catalog.items.permissions import staff
from catalog.items.queries.answers import person_of
from itsm.fields.form.answering import shown
from itsm.fields.form.drawing import PREFIX
from itsm.fields.vocabulary import FILE
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError


def files_among(version: CatalogItemVersion, keys: Iterable[str]) -> list[str]:
    """Those of these keys whose questions ask for a file."""
    known = version.asked.definitions
    return [key for key in keys if key in known and known[key].type == FILE]


def keep_files(
    version: CatalogItemVersion,
    files: "MultiValueDict[str, Any]",
    raw: dict[str, Any],
    *,
    actor: Actor,
    at: datetime,
    served_id: int | None = None,
    as_requester: bool = False,
) -> dict[str, list[str]]:
    """Put the key of each file that came into `raw`. Returns what was wrong with one, by the key of its question.

    A file of a question that these answers do not show is not kept. Raises nothing.
    """
    wanted: dict[str, Any] = {one.key: files[PREFIX + one.key] for one in version.asked.questions
              if one.definition.type == FILE and PREFIX + one.key in files}  # fmt: skip
    if not wanted:
        return {}
    there: Mapping[str, Any] = raw | dict.fromkeys(wanted, "sent")
    person = person_of(served_id if served_id is not None else actor.id)
    seen = set(shown(version.asked, there, person=person, staff=staff(actor) and not as_requester))
    wrong: dict[str, list[str]] = {}
    for key, received in wanted.items():
        if key not in seen:
            continue
        try:
            raw[key] = str(upload(received, actor=actor, at=at).key)
        except DomainError as refused:
            wrong[key] = [refused.detail]
            raw[key] = ""
    return wrong
