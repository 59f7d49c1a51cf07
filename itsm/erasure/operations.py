"""Erasing a person, and the legal hold that forbids it."""

from collections.abc import Iterable

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.models import EmailAddress, User
from itsm.accounts.permissions import administrators
from itsm.erasure import queries
from itsm.erasure.models import Erasure, LegalHold
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank


@transaction.atomic
def erase(person: User, *, actor: Actor) -> Erasure:
    """Mask the names of a person who has left wherever the database says them: accounts, histories (also those that
    only grow), messages, files' names. What they did stays, done by `erased-<id>`.

    Out of reach, and said on the page: nicknames and first names in what people wrote, bytes of files (those of
    mails that they wrote go), backups; a user name that is a plain word is masked where a column names somebody, not
    in texts; rows that a hash proves.
    Safe to run twice: the second time finds nothing. Raises NotPermitted (others than administrators), Conflict (an
    active account, a program, a legal hold).
    """
    _administrators_only(actor)
    current = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if why := queries.why_not(current):
        raise Conflict(why)
    made, _is_new = Erasure.objects.get_or_create(user=current, defaults={"by_id": actor.id})
    words = [word for word, _plain in queries.words_of(current)]
    counts = queries.masked(current, only_count=False)
    _empty_the_account(current)
    _forget(words)
    made.masked = {**counts, **{where: n + counts.get(where, 0) for where, n in made.masked.items()}}
    made.save(update_fields=["masked"])
    if counts or words:
        lifecycle.announce(current, "erased", actor=actor, changes={"masked": [sum(counts.values()), 0]})
    return made


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
