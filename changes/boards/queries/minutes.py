"""The minutes of a meeting: the same facts for programs and, as Markdown, for people. They equal the audit's rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count

from changes.boards.models import Item, Meeting
from changes.boards.queries.agenda import entries
from changes.boards.queries.asks import Asked, dealt_with
from changes.boards.queries.minutes_text import became, called, named, vote_in_words, voter
from changes.boards.vocabulary import MeetingStatus
from changes.boards.workflow import HISTORY
from changes.change.models import Change
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.audit.models import Entry
from itsm.audit.recording import timeline

_INSTANTS = frozenset({"starts_at", "opened_at", "closed_at", "at", "deferred_to"})
_TONES = {ApprovalRequest.Status.APPROVED: "green", ApprovalRequest.Status.DECLINED: "red"}
_EVENTS = ("meeting.reordered", "meeting.deferred", "meeting.decided")


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """All that a closed meeting's minutes say: who was there, each item with its votes, what the chair did."""
    closed = meeting.closed_at or meeting.ends_at
    before = (
        Meeting.objects.filter(board=meeting.board_id, status=MeetingStatus.CLOSED, closed_at__lt=closed)
        .exclude(pk=meeting.pk)
        .order_by("-closed_at")
        .values_list("closed_at", flat=True)
        .first()
    )
    asked = dealt_with(meeting.board, before, closed)
    steps = [one for one in reversed(timeline(meeting)) if one.event in _EVENTS]
    present = [one.person for one in meeting.presences.select_related("person")]
    noted = _noted([each.change.pk for each in asked])
    items = {item.ask_id: item for item in meeting.items.select_related("deferred_to")}
    return {
        "board": meeting.board.name,
        "starts_at": _instant(meeting.starts_at),
        "opened_at": _instant(meeting.opened_at),
        "closed_at": _instant(meeting.closed_at),
        "chaired_by": meeting.chaired_by.username if meeting.chaired_by else None,
        "present": [one.username for one in present],
        "names": names_of(
            [
                *present,
                *([meeting.chaired_by] if meeting.chaired_by else []),
                *(who for each in asked for one in each.ask.answers.all() for who in (one.by, one.in_place_of) if who),
                *User.objects.filter(username__in={one.actor_name for one in steps}),
            ]
        ),
        "items": [_item(each, items.get(each.ask.pk), meeting, noted) for each in asked],
        "order": [entry.change.reference for entry in entries(asked, items)],
        "steps": [
            {"event": one.event, "by": one.actor_name, "changes": one.changes, "remark": one.remark} for one in steps
        ],
    }


def names_of(people: Iterable[User]) -> dict[str, str]:
    """By login, what people are called: by name; where two people share one, with the login beside it. One query."""
    named = {one.username: one.name for one in people if one.name}
    told = User.objects.filter(name__in=set(named.values())).order_by().values_list("name")
    shared = {name for name, count in told.annotate(Count("pk")) if count > 1}
    return {login: f"{name} ({login})" if name in shared else name for login, name in sorted(named.items())}


def _item(asked: Asked, item: Item | None, meeting: Meeting, noted: Mapping[int, int]) -> dict[str, Any]:
    ask, change = asked
    settled_before = ask.decided_at is not None and (meeting.opened_at is None or ask.decided_at < meeting.opened_at)
    return {
        "change": change.reference,
        "summary": change.summary,
        "verdict": change.verdict,  # as the gate decided it then: minutes are kept, and no answer of today's
        "risk": change.risk,
        "outcome": ask.status,
        "because": ask.ended_because,
        "before_the_meeting": settled_before,
        "votes": [_vote_facts(one, noted) for one in sorted(ask.answers.all(), key=lambda one: one.pk)],
        "deferred_to": _instant(item.deferred_to.starts_at) if item is not None and item.deferred_to else None,
        "deferred_because": item.deferred_because if item is not None else "",
        "notes": item.notes if item is not None else "",
    }


def _vote_facts(one: ApprovalDecision, noted: Mapping[int, int]) -> dict[str, Any]:
    """`entry`: the number of the audit's entry about this vote."""
    said = {
        "by": one.by.username,
        "in_place_of": one.in_place_of.username if one.in_place_of else None,
        "vote": one.decision,
        "comment": one.comment,
        "at": _instant(one.at),
    }
    return said | {"entry": noted.get(one.pk)}


def _noted(change_ids: Sequence[int]) -> dict[int, int]:
    """The audit's entry of each answer about these changes.

    Both are written in one transaction under the change's lock, so that the first answer of a person has the first
    entry, and so on; where the two differ there is none.
    """
    said = Entry.objects.filter(record_kind=Change.kind, record_id__in=change_ids, event="change.answered")
    entries: dict[tuple[int, int | None], list[tuple[int, Any]]] = defaultdict(list)
    for pk, change, actor, changes in said.order_by("id").values_list("id", "record_id", "actor_id", "changes"):
        entries[change, actor].append((pk, changes.get("decision", [None, None])[1]))
    answers = ApprovalDecision.objects.filter(ask__record_kind=Change.kind, ask__record_id__in=change_ids)
    of_each: dict[tuple[int, int | None], list[tuple[int, str]]] = defaultdict(list)
    for pk, change, by, decision in answers.order_by("id").values_list("id", "ask__record_id", "by", "decision"):
        of_each[change, by].append((pk, decision))
    return {
        answer: entry
        for key, given in of_each.items()
        for (answer, decision), (entry, told) in zip(given, entries[key], strict=False)
        if decision == told
    }


def as_shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts for a page: instants as such, words in the reader's language."""
    shown: dict[str, Any] = _with_instants(facts)
    shown["chaired_by"] = named(facts, shown["chaired_by"])
    shown["present"] = [named(facts, one) for one in shown["present"]]
    for item in shown["items"]:
        item["is_settled"] = item["outcome"] != ApprovalRequest.Status.OPEN
        item["tone"] = _TONES.get(item["outcome"], "grey")
        item["outcome"] = ApprovalRequest.Status(item["outcome"]).label
        for vote in item["votes"]:
            vote["by"] = voter(vote, facts)
            vote["vote"] = vote_in_words(vote["vote"])
    for step in shown["steps"]:
        step["by"] = named(facts, step["by"])
        step["did"] = HISTORY[step["event"].partition(".")[2]]
        step["what"] = [
            (called(name), became(name, after)) for name, (_before, after) in sorted(step["changes"].items())
        ]
    return shown


def _with_instants(facts: Any, name: str = "") -> Any:
    """A copy in which what is an instant by its name is one."""
    if isinstance(facts, Mapping):
        return {key: _with_instants(value, key) for key, value in facts.items()}
    if isinstance(facts, list):
        return [_with_instants(each) for each in facts]
    return datetime.fromisoformat(facts) if facts and name in _INSTANTS else facts


def _instant(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else None
