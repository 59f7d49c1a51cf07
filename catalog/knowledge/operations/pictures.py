"""Pictures of an article: files that are as private as the text in which they stand."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.knowledge.models import Article
from catalog.knowledge.permissions import writers
from itsm import lifecycle
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.recognising import shown_type
from itsm.files.vocabulary import PICTURES
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.work.operations import add_note


@transaction.atomic
def add_picture(article: Article, received: Any, *, actor: Actor) -> Attachment:
    """Keep a picture with an article; it is shown where its text names it.

    Raises NotPermitted, InvalidInput (no picture, empty), FileTooLarge, Conflict (too many), Unavailable.
    """
    if not writers(actor):
        raise NotPermitted(gettext("%(name)s writes no articles.") % {"name": actor.name})
    current = lifecycle.locked(article)
    files.require_usable([received])
    if shown_type(received.path) not in PICTURES:
        raise InvalidInput.about("file", gettext("This is no picture: PNG, JPEG, GIF and WebP are."))
    note = add_note(current, actor=actor, text=str(received.name or gettext("a picture")), private=False)
    return files.keep(current, note, [received], actor=actor)[0]


@transaction.atomic
def withdraw_picture(article: Article, picture: Attachment, *, actor: Actor) -> None:
    """Take a picture away at once, from what is live too: what should not be seen waits for no second person. Its
    address answers as if it had never been, texts show its words; history keeps that it was, and who took it away.

    The caller found both for the actor. Raises NotPermitted.
    """
    if not writers(actor):
        raise NotPermitted(gettext("%(name)s writes no articles.") % {"name": actor.name})
    files.take_away(lifecycle.locked(article), picture, actor=actor)
