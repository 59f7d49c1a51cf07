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

    UNKNOWN_SENDER = "unknown-sender", _("unknown sender")
    NO_SENDER = "no-sender", _("no sender")
    LEFT = "left", _("the sender has left")
    UNVERIFIED = "unverified", _("address not verified")
    PROGRAM = "program", _("a service account")
    NOT_THEIRS = "not-theirs", _("not their record")
    UNHEARD = "unheard", _("no answers by mail there")
    NO_MAILBOX = "no-mailbox", _("no mailbox of ours")
    RATE = "rate", _("too many in an hour")
    GUESTS = "guests", _("too many new people in an hour")
    BLOCKED = "blocked", _("blocked sender")
    REFUSED = "refused", _("the record refused it")
    FAILED = "failed", _("something went wrong")
    TOO_LARGE = "too-large", _("larger than 25 MB")
    HEADERS = "headers", _("too many headers")
    ADDRESSES = "addresses", _("too many addresses")
    NESTED = "nested", _("headers too deep")
    DEPTH = "depth", _("parts too deep")
    PARTS = "parts", _("too many parts")
    MEMORY = "memory", _("took too much memory")
    TIME = "time", _("took too long")
    UNREADABLE = "unreadable", _("cannot be read")
    # Ignored.
    DUPLICATE = "duplicate", _("came before")
    OURS = "ours", _("our own mail")
    AUTOMATIC = "automatic", _("sent by a program")
    LIST = "list", _("mailing list")
    BOUNCE = "bounce", _("delivery report")
    DISCARDED = "discarded", _("discarded")


# The same as a sentence.
WHY = {
    Reason.UNKNOWN_SENDER: _("Nobody here knows the sender, and the mailbox is for people whom we know."),
    Reason.NO_SENDER: _("It names no sender."),
    Reason.LEFT: _("The account of the sender has been closed."),
    Reason.UNVERIFIED: _("Nobody has shown yet that this address is theirs."),
    Reason.PROGRAM: _("The address belongs to a service account."),
    Reason.NOT_THEIRS: _("It names a record that the sender takes no part in."),
    Reason.UNHEARD: _("Records of this kind take no answers by mail."),
    Reason.NO_MAILBOX: _("No mailbox of ours was written to."),
    Reason.RATE: _("The sender has opened too many in an hour."),
    Reason.GUESTS: _("More people whom nobody knows have written in an hour than get an account without a look."),
    Reason.BLOCKED: _("The sender is blocked."),
    Reason.REFUSED: _("The record did not take it."),
    Reason.FAILED: _("Something went wrong while it was applied."),
    Reason.TOO_LARGE: _("It is larger than 25 MB."),
    Reason.HEADERS: _("It has too many headers, or too long ones."),
    Reason.ADDRESSES: _("It names too many addresses."),
    Reason.NESTED: _("Its headers are nested too deep."),
    Reason.DEPTH: _("Its parts lie too deep within one another."),
    Reason.PARTS: _("It has too many parts."),
    Reason.MEMORY: _("Reading it took too much memory."),
    Reason.TIME: _("Reading it took too long."),
    Reason.UNREADABLE: _("It cannot be read."),
    Reason.DUPLICATE: _("The same mail came before."),
    Reason.OURS: _("We wrote it ourselves."),
    Reason.AUTOMATIC: _("A program sent it, and it answers nothing of ours."),
    Reason.LIST: _("It came by a mailing list."),
    Reason.BOUNCE: _("It reports that a mail did not arrive."),
    Reason.DISCARDED: _("Somebody discarded it."),
}

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
