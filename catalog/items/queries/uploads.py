"""Files that were sent for forms: which of them somebody may answer with."""

from collections.abc import Callable, Collection

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.items.models import FormUpload
from itsm.fields.kinds import Definition, LookUp
from itsm.fields.queries import chosen
from itsm.fields.vocabulary import FILE
from itsm.files.models import Attachment
from itsm.files.vocabulary import PICTURES, ShownType, State
from itsm.kernel.actors import Actor

_ACCEPTED: dict[str, tuple[Collection[str], Callable[[], str]]] = {
    "picture": (PICTURES, lambda: _("%(name)s is no picture: PNG, JPEG, GIF and WebP are.")),
    "pdf": ((ShownType.PDF,), lambda: _("%(name)s is no PDF.")),
    "picture_or_pdf": ((*PICTURES, ShownType.PDF), lambda: _("%(name)s is neither a picture nor a PDF.")),
}


def unused_uploads(actor: Actor) -> "QuerySet[Attachment]":
    """What this person sent and has not asked with yet."""
    free = FormUpload.objects.filter(by=actor.id, record_id=None)
    return Attachment.objects.filter(
        record_kind=FormUpload.kind, record_id__in=free.values("pk"), withdrawn_at=None
    ).order_by("id")


def names_of_uploads(actor: Actor, keys: Collection[str]) -> dict[str, str]:
    """Key -> name, of what is theirs and unused among these. One query, none without a key."""
    found = unused_uploads(actor).filter(key__in=keys).values_list("key", "name") if keys else ()
    return {str(key): name for key, name in found}


def look_up_for(actor: Actor) -> LookUp:
    """What answers of this person may point to: records by name, files that they sent by key.

    Its ValueError says in words what is wrong with a file.
    """

    def look_up(defined: Definition, name: str) -> int | None:
        if defined.type == FILE:
            return _upload(defined, name, actor)
        return chosen(defined, name, actor) if name.isprintable() else None

    return look_up


def _upload(defined: Definition, key: str, actor: Actor) -> int | None:
    found = unused_uploads(actor).filter(key=key).first()
    if found is None:
        return None
    if found.state == State.REFUSED:
        raise ValueError(_("The scanner refused %(name)s; nobody is given it.") % {"name": found.name})
    accepted = _ACCEPTED.get(defined.rules.get("accept", ""))
    if accepted is not None and found.shown_type not in accepted[0]:
        raise ValueError(accepted[1]() % {"name": found.name})
    return found.pk
