"""Minutes as people read them: Markdown, the same as PDF, and the words for what programs keep."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from changes.boards.models import Minutes
from changes.boards.workflow import HISTORY
from itsm.approvals.models import ApprovalDecision, ApprovalRequest
from itsm.markdown import escaped


def as_text(facts: Mapping[str, Any]) -> str:
    """The facts as Markdown, in the language of who closes the meeting."""
    head = [
        f"# {_plain(facts['board'])}, {facts['starts_at']}",
        "",
        _("Opened %(opened)s, closed %(closed)s, chaired by %(chair)s.")
        % {
            "opened": facts["opened_at"],
            "closed": facts["closed_at"],
            "chair": _plain(named(facts, facts["chaired_by"])),
        },
        _("Present: %(names)s.")
        % {"names": ", ".join(_plain(named(facts, one)) for one in facts["present"]) or _("nobody")},
    ]
    return "\n".join([*head, *(line for item in facts["items"] for line in _lines(item, facts)), *_steps(facts)]) + "\n"


def on_paper(minutes: Minutes) -> bytes:
    """The same as PDF, for people without an account here. Raises nothing."""
    from itsm.pdf import written  # noqa: PLC0415 -- its library takes a third of a second and 20 MB

    return written(minutes.text, title=str(minutes.meeting), at=minutes.written_at)


def named(facts: Mapping[str, Any], login: str | None) -> str:
    """What somebody was called when these minutes were written; the login where they keep no name for it."""
    names: Mapping[str, str] = facts.get("names", {})
    return names.get(login or "", login or _("nobody"))


def voter(vote: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Who said it, by name; both names, where it was said in somebody's place."""
    by = named(facts, vote["by"])
    if not vote.get("in_place_of"):
        return by
    return _("%(delegate)s for %(person)s") % {"delegate": by, "person": named(facts, vote["in_place_of"])}


def _lines(item: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    when = _("before the meeting") if item["before_the_meeting"] else _("in the meeting")
    said = str(ApprovalRequest.Status(item["outcome"]).label)
    state = said if item["outcome"] == ApprovalRequest.Status.OPEN else f"{said} ({when})"
    lines = ["", f"## {item['change']} {_plain(item['summary'])}", "", f"- {_('Decision')}: {state}"]
    lines += [
        f"- {_plain(voter(one, facts))}: {vote_in_words(one['vote'])}{_after(one['comment'])} ({one['at']})"
        for one in item["votes"]
    ]
    if item["deferred_to"]:
        words = {"to": item["deferred_to"], "why": _plain(item["deferred_because"])}
        lines.append("- " + _("Put off to %(to)s: %(why)s") % words)
    if item["because"]:
        lines.append(f"- {_('Ended because')}: {_plain(item['because'])}")
    if item["notes"]:
        lines += ["", *(f"> {escaped(line)}".rstrip() for line in item["notes"].strip().splitlines())]
    return lines


def vote_in_words(vote: str) -> str:
    """What a vote is called: "approve" reads "approved"."""
    return str(ApprovalDecision.Decision(vote).label)


def _steps(facts: Mapping[str, Any]) -> list[str]:
    if not facts["steps"]:
        return []
    return ["", f"## {_('What the chair did')}", "", *(_step(one, facts) for one in facts["steps"])]


def _step(one: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    did = HISTORY[one["event"].partition(".")[2]]
    return f"- {_plain(named(facts, one['by']))} {did}: {_changes(one['changes'])}{_in_words(one)}"


def _in_words(step: Mapping[str, Any]) -> str:
    """What the chair said to it; why an item is put off stands with the item already."""
    return "" if step["event"] == "meeting.deferred" else _after(step["remark"])


def _changes(changes: Mapping[str, Any]) -> str:
    said = sorted(changes.items())
    return ", ".join(f"{called(name)}: {_plain(str(became(name, after)))}" for name, (_before, after) in said)


def called(name: str) -> str:
    """What a part of what the chair did is called."""
    known = {"item": _("item"), "order": _("order"), "outcome": _("decision"), "to": _("to")}
    return known.get(name, name)


def became(name: str, after: Any) -> Any:
    """The same for what it became."""
    if name == "order" and isinstance(after, list):
        return ", ".join(str(one) for one in after)
    if name == "outcome":
        return ApprovalRequest.Status(after).label if after in ApprovalRequest.Status.values else after
    return after


def _after(comment: str) -> str:
    return f": {_plain(comment)}" if comment else ""


def _plain(text: str) -> str:
    """One line of Markdown that stays one: what a person wrote makes no heading, link or list of its own."""
    return escaped(" ".join(text.split()))
