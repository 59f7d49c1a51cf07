"""What is kept: backups tried, a history that is proven, invariants that hold, and an end of keeping."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.audit_trail.queries import state
from itsm.continuity import queries as continuity
from itsm.invariants import queries as invariants
from itsm.retention.models import RetentionRule
from itsm.security.findings import Area, Finding, Gravity


def backups() -> Iterator[Finding]:
    """Each warning of the page of backups."""
    path = reverse("continuity:backups")
    found = continuity.standing(timezone.now())
    for number, warn in enumerate(found.warnings, start=1):
        yield Finding(
            f"backups-{number}",
            Area.CUSTODY,
            Gravity.WEAK if found.backup_is_old else Gravity.OPEN,
            warn.text,
            _("What was never restored is no backup, and what is old is lost by as much."),
            warn.remedy,
            path,
        )
    if not found.warnings:
        yield Finding(
            "backups",
            Area.CUSTODY,
            Gravity.GOOD,
            _("Backups are fresh, and one was restored on trial"),
            _("Rows were counted, files compared by their hashes, the history verified."),
            path=path,
        )


def history() -> Iterator[Finding]:
    """Whether the history is proven, and its heads lie outside."""
    words = {
        "unchecked": (
            Gravity.OPEN,
            _("The history was never verified"),
            _("It may be whole; nobody looked."),
            _("./manage.py verify_audit"),
        ),
        "broken": (
            Gravity.WEAK,
            _("The history does not hold"),
            _("Entries were changed, or are missing: the page says where."),
            _("Compare it with a backup of before; then with who had the database."),
        ),
        "silent": (
            Gravity.WEAK,
            _("The heads of the history are not laid outside"),
            _("Whoever rules the database could write all of it anew, and nobody could tell."),
            _("Give HEADROOM_ANCHORS_DIR a folder on another machine, and look why nothing is written there."),
        ),
        "unsigned": (
            Gravity.OPEN,
            _("The heads of the history are not signed"),
            _("Whoever writes into that folder could lay others there."),
            _("Let `make secrets` write the signing key."),
        ),
        "proven": (
            Gravity.GOOD,
            _("The history is proven"),
            _("Each entry is linked, and signed heads lie outside."),
            "",
        ),
    }
    gravity, title, why, remedy = words[state().word]
    yield Finding("history", Area.CUSTODY, gravity, title, why, remedy, reverse("audit:history"))


def invariant_rules() -> Iterator[Finding]:
    """Whether what must always hold was asked, and holds."""
    path = reverse("invariants:list")
    found = invariants.overview(timezone.now())
    if found.closing:
        yield Finding(
            "invariants",
            Area.CUSTODY,
            Gravity.WEAK,
            _("Something that must always hold does not, and people decide"),
            ", ".join(str(one.invariant.title) for one in found.closing),
            _("Look at what was found; a person clears it once it holds again."),
            path,
        )
    elif found.auditor is None or found.is_silent:
        yield Finding(
            "invariants",
            Area.CUSTODY,
            Gravity.OPEN,
            _("Nobody asks whether what must always hold does"),
            _("The auditor runs beside the workers, without them."),
            _("Start ./manage.py audit_invariants (make run and compose do)."),
            path,
        )
    elif found.all_hold:
        yield Finding(
            "invariants",
            Area.CUSTODY,
            Gravity.GOOD,
            _("What must always hold does"),
            _("Asked every minute, by a role that only reads."),
            path=path,
        )


def keeping() -> Iterator[Finding]:
    """What is kept for ever can be lost for ever."""
    if not RetentionRule.objects.filter(active=True).exists():
        yield Finding(
            "kept-for-ever",
            Area.CUSTODY,
            Gravity.OPEN,
            _("Everything is kept for ever"),
            _("What is no longer needed can still be stolen, and privacy laws ask for an end."),
            _("Write a rule of retention; it shows what would go before it is switched on."),
            reverse("retention:rules"),
        )


CHECKS = (backups, history, invariant_rules, keeping)
