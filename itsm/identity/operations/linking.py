"""One company, two providers: who is written by the one comes in by the other."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.models import EmailAddress, User
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import AllowedLink, ExternalIdentity, IdentityProvider
from itsm.identity.operations.planning import preview
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How, Refusal


def wait_at(sign_in: IdentityProvider, user: User, *, written_by: IdentityProvider, at: datetime) -> None:
    """This account, which `written_by` made just now, waits at `sign_in` for whoever has its verified address there.

    That the two go together was confirmed with the configuration of `written_by`. Repeatable; raises nothing.
    """
    all_wait_at(sign_in, User.objects.filter(pk=user.pk), written_by=written_by, at=at)


def all_wait_at(
    sign_in: IdentityProvider, people: QuerySet[User], *, written_by: IdentityProvider, at: datetime
) -> None:
    """The same of all of these, whom `written_by` made before. Repeatable; raises nothing."""
    known = ExternalIdentity.objects.filter(provider=sign_in).values("user")
    wait = people.exclude(email="").exclude(pk__in=known)
    AllowedLink.objects.bulk_create(
        [
            AllowedLink(provider=sign_in, user_id=one, allowed_by_id=written_by.made_by_id, at=at)
            for one in wait.values_list("pk", flat=True)
        ],
        ignore_conflicts=True, batch_size=1000,
    )  # fmt: skip


def refuse_double(provider: IdentityProvider, identified: Identified) -> None:
    """Raise SignUpRefused where an account would be made for an address that the provider vouches for, and that is
    somebody's here: they would be there twice, and their leaving would close the account that nobody uses.

    The refusals of the provider show who they are; an administrator lets these accounts be known by it, or says by
    which provider its people sign in.
    """
    if not identified.email or not identified.email_verified:
        return
    theirs = EmailAddress.objects.filter(
        Q(is_primary=True) | Q(verified_at__isnull=False), email__iexact=identified.email, user__is_active=True,
        user__account_type=User.AccountType.HUMAN,
    )  # fmt: skip
    owner = theirs.select_related("user").first()
    if owner is None or ExternalIdentity.objects.filter(provider=provider, user=owner.user).exists():
        return
    (plan,) = preview(provider, identified).people
    if plan.how is How.NEW:
        said = _(
            "Somebody has this address here already: an administrator lets that account be known by %(name)s, or says "
            "by which provider its people sign in."
        )
        raise SignUpRefused(Refusal.DOUBLE, said % {"name": provider.name})


def known_there(sign_in: IdentityProvider, address: str, *, written_by: IdentityProvider, at: datetime) -> None:
    """Whom `sign_in` lets in already by this verified address, `written_by` may know: they are not made a second time.

    Else their leaving would close an account that nobody uses. Only for a provider whose addresses are believed; that
    the two go together was confirmed with its configuration. Repeatable; raises nothing.
    """
    if not address:
        return
    here = ExternalIdentity.objects.filter(
        provider=sign_in, ended_at=None, email_said__iexact=address, user__is_active=True,
        user__addresses__email__iexact=address, user__addresses__verified_at__isnull=False,
    )  # fmt: skip
    people = set(here.values_list("user", flat=True))
    people -= set(ExternalIdentity.objects.filter(provider=written_by, user__in=people).values_list("user", flat=True))
    AllowedLink.objects.bulk_create(
        [AllowedLink(provider=written_by, user_id=one, allowed_by_id=written_by.made_by_id, at=at) for one in people],
        ignore_conflicts=True,
    )
