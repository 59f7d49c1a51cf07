"""Who hears of what happens to a postmortem: by rule and wish, nobody of their own deed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext

from incidents.postmortem.models import Postmortem, PostmortemAction
from itsm.accounts.queues import managers, who_lead
from itsm.kernel.actors import Actor
from itsm.notifications.sayings import Words
from itsm.notifications.sayings import saying as _
from itsm.notifications.telling import tell

Concerned = Mapping[str, Iterable[int | None]]


def tell_required(postmortem: Postmortem, actor: Actor, why: str) -> None:
    """Who worked on the incident, and who leads its queue. Raises nothing."""
    subject = _("%(postmortem)s is to be written: %(title)s") % _named(postmortem)
    worked = postmortem.incident.assigned_to_id if postmortem.incident is not None else None
    _tell(postmortem, actor, "required", {"assignee": [worked], "lead": leads(postmortem)}, subject, why)


def tell_submitted(postmortem: Postmortem, actor: Actor) -> None:
    """Who leads the queue: another person publishes it. Raises nothing."""
    subject = _("%(postmortem)s waits for a second person: %(title)s") % _named(postmortem)
    _tell(postmortem, actor, "submitted", {"lead": leads(postmortem)}, subject)


def tell_writers(postmortem: Postmortem, actor: Actor, event: str, writers: Iterable[int], body: Words = "") -> None:
    """Who wrote in it: it was sent back, or published. Raises nothing."""
    words = {
        "sent_back": _("%(postmortem)s is to be changed: %(title)s"),
        "published": _("%(postmortem)s is published: %(title)s"),
    }
    _tell(postmortem, actor, event, {"assignee": list(writers)}, words[event] % _named(postmortem), body)


def tell_waiver_asked(postmortem: Postmortem, actor: Actor) -> None:
    """Who leads the queue: another person waives it, or refuses. Raises nothing."""
    subject = _("%(postmortem)s: a waiver is asked for: %(title)s") % _named(postmortem)
    _tell(postmortem, actor, "waiver_asked", {"lead": leads(postmortem)}, subject, postmortem.waiver_reason)


def tell_overdue(postmortem: Postmortem, actor: Actor) -> None:
    """Who leads the queue of what it is about. Raises nothing."""
    subject = _("%(postmortem)s is overdue: %(title)s") % _named(postmortem)
    _tell(postmortem, actor, "overdue", {"lead": leads(postmortem)}, subject)


def tell_of_action(action: PostmortemAction, actor: Actor, event: str) -> None:
    """Who owns an action: it is theirs, due soon or overdue; of what is overdue who leads the queue hears too.

    Raises nothing.
    """
    postmortem = action.postmortem
    words = {
        "action_given": gettext("%(postmortem)s: an action for you until %(day)s: %(action)s"),
        "action_soon": gettext("%(postmortem)s: your action is due on %(day)s: %(action)s"),
        "action_overdue": gettext("%(postmortem)s: overdue since %(day)s: %(action)s"),
    }
    subject = words[event] % {**_named(postmortem), "action": action.text[:120], "day": _day(action.due_at)}
    concerned: dict[str, Iterable[int | None]] = {"assignee": [action.owner_id]}
    if event == "action_overdue":
        concerned["lead"] = leads(postmortem)
    tell(f"postmortem.{event}", concerned, subject, by=actor.id, path=action.get_absolute_url(), record=postmortem)


def leads(postmortem: Postmortem) -> set[int]:
    """Who leads the queue of what it is about; of one without leads, the managers who work there, else all who read."""
    team = postmortem.about.team
    found = who_lead(team.pk)
    if found or team.confidential:
        return found
    return set(managers().values_list("pk", flat=True)[:20])


def _named(postmortem: Postmortem) -> dict[str, str]:
    return {"postmortem": postmortem.reference, "title": postmortem.title}


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _tell(
    postmortem: Postmortem, actor: Actor, event: str, concerned: Concerned, subject: Words, body: Words = ""
) -> None:
    tell(
        f"postmortem.{event}", concerned, subject, by=actor.id, body=body, path=postmortem.get_absolute_url(),
        record=postmortem,
    )  # fmt: skip
