"""Addresses of a person: one is the primary one, to which mails go; each belongs to one account."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import links, permissions
from itsm.accounts.models import EmailAddress, User
from itsm.accounts.operations.checks import checked, people_keep_who_decides, require_unsealed
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted

MAX_ADDRESSES = 10


@transaction.atomic
def add_address(user: User, email: str, *, actor: Actor) -> EmailAddress:
    """One more address, not verified yet: a mail with a link goes there.

    Raises NotPermitted, InvalidInput (no address, too many), Conflict (somebody's already).
    """
    _own_or_keeper(user, actor)
    if user.addresses.count() >= MAX_ADDRESSES:
        raise InvalidInput.about(
            "email", gettext("%(most)s addresses are enough; take one away first.") % {"most": MAX_ADDRESSES}
        )
    address = _kept(EmailAddress(user=user, email=email))
    links.owe_mail(user, links.Purpose.ADDRESS, about=str(address.pk))
    lifecycle.announce(user, "address_added", actor=actor, changes={"addresses": [None, address.email]})
    return address


@transaction.atomic
def verify_address(token: str, *, actor: Actor) -> EmailAddress:
    """Somebody who reads its mail followed the link. Raises NotFound (the link opens nothing), NotPermitted."""
    opened = links.opened(token, links.Purpose.ADDRESS)
    if opened is None or not opened.about.isdecimal():
        raise NotFound(gettext("This link has been used, has expired, or was never ours."))
    if actor.id != opened.user.pk:
        raise NotPermitted(gettext("Sign in as whose address it is, then follow the link again."))
    address = EmailAddress.objects.select_for_update(no_key=True).filter(pk=int(opened.about), user=opened.user).first()
    if address is None:
        raise NotFound(gettext("This address was taken away meanwhile."))
    if address.verified_at is None:
        address.verified_at = timezone.now()
        address.save(update_fields=["verified_at"])
        lifecycle.announce(opened.user, "address_verified", actor=actor, changes={"addresses": [None, address.email]})
    return address


@transaction.atomic
def make_primary(user: User, address: EmailAddress, *, actor: Actor) -> EmailAddress:
    """Mails go there from now on. One's own must be verified first. Raises NotPermitted, Conflict."""
    _own_or_keeper(user, actor)
    if address.verified_at is None and not permissions.people_keepers(actor):
        raise Conflict(gettext("Follow the link that was mailed to %(email)s first.") % {"email": address.email})
    before = user.email
    user.addresses.filter(is_primary=True).update(is_primary=False)
    address.is_primary = True
    address.save(update_fields=["is_primary"])
    lifecycle.announce(user, "address_chosen", actor=actor, changes={"email": [before, address.email]})
    return address


@transaction.atomic
def remove_address(user: User, address: EmailAddress, *, actor: Actor) -> None:
    """Take an address away. Raises NotPermitted, Conflict (the primary one while there are others)."""
    _own_or_keeper(user, actor)
    if address.is_primary and user.addresses.count() > 1:
        raise Conflict(gettext("Make another address the primary one first."))
    address.delete()
    lifecycle.announce(user, "address_removed", actor=actor, changes={"addresses": [address.email, None]})


def set_primary_address(user: User, email: str) -> None:
    """What an administrator says: this is where mails go; an empty one takes all away.

    In the caller's transaction, which notes it. Raises InvalidInput, Conflict (somebody else's).
    """
    if not email:
        user.addresses.all().delete()
    else:
        known = user.addresses.filter(email__iexact=email).first()
        user.addresses.filter(is_primary=True).update(is_primary=False)
        if known is None:
            _kept(EmailAddress(user=user, email=email, is_primary=True))
        else:
            known.is_primary = True
            known.save(update_fields=["is_primary"])
    user.refresh_from_db(fields=["email"])


def _kept(address: EmailAddress) -> EmailAddress:
    try:
        with transaction.atomic():
            checked(address).save()
    except IntegrityError as error:
        raise Conflict(gettext("%(email)s belongs to an account already.") % {"email": address.email}) from error
    return address


def _own_or_keeper(user: User, actor: Actor) -> None:
    if actor.id == user.pk:
        return
    if not permissions.people_keepers(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not change addresses of %(user)s.") % {"actor_name": actor.name, "user": user}
        )
    require_unsealed(user, actor)
    people_keep_who_decides(actor, *user.roles)
