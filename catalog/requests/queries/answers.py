"""What was answered to the form of an item, in the version in which it was asked for: as values, and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from catalog.items.vocabulary import in_words as money
from catalog.requests import permissions
from catalog.requests.models import RequestItem
from itsm.fields.form.document import CONFIDENTIAL, STAFF, Form, Question
from itsm.fields.form.parsing import parse_form
from itsm.fields.queries import Names
from itsm.fields.vocabulary import FILE, REFERENCES, Type
from itsm.files.models import Attachment
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from catalog.items.models import CatalogItemVersion

SYSTEM = Actor.system("what was answered")


def version_of(item: RequestItem) -> "CatalogItemVersion":
    """The version that it was asked for in, which never changes; read once. One query."""
    known: CatalogItemVersion | None = vars(item).get("_version")
    if known is None:
        versions = item.item.versions.select_related("service", "agreement")
        known = vars(item)["_version"] = versions.get(number=item.item_version)
    return known


def price_of(item: RequestItem) -> str:
    """What all of it costs, and how often: 1,290.00 EUR once. "" where nothing is said. One query, as `version_of`."""
    if item.price_minor is None:
        return ""
    return f"{money(item.price_minor, item.currency)} {version_of(item).get_price_period_display()}".strip()


def know_version(item: RequestItem, version: "CatalogItemVersion") -> None:
    """It was read already: `version_of` gives it without a query."""
    vars(item)["_version"] = version


def form_of(item: RequestItem) -> Form:
    """The form that was answered; read once."""
    known: Form | None = vars(item).get("_form")
    if known is None:
        known = vars(item)["_form"] = parse_form(version_of(item).form)
    return known


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer, as people read them. `long`: it has lines. `confidential`: not for everybody.
    `url`: of the file that it is, "" for none."""

    key: str
    label: str
    words: str
    long: bool
    confidential: bool
    url: str = ""


def answers_to(item: RequestItem, actor: Actor, *, decides: bool = False) -> list[Answer]:
    """What the actor may read of the answers, in the order of the form. `decides`: who is asked to approve it.

    Confidential ones are for whose it is, who decides and who fulfils; what is asked of staff for those who work here.
    """
    sees_all = actor.is_system or decides or permissions.workers(actor, item)
    own = permissions.theirs(actor, item.request)

    def seen(question: Question) -> bool:
        if question.audience == CONFIDENTIAL:
            return sees_all or own
        return question.audience != STAFF or actor.is_system or permissions.staff(actor)

    asked = [one for one in form_of(item).questions if one.key in item.answers and seen(one)]
    files = _names_of_files([item.answers[one.key] for one in asked if one.definition.type == FILE])
    names = Names(actor, [one.definition for one in asked], [item.answers])
    return [
        Answer(
            one.key, one.label, _said(one, item.answers[one.key], names, files),
            one.definition.type == Type.LONG, one.audience == CONFIDENTIAL,
            f"/files/{item.answers[one.key]}/" if one.definition.type == FILE else "",
        )
        for one in asked
    ]  # fmt: skip


def _said(question: Question, kept: Any, names: Names, files: Mapping[str, str]) -> str:
    return files.get(kept, _("a file")) if question.definition.type == FILE else in_words(question, kept, names)


def _names_of_files(keys: Sequence[str]) -> dict[str, str]:
    found = Attachment.objects.filter(key__in=keys).values_list("key", "name") if keys else ()
    return {str(key): name for key, name in found}


def answers_in_words(item: RequestItem) -> dict[str, str]:
    """Key -> the answer in words: to fill in the titles of tasks and the values of changes, which more people read than
    may read what is confidential. Of that it says only that it is."""
    secret = _("(confidential)")
    return {one.key: secret if one.confidential else one.words for one in answers_to(item, SYSTEM)}


def in_words(question: Question, kept: Any, names: Names) -> str:
    """A value as people read it; options by their label, also retired ones."""
    if kept is None:
        return ""
    if isinstance(kept, bool):
        return _("yes") if kept else _("no")
    if question.definition.type in REFERENCES:
        return names.label(question.definition.type, kept)
    labels = {one.key: one.label for one in question.definition.options}
    if isinstance(kept, list):
        return ", ".join(labels.get(one, str(one)) for one in kept)
    return labels.get(kept, str(kept))
