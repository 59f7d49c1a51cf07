"""What became of a mail that came in, and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """New: not looked at yet. Applied: some record has it. Parked: a person decides. Ignored: nothing follows."""

    NEW = "new", _("new")
    APPLIED = "applied", _("applied")
    PARKED = "parked", _("parked")
    IGNORED = "ignored", _("ignored")


class Did(models.TextChoices):
    """What a mail that was applied did."""

    OPENED = "opened", _("opened it")
    COMMENTED = "commented", _("answered on it")
    REOPENED = "reopened", _("reopened it")
    FOLLOWED = "followed", _("began one that follows")
    NOTED = "noted", _("was noted on it")


class Reason(models.TextChoices):
    """Why a mail lies parked, or is ignored. The words are what people read."""

    UNKNOWN_SENDER = "unknown-sender", _("nobody knows the sender, and the mailbox is for people we know")
    NO_SENDER = "no-sender", _("it names no sender")
    LEFT = "left", _("the account of the sender has been closed")
    UNVERIFIED = "unverified", _("nobody has shown yet that this address is theirs")
    PROGRAM = "program", _("the address belongs to a service account")
    NOT_THEIRS = "not-theirs", _("it names a record that the sender takes no part in")
    UNHEARD = "unheard", _("records of this kind take no answers by mail")
    NO_MAILBOX = "no-mailbox", _("no mailbox of ours was written to")
    RATE = "rate", _("the sender has opened too many in an hour")
    BLOCKED = "blocked", _("the sender is blocked")
    REFUSED = "refused", _("the record did not take it")
    FAILED = "failed", _("something went wrong while it was applied")
    TOO_LARGE = "too-large", _("it is larger than 25 MB")
    HEADERS = "headers", _("it has too many headers, or too long ones")
    ADDRESSES = "addresses", _("it names too many addresses")
    NESTED = "nested", _("its headers are nested too deep")
    DEPTH = "depth", _("its parts lie too deep within one another")
    PARTS = "parts", _("it has too many parts")
    MEMORY = "memory", _("reading it took too much memory")
    TIME = "time", _("reading it took too long")
    UNREADABLE = "unreadable", _("it cannot be read")
    # Ignored.
    DUPLICATE = "duplicate", _("the same mail came before")
    OURS = "ours", _("we wrote it ourselves")
    AUTOMATIC = "automatic", _("a program sent it, and it answers nothing of ours")
    LIST = "list", _("it came by a mailing list")
    BOUNCE = "bounce", _("it reports that a mail did not arrive")
    DISCARDED = "discarded", _("somebody discarded it")


# Why a mail is not read whole: it may be opened by its headers, and a retry finds the same.
BEYOND_LIMITS = frozenset({
    Reason.TOO_LARGE, Reason.HEADERS, Reason.ADDRESSES, Reason.NESTED, Reason.DEPTH, Reason.PARTS, Reason.MEMORY,
    Reason.TIME, Reason.UNREADABLE,
})  # fmt: skip
OPEN = "open"  # overlooked: everything; a record is made of it, by its headers where it cannot be read

# What is odd about a mail: a flag, and how a page says it.
FORGED, NOT_IN_IT, NAMED = "forged-thread", "not-in-thread", "names-another"
FLAGS = {
    FORGED: _("It says that it answers mail of ours, by something that we did not write, or wrote to somebody else."),
    NOT_IN_IT: _("It answers mail about another record, in which the sender takes no part."),
    NAMED: _("Its subject names a record in which the sender takes no part."),
    "html-source-only": _("Its HTML is too large or too deep to be shown; the original has it."),
    "text-cut": _("Its text is longer than is kept; the original has all of it."),
    "headers-fetched": _("Nothing but its headers was fetched, since it is too large; it still lies in the mailbox."),
    "headers-only": _("Nothing but its headers could be read; the original has the rest."),
    "unread": _("It could not be read whole; its beginning is shown as it came."),
    "files-left-out": _("Not all of its files could be kept; the original has them."),
}
