"""People who follow a record: they see its public side and are told what happens."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.permissions import participants
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.prepared import Prepared
from itsm.work.models import Watcher

MAX_WATCHERS = 50
_MOST_FOUND = 500  # records found because one watches them


def watched_by(kind: str, user_id: int | None) -> "QuerySet[Watcher, int]":
    """The ids of the records of one kind that an account watches, for use in a filter."""
    return Watcher.objects.filter(user=user_id, record_kind=kind).values_list("record_id", flat=True)


def tokens_of_watched(actor: Actor) -> list[str]:
    """For the search: the newest records that an account watches. One query; none for Headroom itself."""
    if actor.id is None:
        return []
    newest = Watcher.objects.filter(user=actor.id).order_by("-id").values_list("record_kind", "record_id")
    return [f"{kind}:{record_id}" for kind, record_id in newest[:_MOST_FOUND]]


def watchers_of(record: Any) -> "QuerySet[Watcher]":
    """Who follows a record, in the order in which they began."""
    return Watcher.objects.filter(record_kind=record.kind, record_id=record.pk).select_related("user").order_by("id")


# Asked at each word that is said in public.
_HEARING = Prepared(
    "watchers_who_hear",
    "SELECT user_id FROM work_watcher WHERE record_kind = %(kind)s AND record_id = %(id)s AND NOT muted ORDER BY id",
)


def who_hear_of(record: Any) -> list[int]:
    """The accounts that follow a record and want to be told, in the order in which they began. One query."""
    with connection.cursor() as cursor:
        _HEARING.run(cursor, {"kind": record.kind, "id": record.pk})
        return [user_id for (user_id,) in cursor.fetchall()]


def watches(actor: Actor, record: Any) -> bool:
    """Whether the actor follows a record. One query; raises nothing."""
    return watchers_of(record).filter(user=actor.id).exists()


def followed_by(person: User) -> int:
    """How many records somebody follows."""
    return Watcher.objects.filter(user=person).count()


def follow_person(old: User, new: User, actor: Actor) -> int:
    """Two accounts are one person, who follows once what either did."""
    theirs = Watcher.objects.filter(user=new, record_kind=OuterRef("record_kind"), record_id=OuterRef("record_id"))
    Watcher.objects.filter(Exists(theirs), user=old).delete()
    return Watcher.objects.filter(user=old).update(user=new)


@transaction.atomic
def watch(record: Any, *, actor: Actor, user: User, why: str = "") -> Watcher:
    """Let somebody follow a record; the caller found it among what the actor may see, and judged who may share it.

    Raises NotPermitted, InvalidInput (not an active person), Conflict (too many).
    """
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if not (user.is_active and user.is_human):
        raise InvalidInput.about("user", gettext("Only active people watch a record."))
    if watchers_of(record).count() >= MAX_WATCHERS:
        raise Conflict(gettext("A record has at most %(most)s watchers.") % {"most": MAX_WATCHERS})
    made, is_new = Watcher.objects.get_or_create(
        record_kind=record.kind,
        record_id=record.pk,
        user=user,
        defaults={"by_id": actor.id, "at": timezone.now(), "why": why},
    )
    if is_new:
        lifecycle.announce(record, "watched", actor=actor, changes={"watcher": [None, str(user)]})
    return made


@transaction.atomic
def unwatch(record: Any, *, actor: Actor, user: User) -> None:
    """Somebody follows it no longer; nothing where they did not. Raises NotPermitted."""
    if not participants(actor):
        raise NotPermitted(gettext("%(actor_name)s reads everything and changes nothing.") % {"actor_name": actor.name})
    if watchers_of(record).filter(user=user).delete()[0]:
        lifecycle.announce(record, "unwatched", actor=actor, changes={"watcher": [str(user), None]})


def move_watchers(record: Any, to: Any) -> None:
    """Who follows a record follows another instead, in the caller's transaction; nobody is left out for the limit.

    Raises nothing.
    """
    there = set(watchers_of(to).values_list("user_id", flat=True))
    moving = Watcher.objects.filter(record_kind=record.kind, record_id=record.pk)
    moving.filter(user__in=there).delete()
    moving.update(record_kind=to.kind, record_id=to.pk)


def also_watches(record: Any, *, user: User, by: Actor, why: str) -> None:
    """Somebody follows a record because of another (`why`: its reference), in the caller's transaction.

    Nothing where they follow it already. Raises nothing.
    """
    Watcher.objects.get_or_create(
        record_kind=record.kind,
        record_id=record.pk,
        user=user,
        defaults={"by_id": by.id, "at": timezone.now(), "why": why},
    )


def forget_watcher(record: Any, *, why: str) -> None:
    """Whoever followed a record because of another (its reference) follows it no longer. Raises nothing."""
    Watcher.objects.filter(record_kind=record.kind, record_id=record.pk, why=why).delete()
