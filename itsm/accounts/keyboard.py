"""Which single keys a person has chosen on pages, or that they want none (WCAG 2.1.4).

`USUAL` are the keys as the pages know them. A choice maps some of them to keys of one's own: {"a": "q"} means that q
does what a did, and that a does nothing. No two may share one key.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion

USUAL = (*"jkoxacdefgnpqrtuvwslmbzAJK", "/", ".", ":", "?", "[", "]")


def set_keyboard(
    user: User, *, actor: Actor, single_keys: bool, remapped: Mapping[str, str], version: int | None = None
) -> User:
    """Keep one's own keys. `version` (of the account) only where the caller has read one.

    Raises NotPermitted for anybody else's, InvalidInput for keys that do not exist or clash, StaleVersion.
    """
    if actor.id != user.pk:
        raise NotPermitted(gettext("%(actor_name)s may choose only their own keys.") % {"actor_name": actor.name})
    wanted = _checked(remapped)
    kept: dict[str, Any] = {**({} if single_keys else {"off": True}), **({"map": wanted} if wanted else {})}
    with transaction.atomic():
        current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if version is not None and version != current.version:
            raise StaleVersion(
                gettext("Your account is at version %(now)s; you read version %(read)s.")
                % {"now": current.version, "read": version},
                version=current.version,
            )
        if current.keyboard != kept:
            record_event("user.keys_chosen", current, actor=actor, changes={"keyboard": [current.keyboard, kept]})
            current.keyboard, current.version = kept, current.version + 1
            current.save(update_fields=["keyboard", "version"])
    return current


def _checked(remapped: Mapping[str, str]) -> dict[str, str]:
    """Only what differs from the usual keys."""
    errors: dict[str, list[str]] = {}
    for usual, own in remapped.items():
        if usual not in USUAL:
            known = ", ".join(USUAL)
            errors[str(usual)[:20]] = [
                gettext("There is no such key; the usual ones are %(known)s.") % {"known": known}
            ]
        elif len(own) != 1 or not own.isprintable() or own.isspace():
            errors[usual] = [gettext("One letter, digit or sign.")]
    used: dict[str, str] = {}
    for usual in USUAL:
        own = str(remapped.get(usual, usual))
        if own in used:
            errors[usual if usual in remapped else used[own]] = [
                gettext("The key %(own)s would do two things: what %(one)s and what %(other)s did.")
                % {"own": own, "one": used[own], "other": usual}
            ]
        used[own] = usual
    if errors:
        raise InvalidInput(gettext("These keys cannot be used."), errors)
    return {usual: own for usual, own in remapped.items() if own != usual}
