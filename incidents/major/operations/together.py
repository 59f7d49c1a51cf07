"""What people do together in a war room: stakeholders, moments, tasks, and the one box in which everything is said."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from incidents.incident import operations as incidents
from incidents.major.models import Major, PinnedMoment, Stakeholder
from incidents.major.operations import editing, running, telling
from incidents.major.operations.editing import require_works_on
from incidents.major.operations.holding import held, person_named
from incidents.major.queries.timeline import line_of
from incidents.major.rules import COMMANDS, command_in
from incidents.major.vocabulary import MAY_BE_AHEAD, ROLES
from incidents.major.workflow import TURNED_DOWN, Status
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, WrongState
from itsm.kernel.texts import is_blank
from itsm.work import tasks
from itsm.work.models import Task

MOST_STAKEHOLDERS = 200
MOST_MOMENTS = 500


def _worked_on(major: Major, actor: Actor) -> Major:
    """The row, locked, of one that is not over."""
    current = lifecycle.locked(major)
    require_works_on(actor, current)
    if current.status in {*TURNED_DOWN, Status.CONCLUDED}:
        raise WrongState(
            gettext("%(reference)s is %(state)s; it stays as it is.")
            % {"reference": current.reference, "state": current.get_status_display().lower()},
            state=current.status,
            available=[step.action for step in current.workflow.open_to(actor, current)],
        )
    return current


@transaction.atomic
def add_stakeholder(major: Major, *, actor: Actor, person: User, why: str = "", at: datetime) -> Stakeholder:
    """Let somebody hear of every update. Who hears already hears once, with these words.

    Raises NotPermitted, WrongState, InvalidInput (a program), Conflict (who has left, too many).
    """
    current = _worked_on(major, actor)
    if not person.is_human:
        raise InvalidInput.about("person", gettext("People are kept informed; programs hear by webhooks."))
    require_active(person)
    if current.stakeholders.count() >= MOST_STAKEHOLDERS:
        raise Conflict(gettext("At most %(most)d stakeholders.") % {"most": MOST_STAKEHOLDERS})
    made, is_new = Stakeholder.objects.update_or_create(
        major=current, person=person, defaults={"why": why[:120]},
        create_defaults={"why": why[:120], "added_by_id": actor.id, "added_at": at},
    )  # fmt: skip
    if is_new:
        lifecycle.announce(current, "stakeholder_added", actor=actor, changes={"person": [None, person.username]})
    return made


@transaction.atomic
def remove_stakeholder(major: Major, stakeholder: Stakeholder, *, actor: Actor) -> None:
    """They hear no longer. Raises NotPermitted and WrongState."""
    current = _worked_on(major, actor)
    deleted, _rows = Stakeholder.objects.filter(pk=stakeholder.pk, major=current).delete()
    if deleted:
        changes = {"person": [stakeholder.person.username, None]}
        lifecycle.announce(current, "stakeholder_removed", actor=actor, changes=changes)


@transaction.atomic
def add_moment(major: Major, *, actor: Actor, text: str, at: datetime, now: datetime) -> PinnedMoment:
    """Note that something happened at `at`. Raises NotPermitted, WrongState, InvalidInput (empty, in the future)."""
    current = _worked_on(major, actor)
    if is_blank(text):
        raise InvalidInput.about("text", gettext("Say what happened."))
    if at > now + MAY_BE_AHEAD:
        raise InvalidInput.about("at", gettext("This lies in the future."))
    return _pinned(current, actor, now, at=at, text=text[:1000], key="")


@transaction.atomic
def pin(major: Major, *, actor: Actor, key: str, at: datetime) -> PinnedMoment:
    """Pin a line of the timeline (its `key`), so that it is found again. Twice pins once.

    Raises NotPermitted, WrongState, NotFound (no such line).
    """
    current = _worked_on(major, actor)
    known = PinnedMoment.objects.filter(major=current, key=key).first()
    if known is not None:
        return known
    line = line_of(current, key, actor)
    if line is None:
        raise NotFound(gettext("There is no such line in the timeline."))
    return _pinned(current, actor, at, at=line.at, text=line.text[:1000], key=key)


def _pinned(major: Major, actor: Actor, now: datetime, **said: Any) -> PinnedMoment:
    if major.moments.count() >= MOST_MOMENTS:
        raise Conflict(gettext("At most %(most)d moments.") % {"most": MOST_MOMENTS})
    made = PinnedMoment.objects.create(major=major, by_id=actor.id, noted_at=now, **said)
    lifecycle.announce(major, "moment_added", actor=actor, changes={"moment": [None, made.text[:200]]})
    return made


@transaction.atomic
def unpin(major: Major, moment: PinnedMoment, *, actor: Actor) -> None:
    """It is no moment any more. Raises NotPermitted and WrongState."""
    current = _worked_on(major, actor)
    if PinnedMoment.objects.filter(pk=moment.pk, major=current).delete()[0]:
        lifecycle.announce(current, "moment_removed", actor=actor, changes={"moment": [moment.text[:200], None]})


@transaction.atomic
def add_task(major: Major, *, actor: Actor, title: str, **fields: Any) -> Task:
    """One more thing to do, for somebody, until `due_at`. Raises NotPermitted, WrongState, InvalidInput, Conflict."""
    current = _worked_on(major, actor)
    made = tasks.add_task(current, actor=actor, title=title, **fields)
    telling.tell_of_task(current, actor, made.title, made.assigned_to_id)
    return made


@transaction.atomic
def edit_task(major: Major, task: Task, *, actor: Actor, **fields: Any) -> Task:
    """Change a task, or tick it (`done`). Raises as `add_task`, and NotFound."""
    current = _worked_on(major, actor)
    made = tasks.edit_task(current, task, actor=actor, **fields)
    if made.done_at is None and made.assigned_to_id != task.assigned_to_id:
        telling.tell_of_task(current, actor, made.title, made.assigned_to_id)
    return made


@transaction.atomic
def remove_task(major: Major, task: Task, *, actor: Actor) -> None:
    """It is no task any more. Raises NotPermitted and WrongState."""
    tasks.remove_task(_worked_on(major, actor), task, actor=actor)


@transaction.atomic
def say(major: Major, *, actor: Actor, text: str, at: datetime) -> str:
    """What was typed in the room: a note for those who work here, or a command: /update, /task, /pin, /stakeholder,
    /commander, /communications, /scribe, /bridge. Which verb it was.

    Raises NotPermitted, WrongState, InvalidInput (no such command, nothing in it), and as the operation of the verb.
    """
    command = command_in(text)
    if command is None:
        known = ", ".join(f"/{one}" for one in COMMANDS[1:])
        words = gettext("There is no such command. There are: %(known)s. Begin with // for a note that begins with /.")
        raise InvalidInput.about("text", words % {"known": known})
    if is_blank(command.text):
        raise InvalidInput.about("text", gettext("Write something behind it."))
    require_works_on(actor, major)
    _carry_out(major, command.verb, command.text, actor, at)
    return command.verb


def _carry_out(major: Major, verb: str, text: str, actor: Actor, at: datetime) -> None:
    if verb == "note":
        incidents.note(_worked_on(major, actor).incident, actor=actor, text=text)
    elif verb == "update":
        running.inform(major, actor=actor, text=text, at=at)
    elif verb == "task":
        name, colon, title = text.partition(":")
        known = User.objects.filter(username__iexact=name.strip()).first() if colon else None
        add_task(major, actor=actor, title=title.strip() if known else text, assigned_to=known)
    elif verb == "pin":
        add_moment(major, actor=actor, text=text, at=at, now=at)
    elif verb == "stakeholder":
        name, _, why = text.partition(" ")
        add_stakeholder(major, actor=actor, person=_person(name), why=why, at=at)
    elif verb in ROLES:
        incident = held(major)
        version = lifecycle.locked(major).version
        editing.edit(major, actor=actor, version=version, **{verb: person_named(text, incident, "text")})
    else:
        editing.edit(major, actor=actor, version=lifecycle.locked(major).version, bridge=text[:300])


def _person(name: str) -> User:
    found = User.objects.filter(username__iexact=name.strip().replace("\0", "")).first()
    if found is None:
        raise InvalidInput.about("text", gettext("There is no account of this name."))
    return found
