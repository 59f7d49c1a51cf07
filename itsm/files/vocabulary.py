"""What a file may be, where it stands, and how much of it there may be."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_BYTES = 25_000_000  # a file
MAX_MESSAGE_BYTES = 100_000_000  # what is sent together
MAX_ON_RECORD = 20
MAX_BYTES_A_DAY = 200_000_000  # a person
A_DAY = timedelta(hours=24)
TAKEN_BACK_WITHIN = timedelta(hours=1)  # by who sent it; after that by a manager
MAX_NAME = 200
MAX_PIXELS = 40_000_000


class State(models.TextChoices):
    """Waiting: no scanner has said anything yet, so it is for the desk alone."""

    WAITING = "waiting", _("being checked")
    CLEAN = "clean", _("clean")
    REFUSED = "refused", _("refused by the scanner")


class Preview(models.TextChoices):
    """Whether a small picture of it is there."""

    OWED = "owed", _("owed")
    MADE = "made", _("made")
    NONE = "none", _("none")


class ShownType(models.TextChoices):
    """What its own bytes say that it is; what somebody claims is never asked."""

    PNG = "image/png", _("picture")
    JPEG = "image/jpeg", _("picture")
    GIF = "image/gif", _("picture")
    WEBP = "image/webp", _("picture")
    TEXT = "text/plain", _("text")
    PDF = "application/pdf", _("PDF")
    OTHER = "application/octet-stream", _("file")


PICTURES = (ShownType.PNG, ShownType.JPEG, ShownType.GIF, ShownType.WEBP)
INLINE = (*PICTURES, ShownType.TEXT)  # all else is offered for download alone
