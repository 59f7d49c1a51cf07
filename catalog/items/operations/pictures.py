"""The picture of an item: a file that whoever may ask for the item may see."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.items.models import CatalogItem
from catalog.items.operations.writing import edit_item, require_writer
from itsm import lifecycle
from itsm.files import operations as files
from itsm.files.recognising import shown_type
from itsm.files.vocabulary import PICTURES
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.work.operations import add_note


@transaction.atomic
def set_picture(item: CatalogItem, received: Any, *, actor: Actor, version: int | None, at: datetime) -> CatalogItem:
    """Keep a picture with the item, and let its draft show it.

    Raises NotPermitted, InvalidInput (no picture, empty), FileTooLarge, Conflict (too many), Unavailable, WrongState,
    StaleVersion, VersionRequired.
    """
    require_writer(item, actor)
    files.require_usable([received])
    if shown_type(received.path) not in PICTURES:
        raise InvalidInput.about("file", gettext("This is no picture: PNG, JPEG, GIF and WebP are."))
    current = lifecycle.locked(item)
    lifecycle.check_version(current, version, required=True)
    note = add_note(current, actor=actor, text=str(received.name or gettext("a picture")), private=False)
    kept = files.keep(current, note, [received], actor=actor)[0]
    return edit_item(item, actor=actor, version=lifecycle.locked(item).version, at=at, picture=kept.key)
