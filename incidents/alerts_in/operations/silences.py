"""Silences in Alertmanagers that hold a quiet: owed in its transaction, made after it, found again by their comment."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from catalog.services.queries import every_service
from incidents.alerts_in.adapters import alertmanager
from incidents.alerts_in.adapters.alertmanager import Matcher, Server
from incidents.alerts_in.models import AlertSource, Quiet, QuietCopy
from incidents.alerts_in.rules.quieting import NEVER
from incidents.alerts_in.vocabulary import CopyStatus, QuietStatus, SourceKind
from itsm.notifications import outbox
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused

if TYPE_CHECKING:
    from itsm.notifications.models import Delivery

CHANNEL = "alertmanager-silence"
LEASE = timedelta(minutes=10)
EVERY = timedelta(minutes=3)


def hold(quiet: Quiet, *, at: datetime) -> None:
    """Owe each Alertmanager its copies of this quiet as it stands now, in the caller's transaction. Raises nothing."""
    if quiet.status == QuietStatus.ACTIVE:
        _make_copies(quiet)
    for copy in QuietCopy.objects.filter(quiet=quiet).exclude(status=CopyStatus.LIFTED).order_by("pk"):
        outbox.enqueue(CHANNEL, {"copy": copy.pk}, aggregate=f"silence:{copy.pk}")


def _make_copies(quiet: Quiet) -> None:
    asked = AlertSource.objects.filter(shape=SourceKind.ALERTMANAGER, retired_at=None).exclude(server_url="")
    QuietCopy.objects.bulk_create(
        [QuietCopy(quiet=quiet, source=source, service_id=service) for source in asked for service in quiet.services],
        ignore_conflicts=True,
    )


def deliver(delivery: "Delivery") -> None:
    """Make one silence as its quiet wants it: held for ten minutes from now at most, or gone. Safe to do twice.

    Raises OutgoingFailed, OutgoingRefused: it is tried again, and what was held runs out by itself.
    """
    copy = QuietCopy.objects.select_related("quiet", "source").filter(pk=delivery.payload["copy"]).first()
    if copy is None:
        return
    at = timezone.now()
    copy.checked_at = at
    try:
        _bring_about(copy, at)
    except (OutgoingFailed, OutgoingRefused) as error:
        copy.status, copy.error = CopyStatus.FAILED, str(error)[:300]
        copy.save(update_fields=["status", "error", "checked_at", "silence_id"])
        if copy.quiet.status != QuietStatus.ACTIVE:  # renewing comes again anyway
            raise
        return
    copy.error = ""
    copy.save(update_fields=["status", "error", "checked_at", "silence_id", "leased_until"])


def _bring_about(copy: QuietCopy, at: datetime) -> None:
    """One silence that holds, or none: what we made there is found by its comment, also what was never written down."""
    quiet, server = copy.quiet, Server(copy.source.server_url, copy.source.credential)
    known = alertmanager.held(server, comment_of(copy))
    if quiet.status != QuietStatus.ACTIVE or quiet.ends_at <= at:
        for one in known:
            alertmanager.lift(server, one.number)
        copy.status, copy.leased_until = CopyStatus.LIFTED, None
        return
    until = min(quiet.ends_at, at + LEASE)
    copy.silence_id = alertmanager.hold(
        server, silence_id=known[0].number if known else "", matchers=matchers_of(copy), ends_at=until,
        starts_at=known[0].starts_at if known else at, comment=f"{comment_of(copy)}{quiet.change_reference}",
    )  # fmt: skip
    for other in known[1:]:
        alertmanager.lift(server, other.number)
    copy.status, copy.leased_until = CopyStatus.HELD, until


def comment_of(copy: QuietCopy) -> str:
    """How the comment of this copy's silence begins: by it it is found again."""
    return f"headroom:quiet:{copy.quiet_id} {copy.service_id} "


def matchers_of(copy: QuietCopy) -> list[Matcher]:
    """Exactly this service in this environment, the other labels of the quiet, and nothing that is never silenced."""
    slug = every_service().values_list("slug", flat=True).get(pk=copy.service_id)
    return [
        Matcher(copy.source.service_label, slug),
        Matcher(copy.source.environment_label, copy.quiet.environment),
        *(Matcher(one["name"], one["value"]) for one in copy.quiet.matchers),
        Matcher(NEVER, ""),
    ]
