"""A violation, or an auditor that is silent, wakes people: a P1 that what lies above opens, a word to administrators.

It is a due row of the paging lane, which needs no Celery; the watch does it where that is late. The watch also hears
the silence of the auditor, and asks HEADROOM_HEARTBEAT_URL no more while it lasts: somebody outside is told as well.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from itsm import lifecycle
from itsm.accounts.models import Role, User
from itsm.clocks.late import LATE
from itsm.invariants.known import openers
from itsm.invariants.models import Auditor, Violation
from itsm.invariants.operations import AUDITOR, SILENT_AFTER, title_of
from itsm.notifications.notifying import notify
from itsm.notifications.rules import Rule
from itsm.notifications.sayings import saying as _
from itsm.notifications.web_addresses import our_address

RULES = (
    Rule("invariant_violation.created", gettext_lazy("What must always hold does not"), "owner", duty=True, pages=True),
    Rule("auditor.silent", gettext_lazy("Nobody looks whether what must hold does"), "owner", duty=True, pages=True),
)
PAGE = "/operations/invariants/"


@transaction.atomic
def tell(violation_id: int, at: datetime) -> None:
    """The due row's work, safe to do twice: open the P1, and tell administrators and change managers."""
    violation = Violation.objects.select_for_update(of=("self",), no_key=True).filter(pk=violation_id).first()
    if violation is None or violation.told_at is not None:
        return
    title = title_of(violation)
    for open_one in openers():
        lines = [
            gettext("The auditor found %(count)s: %(id)s, %(title)s.")
            % {"count": violation.count, "id": violation.invariant, "title": title},
            gettext("While it stands, people decide about every change.") if violation.closes_gate else "",
            our_address(violation.get_absolute_url()),
        ]
        name = gettext("%(id)s does not hold: %(title)s") % {"id": violation.invariant, "title": title}
        violation.incident = open_one(name, "\n\n".join(filter(None, lines)), f"invariant:{violation.invariant}", at)
    violation.told_at = at
    violation.save(update_fields=["told_at", "incident"])
    if violation.incident:
        lifecycle.announce(violation, "told", actor=AUDITOR, changes={"incident": [None, violation.incident]})
    subject = _("%(id)s does not hold: %(title)s") % {"id": violation.invariant, "title": title}
    notify(
        _keepers(), subject, path=violation.get_absolute_url(), record=violation,
        by=("invariant_violation.created", "owner"),
    )  # fmt: skip


def untold(before: datetime) -> int:
    """How many violations nobody was told of."""
    return Violation.objects.open().filter(told_at=None, first_seen_at__lt=before).count()


def tell_the_rest(at: datetime) -> None:
    """What the paging lane did not do in time."""
    for pk in Violation.objects.open().filter(told_at=None).order_by("pk").values_list("pk", flat=True):
        tell(pk, at)


def silent(before: datetime) -> int:
    """1 where an auditor looked once and has not for five minutes."""
    return Auditor.objects.filter(looked_at__lt=before + LATE - SILENT_AFTER).count()


@transaction.atomic
def tell_of_silence(at: datetime) -> None:
    """Once for each silence: nothing but the auditor itself can end it."""
    one = Auditor.objects.select_for_update(no_key=True).filter(looked_at__lt=at - SILENT_AFTER).first()
    if one is None or one.told_silent_at is not None:
        return
    Auditor.objects.filter(pk=one.pk).update(told_silent_at=at)
    notify(
        _keepers(), _("The auditor of what must hold is silent: people decide about every change"),
        body=_("Is audit_invariants running, and does it reach the database?"), path=PAGE,
        by=("auditor.silent", "owner"),
    )  # fmt: skip


def _keepers() -> list[User]:
    roles = [Role.ADMIN.value, Role.MANAGER.value]
    return list(User.objects.active_people().filter(roles__overlap=roles))
