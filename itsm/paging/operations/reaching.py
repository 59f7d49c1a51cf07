"""One try to reach somebody: whether it is still wanted, by which provider, and what follows from how it went.

An attempt is written and committed before it is made, only while its page is open: whoever acknowledges waits for those
being written, and none begins after. No transaction is open while anything is sent. A provider that fails is followed
by the next one at once; one that took it and reports nothing for forty seconds, by the next one as well; after the last
one comes the next personal rule, now, and another cycle.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.clocks.keeping import now_there
from itsm.notifications import letters
from itsm.notifications import mail as server
from itsm.notifications.letters import Letter
from itsm.notifications.models import Delivery, PushDevice
from itsm.notifications.outbox import Refused, owe_all
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.notifications.pushing import keys, messages
from itsm.notifications.pushing.sending import post
from itsm.notifications.sayings import speaking_to
from itsm.notifications.web_addresses import our_address
from itsm.paging.adapters import gateways
from itsm.paging.models import AttemptOutcome, AttemptReport, ContactPoint, Page, PageAttempt, PagingProvider
from itsm.paging.operations import calling, links
from itsm.paging.queries.subjects import subject_of
from itsm.paging.vocabulary import PHONES, Channel, PageStatus, ReportStatus

REPORT_WITHIN = timedelta(seconds=40)
CYCLE_AFTER = timedelta(seconds=30)
PUSH_KEPT = 300  # seconds for a device that is off: a later page says more than this one
FAILURES, FAILING_WITHIN, OPEN_FOR = 3, timedelta(seconds=60), timedelta(minutes=5)
WISHES = "/profile/paging/"
_LONGEST_SMS = 300

# Held against who acknowledges: they take the page's row, and whoever comes later finds it closed.
_NOTE = """
WITH wanted AS (SELECT id FROM paging_page WHERE id = %(page)s AND state = 'open' FOR SHARE)
INSERT INTO paging_pageattempt (page_id, channel, address, provider_id, key, number, begun_at)
SELECT id, %(channel)s, %(address)s, %(provider)s, %(key)s,
       (SELECT count(*) + 1 FROM paging_pageattempt a WHERE a.page_id = wanted.id), clock_timestamp()
FROM wanted RETURNING id
"""


@dataclass(frozen=True, slots=True)
class _Try:
    """What the outbox owes: see `calling.delivery`."""

    page: Page
    channel: str
    target: int | None
    base: str
    cycle: int
    tried: tuple[int, ...]

    @property
    def key(self) -> str:
        """The same for every provider of a cycle, so that a message which arrives twice is known as one."""
        return f"{self.base}-{self.cycle}"


class NotWanted(Exception):
    """Nobody waits for an answer any more."""


def deliver(owed: Delivery) -> str:
    """The channel's handler, called with no transaction open: what was said, or why nothing was sent.

    Raises OutgoingFailed and OutgoingRefused where the same way is tried again: mail and push, which have no second
    provider.
    """
    said = owed.payload
    page = Page.objects.select_related("person", "escalation").filter(pk=said["page"]).first()
    if page is None or not page.is_open or not page.person.is_active:
        return "not wanted any more"
    one = _Try(page, said["channel"], said["target"], said["base"], said["cycle"], tuple(said["tried"]))
    try:
        with speaking_to(page.person):
            if "check" in said:
                return _check(one, said["check"])
            return _by_phone(one) if one.channel in PHONES else _by_own_way(one)
    except NotWanted:
        return "not wanted any more"


def _by_own_way(one: _Try) -> str:
    device = None
    if one.channel == Channel.PUSH:
        device = PushDevice.objects.filter(pk=one.target or 0, user=one.page.person_id).first()
        if device is None or not keys.is_available():
            _hasten(one.page)
            return "no device"
    elif not one.page.person.email or not server.leaves():
        _hasten(one.page)
        return "no address, or no mail server"
    attempt = _noted(one, device.name if device else one.page.person.email)
    began = time.monotonic()
    try:
        if device is None:
            _mail(one)
        elif not post(device, _called(one.page, device), seconds_kept=PUSH_KEPT):
            _concluded(attempt, False, began, "the device is gone")
            _hasten(one.page)
            return "the device is gone"
    except Exception as error:
        _concluded(attempt, False, began, _words(error))
        _hasten(one.page)
        if isinstance(error, Refused):
            return _words(error)
        raise
    _concluded(attempt, True, began, "accepted")
    if device is not None:
        PushDevice.objects.filter(pk=device.pk).update(sent_at=timezone.now())
        _look_later(one, attempt)
    return "accepted"


def _by_phone(one: _Try) -> str:
    contact = ContactPoint.objects.filter(
        pk=one.target or 0, person=one.page.person_id, verified_at__isnull=False
    ).first()
    if contact is None:
        _hasten(one.page)
        return "no such phone"
    provider = _provider(one.channel, one.tried)
    if provider is None:
        _hasten(one.page)
        _again(one)
        return "every provider failed" if one.tried else "no provider can be asked"
    attempt = _noted(one, contact.shown, provider)
    began = time.monotonic()
    try:
        said = gateways.send(provider, to=contact.address, text=text_of(one.page), key=one.key)
    except Exception as error:  # whatever it is, the next provider is asked
        _concluded(attempt, False, began, _words(error))
        _note_failure(provider)
        _next_provider(one, provider.pk)
        return _words(error)
    _concluded(attempt, True, began, said.words, said.their_id)
    if provider.reports:
        _look_later(one, attempt, provider.pk)
    return said.words


def _noted(one: _Try, address: str, provider: PagingProvider | None = None) -> int:
    """Write the attempt down and commit it. Raises NotWanted where the page was answered meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "page": one.page.pk, "channel": one.channel, "address": address[:120], "key": one.key[:80],
                "provider": provider.pk if provider else None,
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        raise NotWanted
    return int(row[0])


def _concluded(attempt: int, ok: bool, began: float, answer: str, their_id: str = "") -> None:
    AttemptOutcome.objects.create(
        attempt_id=attempt, at=timezone.now(), ok=ok, ms=int((time.monotonic() - began) * 1000), answer=answer[:500],
        their_id=their_id,
    )  # fmt: skip


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, OutgoingFailed | OutgoingRefused | Refused) else type(error).__name__


def _provider(channel: str, tried: Collection[int]) -> PagingProvider | None:
    """The first that is on, was not tried in this cycle, and has not failed too often just now."""
    able = Q(open_until=None) | Q(open_until__lte=timezone.now())
    found = PagingProvider.objects.filter(able, channel=channel, off_at=None).exclude(pk__in=list(tried))
    return found.order_by("position", "pk").first()


def _note_failure(provider: PagingProvider) -> None:
    """Three failures within a minute open its breaker for five."""
    now = timezone.now()
    failed = AttemptOutcome.objects.filter(attempt__provider=provider, ok=False, at__gt=now - FAILING_WITHIN)
    if failed.count() >= FAILURES:
        PagingProvider.objects.filter(pk=provider.pk).update(open_until=now + OPEN_FOR)


def _next_provider(one: _Try, failed: int) -> None:
    """Now; where there is none, it says so itself and begins another cycle."""
    _owe(one, now_there(), cycle=one.cycle, tried=(*one.tried, failed))


def _again(one: _Try) -> None:
    _owe(one, now_there() + CYCLE_AFTER, cycle=one.cycle + 1)


def _owe(one: _Try, due_at: datetime, *, cycle: int, tried: tuple[int, ...] = (), check: int | None = None) -> None:
    owe_all(
        [
            calling.delivery(
                one.page.pk, one.channel, one.target, one.base, due_at=due_at, cycle=cycle, tried=tried, check=check
            )
        ]
    )


def _look_later(one: _Try, attempt: int, provider: int | None = None) -> None:
    """Whether a report came: if none did, what was accepted counts as failed."""
    tried = (*one.tried, provider) if provider is not None else ()
    _owe(one, now_there() + REPORT_WITHIN, cycle=one.cycle, tried=tried, check=attempt)


def _check(one: _Try, attempt_id: int) -> str:
    if one.channel == Channel.PUSH:
        begun_at = PageAttempt.objects.values_list("begun_at", flat=True).get(pk=attempt_id)
        if PushDevice.objects.filter(pk=one.target or 0, shown_at__gte=begun_at).exists():
            return "shown"
        _hasten(one.page)
        return "not shown in time"
    statuses = set(AttemptReport.objects.filter(attempt=attempt_id).values_list("status", flat=True))
    if statuses == {ReportStatus.DELIVERED}:
        return "delivered"
    _owe(one, now_there(), cycle=one.cycle, tried=one.tried)  # these were tried; the next one is asked
    return "no report in time"


def failed_by_report(attempt: PageAttempt) -> None:
    """The provider itself says that it did not arrive: what waits for its report need not wait."""
    checks = Delivery.objects.filter(
        channel=calling.CHANNEL, delivered_at=None, dead_at=None, key__endswith=f"-r{attempt.pk}",
        payload__page=attempt.page_id,
    )  # fmt: skip
    checks.update(due_at=now_there())


def _hasten(page: Page) -> None:
    """This way does not work: the next one of their rules comes now."""
    now = now_there()
    with transaction.atomic():
        waiting = Delivery.objects.filter(
            channel=calling.CHANNEL, payload__page=page.pk, delivered_at=None, dead_at=None, due_at__gt=now, attempts=0,
            payload__cycle=0, payload__tried=[],
        )  # fmt: skip
        following = waiting.exclude(payload__has_key="check").order_by("due_at", "pk").first()
        if following is not None:
            Delivery.objects.filter(pk=following.pk, delivered_at=None).update(due_at=now)


def _titled(page: Page) -> str:
    """What its person may read of it; where that is nothing, or would be read by others, its reference alone."""
    subject = subject_of(page.subject_kind)
    if subject.discreet(page.subject_id):
        return _("%(reference)s needs you") % {"reference": page.reference}
    return page.title


def _mail(one: _Try) -> None:
    page = one.page
    body = _("You are paged. Acknowledge it, and nobody else is called:")
    letters.send(
        Letter(
            to=page.person, subject=_("Page: %(title)s") % {"title": _titled(page)}, key=one.key,
            body="\n".join(part for part in (page.why, body) if part), link=our_address(links.path_of(page)),
            ending=_("The link is good for four hours, and for you alone."), why=why_of(page),
        )
    )  # fmt: skip


def _called(page: Page, device: PushDevice) -> dict[str, Any]:
    title = page.title if device.shows_content else _("%(reference)s: you are paged") % {"reference": page.reference}
    if subject_of(page.subject_kind).discreet(page.subject_id):
        title = _titled(page)
    body = page.why or _("Acknowledge it, and nobody else is called.")
    return messages.called(device, title, body, links.path_of(page), f"page-{page.pk}", WISHES)


def text_of(page: Page) -> str:
    """What a text message says, and a voice reads out."""
    asked = _("Reply %(code)s to acknowledge.") % {"code": page.code}
    return f"{_titled(page)[: _LONGEST_SMS - len(asked) - 1]} {asked}"


def why_of(page: Page) -> str:
    """Why its person is paged, as a sentence."""
    if page.escalation is not None:
        return _("You get this because you are called by the escalation policy “%(policy)s”.") % {
            "policy": page.escalation.snapshot["name"]
        }
    return _("You get this because you were paged by name.")


def open_pages_of(person_id: int) -> int:
    """How many wait for their answer."""
    return Page.objects.filter(person=person_id, state=PageStatus.OPEN).count()
