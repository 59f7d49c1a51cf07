"""Calling people: a page each, and what is owed to reach them. All of it in the caller's transaction."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.kernel.actors import Actor
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import owe_all
from itsm.notifications.pushing.owing import devices_by_person
from itsm.paging.models import Escalation, Page
from itsm.paging.queries import meeting, subjects
from itsm.paging.vocabulary import Channel, PageStatus

CHANNEL = "page"
_CODES = 900_000


def page_people(
    people: Iterable[int],
    *,
    subject_kind: str,
    subject_id: int,
    title: str,
    path: str,
    team_id: int,
    urgency: str,
    at: datetime,
    why: str = "",
    escalation: Escalation | None = None,
) -> list[Page]:
    """Page these people alone, beside any escalation: a responder who is added, who owes an update, a duty manager.

    In the caller's transaction. `people`: ids; who has left is not paged. `why`: a few words for who is paged.
    `escalation`: the one that they join, if any; its course does not change. Returns the pages, which may be none.
    """
    pages = [
        Page(
            person_id=person, escalation=None, subject_kind=subject_kind, subject_id=subject_id, title=title[:200],
            path=path[:200], why=why[:200], urgency=urgency, team_id=team_id, code="", begun_at=at,
        )
        for person in meeting.active(people)
    ]  # fmt: skip
    return _call(pages, at)


def page_by(escalation: Escalation, people: Collection[int], at: datetime) -> list[Page]:
    """Page whom the step that was just taken meets. An earlier page of the same escalation is over for them."""
    _end(Page.objects.filter(escalation=escalation, person__in=people), at)
    pages = [
        Page(
            person_id=person, escalation=escalation, round=escalation.round, step=escalation.step,
            subject_kind=escalation.subject_kind, subject_id=escalation.subject_id, title=escalation.title,
            path=escalation.path, urgency=escalation.urgency, team_id=escalation.team_id, code="", begun_at=at,
        )
        for person in people
    ]  # fmt: skip
    return _call(pages, at)


def try_rules(actor: Actor, urgency: str, team_id: int, at: datetime) -> Page:
    """Page oneself, to see whether one's rules work. It is acknowledged like any other. Raises nothing."""
    with transaction.atomic():
        Page.objects.filter(
            person=actor.id, subject_kind=subjects.TEST, state=PageStatus.OPEN
        ).update(state=PageStatus.ENDED, ended_at=at)  # fmt: skip
        return page_people(
            [actor.id or 0], subject_kind=subjects.TEST, subject_id=actor.id or 0, title=_("A test: nothing burns"),
            path="/pages/", team_id=team_id, urgency=urgency, at=at, why=_("You asked for it"),
        )[0]  # fmt: skip


def end_pages(escalation: Escalation, at: datetime, *, answered_by: int | None = None, how: str = "") -> None:
    """Nobody is called by this escalation any more; whose answer it was has acknowledged theirs. It is locked."""
    mine = Page.objects.filter(escalation=escalation, person=answered_by or 0, state=PageStatus.OPEN)
    mine.update(state=PageStatus.ACKNOWLEDGED, ended_at=at, how=how)
    _end(Page.objects.filter(escalation=escalation), at)


def _end(pages: "object", at: datetime) -> None:
    pages.filter(state=PageStatus.OPEN).update(state=PageStatus.ENDED, ended_at=at)  # type: ignore[attr-defined]


def _call(pages: list[Page], at: datetime) -> list[Page]:
    """Store them and owe what reaches their people."""
    for page in pages:
        page.code = _free_code(page.person_id)
    made = Page.objects.bulk_create(pages)
    devices = devices_by_person([page.person_id for page in made])
    owe_all([one for page in made for one in _owed(page, devices.get(page.person_id, []), at)])
    return made


def _owed(page: Page, devices: list[int], at: datetime) -> list[Delivery]:
    """One delivery for each way and device, each when it is its turn; each of them stands in no order.

    Where their own rules reach nobody, such as by devices of which none is left, they are reached as by default.
    """
    own = _by(meeting.ways_of(page.person_id, page.urgency), page, devices, at)
    return own or _by(meeting.default_ways(page.person_id, page.urgency), page, devices, at)


def _by(ways: Iterable[meeting.Way], page: Page, devices: list[int], at: datetime) -> list[Delivery]:
    owed = []
    for number, way in enumerate(ways, 1):
        due_at = at + timedelta(seconds=way.after)
        targets: list[int | None] = [*devices] if way.channel == Channel.PUSH else [way.contact_id]
        owed += [
            delivery(page.pk, way.channel, target, f"page-{page.pk}-{number}-{target or 0}", due_at=due_at)
            for target in targets
        ]
    return owed


def delivery(
    page_id: int,
    channel: str,
    target: int | None,
    key: str,
    *,
    due_at: datetime,
    cycle: int = 0,
    tried: Collection[int] = (),
    check: int | None = None,
) -> Delivery:
    """What the outbox keeps of one try. `target`: the device or contact point; `tried`: providers of this cycle that
    failed; `check`: the attempt after which a report should have come."""
    said = {"page": page_id, "channel": channel, "target": target, "base": key, "cycle": cycle, "tried": [*tried]}
    mark = f"-c{cycle}-{len(said['tried'])}" if cycle or tried else ""  # type: ignore[arg-type]
    if check is not None:
        said["check"], mark = check, f"-r{check}"
    return Delivery(channel=CHANNEL, payload=said, aggregate=f"{key}{mark}", key=f"{key}{mark}", due_at=due_at)


def _free_code(person_id: int) -> str:
    """Six digits that no other open page of theirs has."""
    taken = set(Page.objects.filter(person=person_id, state=PageStatus.OPEN).values_list("code", flat=True))
    while (code := str(100_000 + secrets.randbelow(_CODES))) in taken:
        continue
    return code
