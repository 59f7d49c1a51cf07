"""What comes back from phones: reports of providers, and answers by code. Repeating it changes nothing."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from itsm.kernel.actors import Door
from itsm.kernel.errors import DomainError
from itsm.paging.models import AttemptReport, ContactPoint, Page, PageAttempt, PagingProvider
from itsm.paging.operations import escalating, reaching
from itsm.paging.vocabulary import How, PageStatus, ReportStatus

_FROM = ("from", "From", "msisdn", "sender", "caller")
_TEXT = ("text", "Text", "Body", "body", "message", "Digits", "digits", "dtmf")
_ID = ("id", "key", "reference", "client_ref")
_THEIR_ID = ("MessageSid", "CallSid", "message_id", "messageId", "sid", "their_id")
_STATUS = ("status", "MessageStatus", "CallStatus", "state", "dlr")
_GOOD = re.compile(r"^(delivered|answered|completed|read|in-progress)$")
_BAD = re.compile(r"undeliver|fail|reject|expire|busy|no-answer|cancel|invalid|block|error")


def provider_with(token: str) -> PagingProvider | None:
    """Whose address this is; None where it is nobody's, or its provider is switched off."""
    return PagingProvider.objects.filter(token=token, off_at=None).first()


def report(provider: PagingProvider, said: Mapping[str, Any], at: datetime) -> int:
    """What became of a message. How many attempts it says something of; words that mean neither are no report."""
    words = _first(said, _STATUS).strip().lower()
    status = ReportStatus.DELIVERED if _GOOD.match(words) else ReportStatus.FAILED if _BAD.search(words) else None
    attempt = _attempt(provider, said)
    if status is None or attempt is None:
        return 0
    if AttemptReport.objects.filter(attempt=attempt, status=status).exists():
        return 1
    AttemptReport.objects.create(attempt=attempt, at=at, status=status, said=words[:200])
    if status == ReportStatus.FAILED:
        reaching.failed_by_report(attempt)
    return 1


def _attempt(provider: PagingProvider, said: Mapping[str, Any]) -> PageAttempt | None:
    theirs, ours = _first(said, _THEIR_ID), _first(said, _ID)
    of_provider = PageAttempt.objects.filter(provider=provider).order_by("-pk")
    found = of_provider.filter(outcome__their_id=theirs).first() if theirs else None
    return found or (of_provider.filter(key=ours[:80]).first() if ours else None)


def reply(provider: PagingProvider, said: Mapping[str, Any], at: datetime) -> int:
    """Somebody answered by the code of their page, from a number that is theirs. How many pages they answered."""
    number = "+" + re.sub(r"\D", "", _first(said, _FROM))
    codes = set(re.findall(r"(?<!\d)\d{6}(?!\d)", _first(said, _TEXT)[:500]))
    people = ContactPoint.objects.filter(
        address=number, channel=provider.channel, verified_at__isnull=False, person__is_active=True
    ).values_list("person", flat=True)
    pages = Page.objects.filter(person__in=list(people), code__in=codes, state=PageStatus.OPEN)
    answered = 0
    for page in pages.select_related("person", "escalation").order_by("pk"):
        actor = escalating.actor_of_person(page.person, Door.CHAT)
        try:
            escalating.acknowledge_page(page, actor=actor, at=at, how=How.CODE)
        except DomainError:  # somebody else did meanwhile
            continue
        answered += 1
    return answered


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that says something."""
    for name in names:
        value = said.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value)[:2000].replace("\x00", "")
    return ""
