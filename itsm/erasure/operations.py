"""Erasing a person, and the legal hold that forbids it."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import erasing
from itsm.accounts.actors import actor_for
from itsm.accounts.models import EmailAddress, User
from itsm.accounts.naming import naming_columns
from itsm.accounts.permissions import administrators
from itsm.accounts.step_up import require_proof
from itsm.clocks import due
from itsm.erasure import given, queries
from itsm.erasure.models import Erasure, LegalHold
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank

DUE = "erasure.go_on"
FEW, MANY = 16, 1024  # blocks of 8 kB that one statement looks at, at first and where names are rare
PART_SECONDS = 1.0  # of one transaction
SECONDS = 8.0  # of one keeping of the promise
AT_ONCE = 2.0  # seconds of the page that begins it


def erase(person: User, *, actor: Actor) -> Erasure:
    """Mask the names of a person who has left wherever the database says them: accounts, histories (also those that
    only grow), messages, files' names. What they did stays, done by `erased-<id>`. Returns when all of it is done.

    Out of reach, and said on the page: nicknames and first names in what people wrote, bytes of files (those of
    mails that they wrote go), backups; a user name that is a plain word is masked where a column names somebody, not
    in texts; rows that a hash proves.
    Safe to run twice, also after it was killed: the second time goes on, or finds nothing. Raises NotPermitted (others
    than administrators), Conflict (an active account, a program, a legal hold).
    """
    made = begin(person, actor=actor)
    while made.ended_at is None:
        made = going_on(made.pk)
    return made


@transaction.atomic
def begin(person: User, *, actor: Actor) -> Erasure:
    """Begin to erase somebody; the rest is owed as a due row, and done part by part.

    Raises NotPermitted (others than administrators), Conflict (an active account, a program, a legal hold, a name that
    the same administrator gave them lately and that was written before), PasswordNeeded.
    """
    _administrators_only(actor)
    current = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if why := queries.why_not(current) or given.why_not(current, actor, timezone.now()):
        raise Conflict(why)
    require_proof(actor, doing=gettext("erase a person"))
    made, is_new = Erasure.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        user=current, defaults={"by_id": actor.id}
    )
    if not is_new and (made.ended_at is None or not queries.words_of(current)):
        return made
    with connection.cursor() as cursor:
        cursor.execute("SELECT erasure_begin(%s)", [current.pk])
    beside = erasing.counts(current, only_count=False)  # found by addresses, which are masked next
    made.masked = _sum(made.masked, beside)
    made.tables_left = queries.tables()
    made.tables, made.round, made.at_block, made.ended_at = len(made.tables_left), 1, 0, None
    made.save()
    lifecycle.announce(current, "erasing", actor=actor, changes={})
    due.schedule(DUE, "user", current.pk, timezone.now())
    return made


def going_on(erasure_id: int) -> Erasure:
    """The next part of an erasure, whole in one transaction; nothing where it has ended. Raises nothing."""
    with transaction.atomic():
        made = Erasure.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=erasure_id)
        if made.ended_at is None:
            _part(made)
        return made


def go_on_when_due(person_id: int, at: datetime) -> None:
    """For some seconds; what is left then is due again at once."""
    go_on(person_id, at, SECONDS)


def go_on(person_id: int, at: datetime, seconds: float) -> None:
    """Do parts for so many seconds, as long as there are some; what is left then is due at once. Raises nothing."""
    made = Erasure.objects.filter(user_id=person_id, ended_at=None).first()
    until = time.monotonic() + seconds
    while made is not None and made.ended_at is None:
        if time.monotonic() > until:
            due.schedule(DUE, "user", person_id, at)
            return
        made = going_on(made.pk)


def _part(made: Erasure) -> None:
    """Some blocks of a table, or several small tables: so many as take about a second, however busy the database is."""
    blocks, until = FEW, time.monotonic() + PART_SECONDS
    while made.tables_left:
        table, first, began = made.tables_left[0], made.at_block, time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", [table])
            (size,) = cursor.fetchone()
            last = min(first + blocks, size)
            if last > first:
                given = [made.user_id, naming_columns(), queries.skipped(), table, first, last]
                cursor.execute("SELECT erasure_mask(%s, %s, %s, %s, %s, %s)", given)
                made.masked = _sum(made.masked, {table: cursor.fetchone()[0]})
        made.at_block = last
        if last >= size:
            made.tables_left, made.at_block = made.tables_left[1:], 0
        elif time.monotonic() - began < PART_SECONDS / 4:
            blocks = min(2 * blocks, MANY)
        if time.monotonic() >= until:
            break
    if not made.tables_left:
        _end_of_round(made)
    made.save()


def _end_of_round(made: Erasure) -> None:
    """Where names stood is looked at once more: what was written there meanwhile may lie behind. Then it has ended."""
    if made.round == 1:
        made.round, made.at_block = 2, 0
        with connection.cursor() as cursor:  # what they came to be called meanwhile
            cursor.execute("SELECT erasure_begin(%s)", [made.user_id])
        made.tables_left = sorted(set(made.masked) & set(queries.tables()))
        if made.tables_left:
            return
    words = [word for word, _plain in queries.words_of(made.user)]
    _empty_the_account(made.user)
    _forget(words)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erasure_end(%s)", [made.user_id])
    made.ended_at = timezone.now()
    actor = actor_for(made.by, Door.WEB) if made.by is not None else Actor.system("erasure")
    lifecycle.announce(made.user, "erased", actor=actor, changes={"masked": [sum(made.masked.values()), 0]})


def _sum(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    found = dict(counts)
    for where, many in more.items():
        if many:
            found[where] = found.get(where, 0) + many
    return dict(sorted(found.items()))


@transaction.atomic
def hold(person: User, *, actor: Actor, reason: str) -> LegalHold:
    """Forbid to erase this person. Raises NotPermitted, InvalidInput, Conflict (held already, erased already)."""
    _administrators_only(actor)
    if is_blank(reason):
        raise InvalidInput(gettext("Say why they must be kept."), {"reason": [gettext("This may not be empty.")]})
    current = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if Erasure.objects.filter(user=current).exists() or LegalHold.objects.filter(user=current).exists():
        raise Conflict(gettext("They are held already, or were erased."))
    made = LegalHold.objects.create(user=current, reason=reason.strip()[:500], by_id=actor.id)
    lifecycle.announce(current, "held", actor=actor, changes={"legal_hold": [None, made.reason]})
    return made


@transaction.atomic
def lift_hold(person: User, *, actor: Actor) -> None:
    """Let this person be erased again. Raises NotPermitted, Conflict where nothing holds them."""
    _administrators_only(actor)
    current = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    found = LegalHold.objects.filter(user=current).first()
    if found is None:
        raise Conflict(gettext("No legal hold keeps them."))
    lifecycle.announce(current, "released", actor=actor, changes={"legal_hold": [found.reason, None]})
    found.delete()


def require_named(person: User, login: str) -> None:
    """Raise InvalidInput unless the user name was typed once more: nothing brings the names back."""
    if login.strip().casefold() != person.username.casefold():
        said = gettext("Type the user name %(login)s to confirm.") % {"login": person.username}
        raise InvalidInput.about("login", said)


def _administrators_only(actor: Actor) -> None:
    if not administrators(actor) or not (actor.is_human or actor.is_system):
        raise NotPermitted(gettext("%(actor_name)s may not erase people.") % {"actor_name": actor.name})


def _empty_the_account(person: User) -> None:
    EmailAddress.objects.filter(user=person).delete()
    person.refresh_from_db()
    person.username, person.name, person.email = f"erased-{person.pk}", "", ""
    person.keyboard, person.time_zone, person.password, person.location = {}, "UTC", make_password(None), None
    person.access_version += 1
    person.version += 1
    named = ["username", "name", "email", "keyboard", "time_zone", "password", "location"]
    person.save(update_fields=[*named, "access_version", "version"])


def _forget(words: Iterable[str]) -> None:
    """Failed sign-ins under these names, and what the search learned to spell of them; titles teach it again."""
    names = list(words)
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        for name in names:
            model.objects.filter(username__iexact=name).delete()
    parts = sorted({part.lower() for name in names for part in name.split()})
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_word WHERE lower(word) = ANY(%s)", [parts])
