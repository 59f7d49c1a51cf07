"""Incidents for the public: published, told further, resolved, withdrawn where words should not have gone out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications.web_addresses import is_web_address
from itsm.statuspage.models import Maintenance, PublicIncident, PublicUpdate, StatusPage, WithdrawnUpdate
from itsm.statuspage.operations.owing import owe_snapshot, owe_update
from itsm.statuspage.operations.spans import close_spans, require_components, say_states
from itsm.statuspage.permissions import publishers
from itsm.statuspage.vocabulary import TROUBLE, IncidentStatus, State
from itsm.statuspage.workflow import INCIDENT

MAX_BACKDATED = timedelta(days=30)
MAX_PROMISE = timedelta(days=7)
SLACK = timedelta(minutes=5)  # clocks of people and ours
_BEGINS = {IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING}


def require_publisher(actor: Actor) -> None:
    """Raises NotPermitted."""
    if not publishers(actor):
        raise NotPermitted(gettext("People of the desk, service owners and change managers speak to the public."))


@transaction.atomic
def publish(
    page: StatusPage,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    body: str,
    states: Mapping[int, str],
    status: str = IncidentStatus.INVESTIGATING,
    internal: str = "",
    started_at: datetime | None = None,
    next_update_at: datetime | None = None,
) -> PublicIncident:
    """Tell the public that something does not work. `states`: component id -> its state, at least one, none of them
    operational. `internal`: the reference behind it, which nobody outside reads.

    Raises NotPermitted, InvalidInput, WrongState (the page was taken off).
    """
    require_publisher(actor)
    if page.retired_at is not None:
        raise WrongState(gettext("This page was taken off: nobody would read it."), state="retired")
    began = started_at or at
    _check_new(title, body, states, status, began, at)
    _check_promise(next_update_at, at)
    require_components(page, states)
    made = PublicIncident(
        page=page, title=title.strip(), internal=internal, published_at=at, updated_at=at, status=status,
        started_at=min(began, at), next_update_at=next_update_at,
    )  # fmt: skip
    lifecycle.require_readable(made)
    made.save(force_insert=True)
    say_states(made, states, from_=made.started_at)
    update = _say(made, body, states, at, actor)
    told = {"title": [None, made.title], "body": [None, body], "internal": [None, internal]}
    lifecycle.created(made, actor=actor, changes=told, at=at)
    owe_update(update)
    return made


def _check_new(title: str, body: str, states: Mapping[int, str], status: str, began: datetime, at: datetime) -> None:
    wrong: dict[str, list[str]] = {}
    if is_blank(title):
        wrong["title"] = [gettext("Say in a few words what does not work.")]
    if is_blank(body):
        wrong["body"] = [gettext("Say what the public should know.")]
    if status not in _BEGINS:
        wrong["status"] = [gettext("It begins investigating, identified or monitoring.")]
    troubled = dict(TROUBLE)
    if not states or any(state not in troubled for state in states.values()):
        wrong["components"] = [gettext("Say of at least one component how it suffers.")]
    if began > at + SLACK:
        wrong["started_at"] = [gettext("It cannot have begun in the future.")]
    elif began < at - MAX_BACKDATED:
        wrong["started_at"] = [gettext("It begins within the last 30 days.")]
    if wrong:
        sentences = [one for said in wrong.values() for one in said]
        raise InvalidInput(" ".join(sentences), wrong)  # a page has no box that is called as a field of the API is


def _check_promise(promised: datetime | None, at: datetime) -> None:
    if promised is not None and not at < promised <= at + MAX_PROMISE:
        raise InvalidInput.about("next_update_at", gettext("Promise the next update for within a week from now."))


@transaction.atomic
def publish_update(
    incident: PublicIncident,
    *,
    actor: Actor,
    at: datetime,
    action: str,
    body: str,
    states: Mapping[int, str] | None = None,
    next_update_at: datetime | None = None,
    postmortem_url: str | None = None,
    version: int | None = None,
) -> PublicIncident:
    """Take a step of a public incident, and say why. `states`: those that change; what is operational is out of it.
    `next_update_at` replaces what was promised.

    Raises NotPermitted, WrongState, InvalidInput, StaleVersion.
    """
    states = states or {}
    if is_blank(body):
        raise InvalidInput.about("body", gettext("Say what the public should know."))
    if unknown := [state for state in states.values() if state not in {State.OPERATIONAL, *dict(TROUBLE)}]:
        raise InvalidInput.about("components", gettext("%(state)s is no state of an incident.") % {"state": unknown[0]})
    if postmortem_url and not is_web_address(postmortem_url):
        raise InvalidInput.about("postmortem_url", gettext("Send an http or https address."))
    _check_promise(next_update_at, at)
    with lifecycle.step(incident, action, actor=actor, version=version, remark=body) as current:
        require_components(current.page, states)
        current.updated_at, current.next_update_at = at, next_update_at
        if postmortem_url is not None:
            current.postmortem_url = postmortem_url
        target = INCIDENT.steps[action].leads_to(current.status)
        resolves = target == IncidentStatus.RESOLVED
        if resolves:
            _require_no_promise(next_update_at)
        current.resolved_at = (current.resolved_at or at) if resolves else None
        if resolves:
            close_spans(incident=current, at=at)
        else:
            say_states(current, states, from_=at)
    owe_update(_say(current, body, states, at, actor))
    return current


def _require_no_promise(promised: datetime | None) -> None:
    if promised is not None:
        raise InvalidInput.about("next_update_at", gettext("What is over needs no further update."))


def _say(incident: PublicIncident, body: str, states: Mapping[int, str], at: datetime, actor: Actor) -> PublicUpdate:
    touched = set(incident.spans.values_list("component_id", flat=True)) | set(states)
    said: dict[str, Any] = {str(component): state for component, state in states.items()}
    return PublicUpdate.objects.create(
        incident=incident, status=incident.status, body=body, states=said, components=sorted(touched), at=at,
        by_id=actor.id,
    )  # fmt: skip


@transaction.atomic
def withdraw_update(update: PublicUpdate, *, actor: Actor, at: datetime, reason: str) -> WithdrawnUpdate:
    """What should not have been said is no longer read by the public; a mail that left has left.

    Raises NotPermitted, InvalidInput, Conflict (it was withdrawn already).
    """
    require_publisher(actor)
    if is_blank(reason):
        raise InvalidInput.about("reason", gettext("Say why the public should not read it."))
    notice = _hold(update)
    if WithdrawnUpdate.objects.filter(update=update).exists():
        raise Conflict(gettext("It was withdrawn already."))
    made = WithdrawnUpdate.objects.create(update=update, reason=reason, at=at, by_id=actor.id)
    lifecycle.announce(notice, "withdrew", actor=actor, changes={"update": [update.body[:200], None]}, remark=reason)
    owe_snapshot()
    return made


def _hold(update: PublicUpdate) -> PublicIncident | Maintenance:
    """What it is of, locked."""
    if update.incident is not None:
        return lifecycle.locked(update.incident)
    if update.maintenance is None:
        raise TypeError("An update is of one notice.")  # the database holds it so
    return lifecycle.locked(update.maintenance)
