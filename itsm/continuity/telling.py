"""Administrators hear when the last backup is old or failed, and when none was tried for long: nobody looks at a page
for that. Once a day for a backup, once a week for the trial, as long as it stands so."""

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext_lazy

from itsm.accounts.models import User
from itsm.continuity.queries import standing
from itsm.continuity.vocabulary import BACKUP_AGE, DRILL_AGE, What
from itsm.notifications.models import Notification
from itsm.notifications.notifying import notify
from itsm.notifications.rules import Rule
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _

BACKUP, DRILL = "backup.old", "drill.old"
PAGE = "/settings/backups/"
RULES = (
    Rule(BACKUP, gettext_lazy("The last backup is old, or failed"), "owner", duty=True),
    Rule(DRILL, gettext_lazy("No backup was restored on trial for a week, or it failed"), "owner", duty=True),
)
_AGAIN = {BACKUP: timedelta(hours=23), DRILL: timedelta(days=7)}


def tell(at: datetime) -> int:
    """Tell what stands badly and was not told lately; how many notifications that were. A desk has as long for its
    first backup, and its first trial, as between two. Safe to run twice. Raises nothing."""
    stands = standing(at)
    founded = User.objects.aggregate(first=Min("created_at"))["first"] or at
    failed = {run.what for run in stands.failed}
    told = 0
    if What.BACKUP in failed or (stands.backup_is_old and at - founded > BACKUP_AGE):
        told += _tell(BACKUP, _("The last backup is older than a day, or failed"), "make backup", at)
    if What.DRILL in failed or (stands.drill_is_old and at - founded > DRILL_AGE):
        told += _tell(DRILL, _("No backup was restored on trial for a week, or it failed"), "make drill", at)
    return told


def _tell(event: str, subject: Words, remedy: str, at: datetime) -> int:
    if Notification.objects.filter(event=event, created_at__gt=at - _AGAIN[event]).exists():
        return 0
    body = _("%(command)s mends it; the page says what was wrong.") % {"command": remedy}
    return notify(User.objects.administrators(), subject, body=body, path=PAGE, by=(event, "owner"))
