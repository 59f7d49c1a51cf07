"""The steps of a postmortem's life: nobody publishes what they wrote, and nobody waives alone."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.incident.operations.closing import look_at_closing
from incidents.postmortem import permissions
from incidents.postmortem.models import Postmortem, PostmortemVersion
from incidents.postmortem.operations.opening import OVERDUE
from incidents.postmortem.operations.telling import tell_overdue, tell_submitted, tell_waiver_asked, tell_writers
from incidents.postmortem.operations.timeline import now_writes
from incidents.postmortem.queries.facts import facts_of
from incidents.postmortem.workflow import WORKFLOW, Status
from itsm import lifecycle
from itsm.accounts.raised import require_not_raised
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.kernel.texts import is_blank

CONTENT = ("title", "impact", "factors", "went_well", "went_badly", "lucky", "no_actions_because")


@WORKFLOW.takes("submit")
def submit(postmortem: Postmortem, *, actor: Actor, no_actions_because: str = "") -> Postmortem:
    """Hand it to a second person.

    Raises WrongState, NotPermitted, MissingInformation (a factor; an action, or why there is none).
    """
    with lifecycle.step(postmortem, "submit", actor=actor) as current:
        if not is_blank(no_actions_because) and no_actions_because != current.no_actions_because:
            current.no_actions_because = no_actions_because
            now_writes(current, actor)
        current.has_actions = current.actions.exists()
    tell_submitted(current, actor)
    return current


@WORKFLOW.takes("send_back")
def send_back(postmortem: Postmortem, *, actor: Actor, because: str) -> Postmortem:
    """It is a draft again, with what should be changed. Raises WrongState and NotPermitted."""
    with lifecycle.step(postmortem, "send_back", actor=actor, remark=because) as current:
        pass
    tell_writers(current, actor, "sent_back", current.writers, because)
    return current


@WORKFLOW.takes("publish")
def publish(postmortem: Postmortem, *, actor: Actor, at: datetime | None = None) -> Postmortem:
    """Another person than those who wrote it lets everybody read it; the version is kept. Actions live on.

    Raises WrongState, and NotPermitted (who wrote in it, or was let in by one of them; programs).
    """
    _require_another(actor, postmortem)
    at = at or timezone.now()
    with lifecycle.step(postmortem, "publish", actor=actor) as current:
        _require_another(actor, current)
        current.published += 1
        current.published_at = at
        writers = list(current.writers)
        _keep_version(current, actor, at)
        current.writers = []
        _forget_waiver(current)
        due.cancel(current.kind, current.pk, OVERDUE)
        _lets_close(current, at)
    tell_writers(current, actor, "published", writers)
    return current


def _require_another(actor: Actor, postmortem: Postmortem) -> None:
    if actor.person_id in postmortem.writers and postmortem.status == Status.REVIEW:
        raise NotPermitted(
            gettext("%(name)s wrote in %(reference)s; another person publishes it.")
            % {"name": actor.name, "reference": postmortem.reference}
        )
    require_not_raised(actor, postmortem.writers, reference=postmortem.reference)


def _keep_version(postmortem: Postmortem, actor: Actor, at: datetime) -> None:
    """As people read it from now on."""
    facts = facts_of(postmortem, None) | {"state": Status.PUBLISHED.value}  # what the step leads to
    content = {"facts": facts, **{name: getattr(postmortem, name) for name in CONTENT}}
    PostmortemVersion.objects.create(
        postmortem=postmortem, number=postmortem.published, content=content,
        writers=postmortem.writers, published_by_id=actor.account_id, published_at=at,
    )  # fmt: skip


@WORKFLOW.takes("revise")
def revise(postmortem: Postmortem, *, actor: Actor) -> Postmortem:
    """Write another version; what is published stays readable. What was waived is written after all, and whoever wrote
    in it before it was waived has written in it still: waiving read none of it.

    Raises WrongState and NotPermitted.
    """
    with lifecycle.step(postmortem, "revise", actor=actor) as current:
        _forget_waiver(current)
        if current.due_at is not None and not current.published:
            due.schedule(OVERDUE, current.kind, current.pk, current.due_at)
    return current


@WORKFLOW.takes("discard")
def discard(postmortem: Postmortem, *, actor: Actor) -> Postmortem:
    """The published version stands as it is; the words are those again. The timeline and actions stay as they are now,
    and whoever wrote in them does not publish them with the next version.

    Raises WrongState, NotPermitted, MissingInformation (none is published).
    """
    with lifecycle.step(postmortem, "discard", actor=actor) as current:
        live = current.versions.filter(number=current.published).first()
        if live is not None:
            for name in CONTENT:
                setattr(current, name, live.content[name])
    return current


@WORKFLOW.takes("ask_waiver")
def ask_waiver(postmortem: Postmortem, *, actor: Actor, waiver_reason: str) -> Postmortem:
    """Say why none is needed; another person decides. Raises WrongState, NotPermitted, MissingInformation."""
    if actor.person_id is None:
        raise NotPermitted(gettext("Only accounts ask for a waiver."))
    with lifecycle.step(postmortem, "ask_waiver", actor=actor, remark=waiver_reason) as current:
        current.waiver_reason = waiver_reason
        current.waiver_asked_by_id, current.waiver_person_id = actor.id, actor.person_id
    tell_waiver_asked(current, actor)
    return current


@WORKFLOW.takes("waive")
def waive(postmortem: Postmortem, *, actor: Actor, at: datetime | None = None) -> Postmortem:
    """A second person agrees that none is needed.

    Raises WrongState, NotPermitted, MissingInformation (nobody asked).
    """
    at = at or timezone.now()
    _require_second(actor, postmortem)
    with lifecycle.step(postmortem, "waive", actor=actor, remark=postmortem.waiver_reason) as current:
        _require_second(actor, current)
        current.waived_by_id, current.waived_at = actor.id, at
        due.cancel(current.kind, current.pk, OVERDUE)
        _lets_close(current, at)
    return current


@WORKFLOW.takes("refuse_waiver")
def refuse_waiver(postmortem: Postmortem, *, actor: Actor, because: str = "") -> Postmortem:
    """It is needed. Raises WrongState, NotPermitted, MissingInformation (nobody asked)."""
    _require_second(actor, postmortem)
    with transaction.atomic():
        with lifecycle.step(postmortem, "refuse_waiver", actor=actor, remark=because) as current:
            pass
        # After the step, which needs that somebody asked.
        _forget_waiver(current)
        current.save(update_fields=["waiver_asked_by", "waiver_person", "waiver_reason"])
    return current


def _require_second(actor: Actor, postmortem: Postmortem) -> None:
    asked = postmortem.waiver_person_id
    if asked is not None and asked == actor.person_id:
        raise NotPermitted(
            gettext("%(name)s asked for the waiver of %(reference)s; another person decides.")
            % {"name": actor.name, "reference": postmortem.reference}
        )
    if asked is not None and permissions.waivers(actor, postmortem):
        require_not_raised(actor, [asked, postmortem.waiver_asked_by_id], reference=postmortem.reference)


def _forget_waiver(postmortem: Postmortem) -> None:
    postmortem.waiver_asked_by_id = postmortem.waiver_person_id = postmortem.waived_by_id = None
    postmortem.waiver_reason, postmortem.waived_at = "", None


def _lets_close(postmortem: Postmortem, at: datetime) -> None:
    if postmortem.incident is not None:
        look_at_closing(postmortem.incident, at)


def overdue_when_due(postmortem_id: int, at: datetime) -> None:
    """Its day is over: who leads the queue hears of it, once. Nothing where it is published or waived.

    Raises nothing.
    """
    postmortem = Postmortem.objects.select_related("incident", "problem").filter(pk=postmortem_id).first()
    if postmortem is not None and postmortem.is_overdue(at):
        system = Actor.system("postmortems")
        lifecycle.announce(postmortem, "overdue", actor=system)
        tell_overdue(postmortem, system)
