"""Those who wait hear something again in time: what is due, and who is paged where it is overdue."""

from datetime import datetime

from django.db.models import Q

from incidents.major.models import Major
from incidents.major.operations import telling
from incidents.major.operations.holding import SYSTEM
from incidents.major.operations.paging import page_people
from incidents.major.queries.deciding import duty_managers, who_decide
from incidents.major.rules import next_update
from incidents.major.vocabulary import PAGES_COMMANDER, PAGES_COMMUNICATIONS, UNANSWERED
from incidents.major.workflow import RUNNING, Status
from itsm import lifecycle
from itsm.clocks import due
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one

UNANSWERED_DUE = "major_unanswered"
COMMUNICATIONS_DUE = "major_update_overdue"
COMMANDER_DUE = "major_update_long_overdue"
LATE = (COMMUNICATIONS_DUE, COMMANDER_DUE)
_STAGES = ((1, PAGES_COMMUNICATIONS), (2, PAGES_COMMANDER))


def begin(major: Major, since: datetime) -> None:
    """Those who wait hear something `cadence` minutes after `since`, in the caller's transaction. Raises nothing."""
    major.next_update_at, major.paged = next_update(since, major.cadence), 0
    due.schedule(COMMUNICATIONS_DUE, Major.kind, major.pk, major.next_update_at + PAGES_COMMUNICATIONS)
    due.schedule(COMMANDER_DUE, Major.kind, major.pk, major.next_update_at + PAGES_COMMANDER)


def end(major: Major) -> None:
    """Nobody waits any more. Raises nothing."""
    major.next_update_at = None
    due.cancel(Major.kind, major.pk, *LATE)


def overdue_when_due(major_id: int, at: datetime) -> None:
    """Page who should have spoken: who speaks for it after 5 minutes (the commander, where nobody does), the commander
    after 15. Each once for an update that is overdue, however often this is asked. Raises nothing."""
    major = Major.objects.select_for_update(of=("self",), no_key=True).filter(pk=major_id).first()
    if major is None or not major.is_running or major.next_update_at is None:
        return
    stage = max((one for one, after in _STAGES if at >= major.next_update_at + after), default=0)
    if stage <= major.paged:
        return
    people = {major.communications_id or major.commander_id} if major.paged == 0 else set()
    people |= {major.commander_id} if stage == 2 else set()
    Major.objects.filter(pk=major.pk).update(paged=stage)
    lifecycle.announce(major, "late", actor=SYSTEM, changes={"paged": [major.paged, stage]}, at=at)
    _wake({one for one in people if one is not None}, major, at)


def _wake(people: set[int], major: Major, at: datetime) -> None:
    telling.tell_late(major, SYSTEM, people)
    page_people(people, major, title=major.incident.title, why=str(_("an update is overdue")), at=at)


def unanswered_when_due(major_id: int, at: datetime) -> None:
    """Nobody decided about the proposal: the duty manager is paged, once; where its incident is over, told. Raises
    nothing."""
    major = Major.objects.select_for_update(of=("self",), no_key=True).filter(pk=major_id).first()
    if major is None or major.status != Status.PROPOSED or major.unanswered_at is not None:
        return
    if at < major.proposed_at + UNANSWERED:  # proposed again meanwhile
        due.schedule(UNANSWERED_DUE, Major.kind, major.pk, major.proposed_at + UNANSWERED)
        return
    people = set(duty_managers()) or who_decide(major)
    Major.objects.filter(pk=major.pk).update(unanswered_at=at)
    lifecycle.announce(major, "unanswered", actor=SYSTEM, at=at)
    telling.tell_unanswered(major, SYSTEM, people)
    if major.incident.is_open:
        page_people(people, major, title=major.incident.title, why=str(_("is it a major incident?")), at=at)


def _forgotten(before: datetime) -> list[int]:
    """Majors whose pages should have left before this instant and did not, whatever became of their due rows."""
    late = Q(status__in=RUNNING, paged=0, next_update_at__lt=before - PAGES_COMMUNICATIONS)
    later = Q(status__in=RUNNING, paged__lt=2, next_update_at__lt=before - PAGES_COMMANDER)
    unasked = Q(status=Status.PROPOSED, unanswered_at=None, proposed_at__lt=before - UNANSWERED)
    return list(Major.objects.filter(late | later | unasked).order_by("pk").values_list("pk", flat=True))


def count_forgotten(before: datetime) -> int:
    """How many majors somebody should have been paged for before this instant. Raises nothing."""
    return len(_forgotten(before))


def page_forgotten(at: datetime) -> int:
    """Page for all of them, by what the due rows would have done. How many. Raises nothing."""
    return one_by_one(_forgotten(at), lambda pk: _both(pk, at), what="majors that nobody was paged for")


def _both(major_id: int, at: datetime) -> bool:
    overdue_when_due(major_id, at)
    unanswered_when_due(major_id, at)
    return True
