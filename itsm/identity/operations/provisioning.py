"""Doing what a provider says about somebody: an account, roles and teams at sign-in, the end of it when they leave."""

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts import signing_in
from itsm.accounts.models import EmailAddress, Team, User
from itsm.accounts.operations.checks import locked_people
from itsm.accounts.operations.departing import deactivate, reactivate
from itsm.accounts.operations.people import add_user, edit_person
from itsm.accounts.own_roles import told_apart
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import MAX_GROUP, MAX_GROUPS, AllowedLink, ExternalIdentity, IdentityProvider
from itsm.identity.operations.planning import PersonPlan, as_said, preview
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How, Refusal
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound

PROVIDER = signing_in.provider("")
_USED_NOTED = timedelta(minutes=1)


def acting_for(provider: IdentityProvider) -> Actor:
    """Headroom itself, doing what this provider says."""
    return Actor.system(f"identity provider {provider.slug}")


def provision(provider: IdentityProvider, identified: Identified, *, at: datetime) -> User:
    """The account of somebody whom the provider vouches for, with what its groups give as of now.

    Found by (provider, subject) alone. Else a verified address leads to an account that an administrator invited or
    allowed, and to no other; else an account is made, where the provider's policy lets it. Safe to run twice.
    Raises SignUpRefused, and Conflict where two came at once for the third time.
    """
    used_long_ago = Q(last_used_at=None) | Q(last_used_at__lt=at - _USED_NOTED)
    for attempt in range(3):
        try:
            with transaction.atomic():
                user = _provisioned(provider, identified, at)
            break
        except (IntegrityError, Conflict):  # somebody else made the same account, or took the name, meanwhile
            if attempt == 2:
                raise
    IdentityProvider.objects.filter(used_long_ago, pk=provider.pk).update(last_used_at=at)
    return user


def _provisioned(provider: IdentityProvider, identified: Identified, at: datetime) -> User:
    _require_standing(provider)
    (plan,) = preview(provider, identified).people
    if plan.user is not None and plan.changes:  # as they stand while nobody else changes them
        locked_people(plan.user)
        (plan,) = preview(provider, identified).people
    if plan.how is How.REFUSED:
        raise SignUpRefused(plan.reason or Refusal.BAD_ANSWER, plan.sentence)
    user = plan.user if plan.user is not None else _made(provider, plan)
    known = _kept(provider, plan, user, at)
    _applied(provider, plan, user)
    _said(provider, plan, known, user, at)
    user.refresh_from_db()
    return user


def _require_standing(provider: IdentityProvider) -> None:
    """Hold it as it is trusted until this is done: who withdraws it waits, or was first. It is read anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT trusted_at IS NOT NULL AND withdrawn_at IS NULL FROM identity_identityprovider "
            "WHERE id = %s FOR SHARE",
            [provider.pk],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        said = _("%(name)s lets nobody in at the moment.") % {"name": provider.name}
        raise SignUpRefused(Refusal.NOT_TRUSTED, said)
    provider.refresh_from_db()


def require_open(user: User, by: str) -> None:
    """A provider lets nobody in who came to it before it was withdrawn. It is held as it stands until the session is
    there, to be found by who withdraws it. Other doors are passed over. Raises SignUpRefused."""
    if not by.startswith(PROVIDER):
        return
    provider = IdentityProvider.objects.filter(slug=by.removeprefix(PROVIDER)).first()
    if provider is not None:
        _require_standing(provider)


def _made(provider: IdentityProvider, plan: PersonPlan) -> User:
    return add_user(
        actor=acting_for(provider), username=plan.username, roles=[], name=plan.identified.name.strip()[:150]
    )


def _kept(provider: IdentityProvider, plan: PersonPlan, user: User, at: datetime) -> ExternalIdentity:
    """The row that says who they are; made where they are linked or new."""
    if plan.how is How.KNOWN:
        return ExternalIdentity.objects.select_for_update(of=("self",), no_key=True).get(provider=provider, user=user)
    said = plan.identified
    known = ExternalIdentity.objects.create(
        provider=provider, subject=said.subject, user=user, name_said=said.name[:150], first_at=at, said_at=at
    )
    if plan.how is How.LINKED:
        AllowedLink.objects.filter(provider=provider, user=user).delete()
        EmailAddress.objects.filter(user=user, email__iexact=said.email, verified_at=None).update(verified_at=at)
    changes = {"provider": [None, provider.slug], "subject": [None, said.subject]}
    lifecycle.announce(user, "identity_linked", actor=acting_for(provider), changes=changes)
    return known


def _applied(provider: IdentityProvider, plan: PersonPlan, user: User) -> None:
    """Roles and teams become what the plan says; who mapped what is gained is noted with it, for four eyes."""
    if not plan.changes:
        return
    actor = acting_for(provider)
    teams = Team.objects.in_bulk(list(plan.teams))
    roles, own_roles = told_apart(plan.roles)
    edit_person(
        user, actor=actor, version=None, version_required=False, roles=roles, own_roles=own_roles,
        memberships={teams[team]: lead for team, lead in plan.teams.items() if team in teams},
    )  # fmt: skip
    changes = {
        "provider": [None, provider.slug],
        "roles": [sorted(plan.before[0]), sorted(plan.roles)],
        "teams": [[], [teams[one].slug for one in plan.teams_joined if one in teams]],
        "mapped_by": [[], [str(one) for one in plan.makers]],
    }
    if plan.gains:
        lifecycle.announce(user, "provisioned", actor=actor, changes=changes)


def _said(provider: IdentityProvider, plan: PersonPlan, known: ExternalIdentity, user: User, at: datetime) -> None:
    """Keep what the provider says; name and address here follow as long as nobody changed them here."""
    actor, said = acting_for(provider), plan.identified
    if said.name.strip() and user.name in ("", known.name_said) and user.name != said.name.strip()[:150]:
        edit_person(user, actor=actor, version=None, version_required=False, name=said.name.strip()[:150])
    if said.email and said.email_verified and user.email.lower() in ("", known.email_said.lower()):
        _follow_address(user, said.email, actor, at)
    known.email_said, known.name_said, known.said_at = said.email[:254], said.name.strip()[:150], at
    if said.groups is not None:
        known.groups = [group[:MAX_GROUP] for group in said.groups[:MAX_GROUPS]]
        known.given = dict(plan.given)
    known.save(update_fields=["email_said", "name_said", "said_at", "groups", "given"])


def _follow_address(user: User, email: str, actor: Actor, at: datetime) -> None:
    """An address that the provider verified; one that is somebody's here already stays theirs."""
    owner = EmailAddress.objects.filter(email__iexact=email).values_list("user", flat=True).first()
    if owner is not None and owner != user.pk:
        return
    if user.email.lower() != email.lower():
        edit_person(user, actor=actor, version=None, version_required=False, email=email)
    EmailAddress.objects.filter(user=user, email__iexact=email, verified_at=None).update(verified_at=at)


@transaction.atomic
def deprovision(provider: IdentityProvider, subject: str, *, at: datetime) -> User:
    """The provider says that somebody has left: every way in ends, as when an administrator closes the account.

    Repeatable. Raises NotFound (it knows nobody of this name), Conflict (the last administrator stays).
    """
    known = _known(provider, subject)
    if known.user.is_active:
        reason = _("%(name)s says that they have left.") % {"name": provider.name}
        known.closed_as = deactivate(known.user, actor=acting_for(provider), reason=reason).access_version
    known.ended_at = known.ended_at or at
    known.save(update_fields=["ended_at", "closed_as"])
    return User.objects.get(pk=known.user_id)


@transaction.atomic
def restore(provider: IdentityProvider, subject: str, *, at: datetime) -> User:
    """Somebody whom this provider had taken away is back: the account works again, with what its groups say.

    What an administrator closed, or another provider, stays closed: the account is given back as it is then.
    Raises NotFound, Conflict (merged into another one), SignUpRefused.
    """
    known = _known(provider, subject)
    if known.ended_at is None:
        return known.user
    closed_as, known.ended_at, known.closed_as = known.closed_as, None, None
    known.save(update_fields=["ended_at", "closed_as"])
    if not known.user.is_active:
        if known.user.access_version != closed_as:  # somebody else closed it: first, or once more since
            return known.user
        reactivate(known.user, actor=acting_for(provider))
    return provision(provider, as_said(known), at=at)


def _known(provider: IdentityProvider, subject: str) -> ExternalIdentity:
    rows = ExternalIdentity.objects.select_for_update(of=("self",), no_key=True).filter(
        provider=provider, subject=subject
    )
    known = rows.select_related("user").first()
    if known is None:
        raise NotFound(_("%(name)s knows nobody of this name here.") % {"name": provider.name})
    return known
