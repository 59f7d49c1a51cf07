"""Checks of the history that are kept: what came since the last one with each anchor, and all of it each night."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy

from itsm.accounts.models import User
from itsm.audit import anchors, verifying
from itsm.audit.models import Verification
from itsm.audit.verifying import Checked, Finding, Since
from itsm.notifications.notifying import notify
from itsm.notifications.rules import Rule
from itsm.notifications.sayings import saying as _

KEPT = timedelta(days=7)  # checks of what came since, where nothing was wrong
TOLD_AGAIN = timedelta(days=1)
BROKEN, PAGE = "audit.broken", "/audit/"
RULES = (Rule(BROKEN, gettext_lazy("The history is not what was written"), "owner", duty=True, pages=True),)
NAMED = 200  # findings that are kept with a check


def check(at: datetime, *, whole: bool, jobs: int | None = None, told: verifying.Told | None = None) -> Verification:
    """Read what came since the last check that proved everything (or all of it), hold it against the anchors outside,
    keep what was found, and tell administrators of it. `jobs`, `told`: as for `verifying.verify`. Safe to run twice."""
    began = time.monotonic()
    known = None if whole else last_proven()
    seen = verifying.verify(known, jobs=jobs, told=told)
    since = Verification.objects.filter(findings=[]).values_list("at", flat=True).first() if known else None
    outside = anchors.read(Path(settings.ANCHORS_DIR), since.astimezone(UTC).date() if since else None)
    findings = [*seen.findings, *anchors.check(outside)]
    return keep(seen, findings, len(outside), at, whole=known is None, seconds=time.monotonic() - began)


def keep(
    seen: Checked, findings: Sequence[Finding], anchored: int, at: datetime, *, whole: bool, seconds: float
) -> Verification:
    """What a check found, for the pages; administrators hear of what is wrong, once a day while it is."""
    Verification.objects.filter(whole=False, findings=[], at__lt=at - KEPT).delete()
    if findings:
        _alarm(findings, at)
    return Verification.objects.create(
        at=at,
        whole=whole,
        heads={str(chain): list(head) for chain, head in seen.heads.items()},
        newest=seen.newest,
        entries=seen.links,
        seconds=round(seconds, 3),
        findings=[as_json(one) for one in findings[:NAMED]],
        anchored=anchored,
    )


@transaction.atomic
def _alarm(findings: Sequence[Finding], at: datetime) -> None:
    if Verification.objects.exclude(findings=[]).filter(at__gt=at - TOLD_AGAIN).exists():
        return
    lines = [str(one) for one in findings[:10]]
    notify(
        User.objects.administrators(),
        _("The history is not what was written: %(count)s findings") % {"count": len(findings)},
        body="\n".join(lines),
        path=PAGE,
        by=(BROKEN, "owner"),
    )


def last_proven() -> Since | None:
    """Where the newest check without findings ended; None where there is none."""
    found = Verification.objects.filter(findings=[]).first()
    if found is None:
        return None
    return Since({int(chain): (seq, hash_) for chain, (seq, hash_) in found.heads.items()}, found.newest)


def as_json(one: Finding) -> dict[str, str | int | None]:
    """A finding as it is kept and told over REST."""
    return {"what": one.what, "chain": one.chain, "position": one.seq, "entry": one.entry, "words": str(one)}
