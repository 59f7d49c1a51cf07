"""What the outbox does for status pages: the snapshot, who is told of an update, and their mails."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from itsm.configuration.reading import MailServer
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import owe_all
from itsm.notifications.web_addresses import our_address
from itsm.statuspage import snapshot, tokens
from itsm.statuspage.models import Component, Maintenance, PublicIncident, PublicUpdate, Subscriber
from itsm.statuspage.operations.owing import MAIL

_AT_ONCE = 1_000


def make_snapshot(owed: Delivery) -> str:
    """What was owed once, and is made again where several were."""
    return f"{snapshot.build()} files"


def tell_subscribers(owed: Delivery) -> str:
    """Owe each confirmed subscriber of what an update speaks of one mail; all of them, or none yet."""
    update = PublicUpdate.objects.select_related("incident", "maintenance").get(pk=owed.payload["update"])
    notice: PublicIncident | Maintenance | None = update.incident or update.maintenance
    if notice is None:
        return "nothing"
    touched = Q(everything=True) | Q(subscriptions__component__in=update.components)
    told = Subscriber.objects.filter(touched, page=notice.page_id, confirmed_at__isnull=False).order_by("pk")
    count, owing = 0, []
    for number in told.values_list("pk", flat=True).distinct().iterator(_AT_ONCE):
        owing.append(
            Delivery(
                channel=MAIL, key=f"{MAIL}:{update.pk}:{number}", aggregate=f"status-sub:{number}",
                payload={"subscriber": number, "update": update.pk},
            )
        )  # fmt: skip
        if len(owing) == _AT_ONCE:
            owe_all(owing)
            count, owing = count + len(owing), []
    owe_all(owing)
    return f"{count + len(owing)} mails"


def send_mail(owed: Delivery) -> str:
    """One mail to one subscriber; nothing to who left, and no update to who has not confirmed."""
    found = Subscriber.objects.select_related("page").filter(pk=owed.payload["subscriber"]).first()
    if found is None or found.page.retired_at is not None:
        return "left"
    with translation.override(found.language):
        if owed.payload.get("confirm"):
            _confirmation(found, owed.key)
        elif found.confirmed_at is not None:
            _update(found, PublicUpdate.objects.get(pk=owed.payload["update"]), owed.key)
    return "sent"


def _confirmation(subscriber: Subscriber, key: str) -> None:
    page = subscriber.page
    if subscriber.confirmed_at is None:
        said = {"page": page, "address": tokens.confirm_address(subscriber), "is_new": True}
        subject = _("Confirm: status of %(name)s by mail") % {"name": page.name}
    else:
        said = {"page": page, "address": tokens.leave_address(subscriber), "is_new": False}
        subject = _("You are told about %(name)s already") % {"name": page.name}
    _send(subscriber, subject, "confirm", said, key, {})


def _update(subscriber: Subscriber, update: PublicUpdate, key: str) -> None:
    notice: Any = update.incident or update.maintenance
    if hasattr(update, "withdrawn"):  # before it left: it should not be said
        return
    incident = update.incident is not None
    kind = "incidents" if incident else "maintenance"
    leave = tokens.leave_address(subscriber)
    said = {
        "page": subscriber.page, "notice": notice, "update": update, "is_incident": incident,
        "components": _named(subscriber, update),
        "address": our_address(f"/status/{subscriber.page.slug}/{kind}/{notice.code}/"), "leave": leave,
        "label": dict(notice._meta.get_field("status").flatchoices)[update.status],
    }  # fmt: skip
    headers = {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{subscriber.page.slug}.status.headroom.invalid",
        "References": f"<status-notice-{notice.code}@headroom.invalid>",
    }
    subject = f"[{subscriber.page.name}] {said['label']}: {notice.title}"
    _send(subscriber, subject, "update", said, key, headers)


def _named(subscriber: Subscriber, update: PublicUpdate) -> list[str]:
    """What it touches of that which they asked for: of other components they are told nothing."""
    found = Component.objects.filter(pk__in=update.components, page=subscriber.page_id)
    if not subscriber.everything:
        found = found.filter(pk__in=subscriber.subscriptions.values("component"))
    return list(found.values_list("name", flat=True))


def _send(
    subscriber: Subscriber, subject: str, template: str, said: dict[str, Any], key: str, headers: dict[str, str]
) -> None:
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"statuspage/mail/{template}.txt", said),
        from_email=MailServer().sender,
        to=[subscriber.address],
        headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Message-ID": f"<{key.replace(':', '-')}@headroom.invalid>",
            **headers,
        },
    )
    mail.attach_alternative(render_to_string(f"statuspage/mail/{template}.html", said), "text/html")
    mail.send()
