"""What people at Larkspur asked for: requests in different states, of the items that they may ask for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from catalog.requests import operations
from catalog.requests.operations import Wish
from catalog.requests.queries import item_of
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.approvals.queries import about
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.work.plans import open_now
from itsm.work.tasks import tasks_of

if TYPE_CHECKING:
    from catalog.models import Request

_DAY = timedelta(days=1)


def ask(company: Company, at: datetime) -> int:
    """Ask, decide, work and answer in the days before `at`; returns how many requests that were."""
    accounts.edit_person(
        company.people["requester"], actor=FOUNDER, version=None, version_required=False,
        manager=company.people["manager"],
    )  # fmt: skip
    desk = company.actors["agent"]
    mails = _asked(company, "shared-mailbox", at - 6 * _DAY, {
        "address": "field@larkspur.example", "keeper": "manager", "why": "Five of us answer customers there.",
    })  # fmt: skip
    _decided(mails, "approve", at - 5 * _DAY, company, "Good idea.")
    _worked(mails, at - 4 * _DAY, company)
    screen = _asked(company, "second-screen", at - 2 * _DAY, {"desk": "3.14"})
    _decided(screen, "approve", at - _DAY, company)
    operations.note(screen, actor=desk, text="Two screens of this size are left in the store room.")
    operations.wait(item_of(screen, 1), actor=desk, question="Is desk 3.14 by the window?", at=at - _DAY / 4)
    badge = _asked(company, "badge-for-a-door", at - 3 * _DAY, {
        "door": "Server room", "why": "To show visitors around.", "until": (at + 20 * _DAY).date().isoformat(),
    })  # fmt: skip
    _decided(badge, "decline", at - 2 * _DAY, company, "Visitors do not go in there.")
    _asked(company, "laptop", at - _DAY / 8, {"replaces": False, "why": "I begin with the field team on Monday."})
    return 4


def _asked(company: Company, item: str, at: datetime, answers: Mapping[str, Any]) -> "Request":
    return operations.submit(actor=company.actors["requester"], items=[Wish(item, 1, answers)], at=at)[0]


def _decided(request: "Request", decision: str, at: datetime, company: Company, comment: str = "") -> None:
    """By the first of whoever is asked, step after step."""
    item = item_of(request, 1)
    while asks := [one for one in about(item) if one.status == one.Status.OPEN]:
        people = User.objects.filter(pk__in=asks[0].people).order_by("pk")
        decider = company.actors[people[0].username]
        operations.decide(item, actor=decider, decision=decision, comment=comment, at=at)


def _worked(request: "Request", at: datetime, company: Company) -> None:
    """All that is planned is done, in its order."""
    item = item_of(request, 1)
    while ready := open_now(list(tasks_of(item))):
        operations.settle_task(item, ready[0], actor=company.actors["agent"], outcome="done", at=at)
