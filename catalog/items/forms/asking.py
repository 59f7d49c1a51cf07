"""The form of an item on a page: drawn, and read back. Whoever lets people ask for an item includes the same parts.

context["form"] = draw(version, actor=actor)                        {% include "catalog/items/partials/form.html" %}
raw = sent_answers(version, request.POST)                           what `judge` takes
context["form"] = draw(version, actor=actor, raw=raw, errors=judged.errors)
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from catalog.items.models import CatalogItemVersion
from catalog.items.permissions import staff
from catalog.items.queries.answers import person_of
from catalog.items.queries.uploads import names_of_uploads
from itsm.fields.form.answering import sent_by_page
from itsm.fields.form.drawing import PREFIX, DrawnForm, drawn
from itsm.fields.kinds import FILE_KEY, Definition
from itsm.fields.references import reference_of
from itsm.fields.vocabulary import FILE
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from itsm.accounts.models import User

_MOST_OFFERED = 300


def draw(
    version: CatalogItemVersion,
    *,
    actor: Actor,
    served: "User | None" = None,
    raw: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    prefix: str = PREFIX,
    as_requester: bool = False,
) -> DrawnForm:
    """The form as the actor fills it in for the served person (themselves without one). `raw`: what was sent, None at
    first display. `prefix`: of the inputs' names, where a page has several forms. `as_requester`: as who does not work
    here would see it. Raises nothing."""
    return drawn(
        version.asked,
        raw=raw,
        person=person_of(served.pk if served is not None else actor.id),
        offered=lambda defined: offered_records(defined, actor),
        errors=errors,
        staff=staff(actor) and not as_requester,
        prefix=prefix,
        files=names_of_uploads(actor, _file_keys(version, raw or {})),
    )


def _file_keys(version: CatalogItemVersion, raw: Mapping[str, Any]) -> list[str]:
    """What answers name of files, as far as it could be the key of one."""
    named = [raw.get(one.key) for one in version.asked.questions if one.definition.type == FILE]
    return [key for key in named if isinstance(key, str) and FILE_KEY.fullmatch(key)]


def sent_answers(version: CatalogItemVersion, post: QueryDict, *, prefix: str = PREFIX) -> dict[str, Any]:
    """What a page sent, key -> answer as JSON has it. Raises nothing."""
    return sent_by_page(version.asked, dict(post.lists()), prefix=prefix)


def offered_records(defined: Definition, actor: Actor) -> list[tuple[str, str]]:
    """Names and labels of the records that the actor may answer with. One query."""
    reference = reference_of(defined.type)
    if reference is None:
        return []
    rows = reference.chosen(actor, defined.rules)[:_MOST_OFFERED]
    return [(str(getattr(row, reference.name)), str(row)) for row in rows]
