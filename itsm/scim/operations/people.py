"""Users as a provider writes them, done: people whom the identity knows."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations import (
    deprovision,
    known_there,
    provision,
    refuse_double,
    restore,
    wait_at,
)
from itsm.scim.configured import believes_addresses, signs_in_by
from itsm.scim.documents import UserSaid
from itsm.scim.errors import unique
from itsm.scim.models import ScimUser
from itsm.scim.operations.following import follow, identified_of
from itsm.scim.operations.seen import as_seen, told


def create_user(provider: IdentityProvider, said: UserSaid, *, at: datetime) -> ScimUser:
    """Somebody new at the provider; whom it had taken away before is taken back, by what it calls them (externalId).

    Raises ScimRefused: 409 uniqueness, 403 where nobody may be made of them here.
    """
    number = uuid.uuid4()
    subject = said.external_id or str(number)
    with told(provider, said.user_name, at), transaction.atomic():
        key = said.user_name.casefold()
        alike = ScimUser.objects.filter(Q(user_key=key) | Q(subject=subject), provider=provider)
        for there in alike.values_list("user_key", flat=True):
            if there == key:
                raise unique(_("There is a user “%(name)s” already.") % {"name": said.user_name[:100]})
            raise unique(_("There is a user of this externalId already."))
        if ExternalIdentity.objects.filter(provider=provider, subject=subject, ended_at__isnull=False).exists():
            restore(provider, subject, at=at)
        sign_in = signs_in_by(provider)
        if sign_in is not None and believes_addresses(provider):
            known_there(sign_in, said.address, written_by=provider, at=at)
        identified = identified_of(provider, subject, said, ())
        refuse_double(provider, identified)
        user = provision(provider, identified, at=at)
        made = ScimUser(id=number, provider=provider, subject=subject, user=user, created_at=at)
        _written(made, said, at, new=True)
        if sign_in is not None:
            wait_at(sign_in, user, written_by=provider, at=at)
        if not said.active:
            made.user = deprovision(provider, subject, at=at)
    return made


def change_user(current: ScimUser, change: Callable[[ScimUser], UserSaid], *, seen: str | None, at: datetime) -> None:
    """The user as `change` says of what stands there, which nobody else changes meanwhile; `seen`: the tag that it must
    have still (If-Match). Who is not active any more is out at once: sessions and tokens end, what waited for them goes
    to others.

    Raises ScimRefused: what `change` raises, 404 gone, 412 not as seen, 409.
    """
    with told(current.provider, current.user_name, at), transaction.atomic():
        held = _held_user(current, seen)
        said = change(held)
        same = (held.user_name, held.external_id, held.active, held.document) == (
            said.user_name, said.external_id, said.active, said.document,
        )  # fmt: skip
        if not same:
            _written(held, said, at)
        follow(held, at)


def delete_user(current: ScimUser, *, seen: str | None, at: datetime) -> None:
    """They have left: as deactivated, and the provider finds nobody of this id any more. Raises ScimRefused."""
    with told(current.provider, current.user_name, at), transaction.atomic():
        held = _held_user(current, seen)
        deprovision(held.provider, held.subject, at=at)
        held.delete()


def _written(held: ScimUser, said: UserSaid, at: datetime, *, new: bool = False) -> None:
    held.user_name, held.user_key = said.user_name, said.user_name.casefold()
    held.external_id, held.active, held.document = said.external_id, said.active, said.document
    held.addresses = sorted({str(one["value"]).casefold() for one in said.document.get("emails", [])})
    held.changed_at = at
    held.version += 0 if new else 1
    held.save(force_insert=new)


def _held_user(current: ScimUser, seen: str | None) -> ScimUser:
    rows = ScimUser.objects.select_for_update(of=("self",), no_key=True).select_related("user", "provider")
    return as_seen(rows.filter(pk=current.pk).first(), seen)
