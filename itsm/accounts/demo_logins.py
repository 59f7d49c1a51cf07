"""The log-ins of the demo company: one a role, with a password that everybody knows, only where demo mode is on."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.audit.models import Entry

FOUNDER = "demo founder"  # by this name the audit trail knows who made them
DEMO_PASSWORD = "headroom"  # noqa: S105 -- printed on the sign-in page, only where demo mode is on


class DemoLogin(NamedTuple):
    """One line on the sign-in page of a demo: the login is the role's name."""

    username: str
    icon: str
    sees: str | Promise


DEMO_LOGINS = (
    DemoLogin("engineer", "git-pull-request", _("asks the gate, keeps services and objectives")),
    DemoLogin("approver", "thumb-up", _("decides about changes that need a person")),
    DemoLogin("manager", "calendar-event", _("keeps the calendar and the change process")),
    DemoLogin("owner", "shield-check", _("answers for services, allows standard changes")),
    DemoLogin("agent", "alert-triangle", _("works on incidents")),
    DemoLogin("requester", "message", _("reports what is broken, sees the own reports only")),
    DemoLogin("auditor", "eye", _("reads everything, changes nothing")),
    DemoLogin("admin", "settings", _("manages accounts; still approves nothing of their own")),
)


def founded_logins() -> list[DemoLogin]:
    """Those that are here: made by the founding, still active, with the password that they were made with. None on a
    desk that has people of its own, whatever they are called."""
    known = User.objects.filter(username__in=[one.username for one in DEMO_LOGINS], is_active=True)
    told = Entry.objects.filter(record_kind=User.kind, record_id__in=known.values("pk"))
    made = told.filter(event=f"{User.kind}.created", actor_name=FOUNDER)
    changed = told.filter(event=f"{User.kind}.password_changed")
    as_made = known.filter(pk__in=made.values("record_id")).exclude(pk__in=changed.values("record_id"))
    here = set(as_made.values_list("username", flat=True))
    return [one for one in DEMO_LOGINS if one.username in here]
