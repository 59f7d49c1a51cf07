"""Doing what a provider says about somebody: an account, roles and teams at sign-in, the end of it when they leave."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
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
from itsm.identity.operations.planning import as_said, preview
from itsm.identity.operations.plans import PersonPlan
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How, Refusal
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotFound

PROVIDER = signing_in.provider("")
_USED_NOTED = timedelta(minutes=1)


def acting_for(provider: IdentityProvider) -> Actor:
    """Headroom itself, doing what this provider says."""
    return Actor.system(f"identity provider {provider.name}")


def provision(
    provider: IdentityProvider, identified: Identified, *, at: datetime, expecting: User | None = None
) -> User:
    """The account of somebody whom the provider vouches for, with what its groups give as of now.

    Found by (provider, subject) alone. Else a verified address leads to an account that an administrator invited or
    allowed, and to no other; else an account is made, where the provider's policy lets it. Safe to run twice.
    `expecting`: whose groups are known to have changed: that account is locked before it is looked at, instead of
    looked at twice.
    Raises SignUpRefused, and Conflict where two came at once for the third time.
    """
    for attempt in range(3):
        try:
            with transaction.atomic():
                user = _provisioned(provider, identified, at, expecting)
            break
        except (IntegrityError, Conflict):  # somebody else made the same account, or took the name, meanwhile
            if attempt == 2:
                raise
    if provider.last_used_at is None or provider.last_used_at < at - _USED_NOTED:
        IdentityProvider.objects.filter(pk=provider.pk).update(last_used_at=at)
        provider.last_used_at = at
    return user


def _provisioned(provider: IdentityProvider, identified: Identified, at: datetime, expecting: User | None) -> User:
    _require_standing(provider)
    if expecting is not None:
        locked_people(expecting)
    (plan,) = preview(provider, identified).people
    if plan.user is not None and plan.changes and (expecting is None or expecting.pk != plan.user.pk):
        locked_people(plan.user)  # as they stand while nobody else changes them
        (plan,) = preview(provider, identified).people
    if plan.how is How.REFUSED:
        raise SignUpRefused(plan.reason or Refusal.BAD_ANSWER, plan.sentence)
    teams = (
        {team: plan.teams[team.pk] for team in Team.objects.in_bulk(list(plan.teams)).values()} if plan.teams else {}
    )
    user = plan.user if plan.user is not None else _made(provider, plan, teams, at)
    known = _kept(provider, plan, user, at)
    if plan.user is not None:
        _changed(provider, plan, known, user, teams, at)
        _said(plan, known, at)
    if plan.gains and (plan.user is not None or plan.makers):
        _tell_makers(provider, plan, user, teams)
    user.refresh_from_db()
    return user


def _require_standing(provider: IdentityProvider) -> None:
    """Hold it as it is trusted until this is done: who withdraws it waits, or was first. It is read anew."""
    rows = IdentityProvider.objects.raw(
        "SELECT * FROM identity_identityprovider WHERE id = %s FOR SHARE", [provider.pk]
    )
    found = next(iter(rows), None)
    if found is None or found.trusted_at is None or found.withdrawn_at is not None:
        said = _("%(name)s lets nobody in at the moment.") % {"name": provider.name}
        raise SignUpRefused(Refusal.NOT_TRUSTED, said)
    for one in IdentityProvider._meta.concrete_fields:
        setattr(provider, one.attname, getattr(found, one.attname))


def require_open(user: User, by: str) -> None:
    """A provider lets nobody in who came to it before it was withdrawn. It is held as it stands until the session is
    there, to be found by who withdraws it. Other doors are passed over. Raises SignUpRefused."""
    if not by.startswith(PROVIDER):
        return
    provider = IdentityProvider.objects.filter(slug=by.removeprefix(PROVIDER)).first()
    if provider is not None:
        _require_standing(provider)


def _made(provider: IdentityProvider, plan: PersonPlan, teams: Mapping[Team, bool], at: datetime) -> User:
    """Somebody new, with everything that the plan gives them: one deed, one entry of the history."""
    said, (roles, own_roles) = plan.identified, told_apart(plan.roles)
    email = said.email if said.email and said.email_verified and not _is_somebodys(said.email, None) else ""
    user = add_user(
        actor=acting_for(provider), username=plan.username, name=_name_of(said), email=email, roles=roles,
        own_roles=own_roles, teams=list(teams), leads=[team for team, lead in teams.items() if lead],
    )  # fmt: skip
    if email:
        _verified(user, email, at)
    return user


def _kept(provider: IdentityProvider, plan: PersonPlan, user: User, at: datetime) -> ExternalIdentity:
    """The row that says who they are; made where they are linked or new."""
    if plan.how is How.KNOWN:
        return ExternalIdentity.objects.select_for_update(of=("self",), no_key=True).get(provider=provider, user=user)
    said = plan.identified
    known = ExternalIdentity(
        provider=provider, subject=said.subject, user=user, name_said=said.name[:150], first_at=at, said_at=at
    )
    if plan.how is How.NEW:
        _take_over(plan, known, at)
    known.save(force_insert=True)
    if plan.how is How.LINKED:
        AllowedLink.objects.filter(provider=provider, user=user).delete()
        _verified(user, said.email, at)
    changes = {"provider": [None, provider.name], "subject": [None, said.subject]}
    lifecycle.announce(user, "identity_linked", actor=acting_for(provider), changes=changes)
    return known


def _changed(
    provider: IdentityProvider, plan: PersonPlan, known: ExternalIdentity, user: User, teams: Mapping[Team, bool],
    at: datetime,
) -> None:  # fmt: skip
    """Roles and teams become what the plan says; name and address follow as long as nobody changed them here. All of it
    is one edit, and none where nothing is other than it was."""
    said, fields = plan.identified, dict[str, Any]()
    if plan.changes:
        roles, own_roles = told_apart(plan.roles)
        fields |= {"roles": roles, "own_roles": own_roles, "memberships": dict(teams)}
    if said.name.strip() and user.name in ("", known.name_said) and user.name != _name_of(said):
        fields["name"] = _name_of(said)
    follows = bool(said.email and said.email_verified and user.email.lower() in ("", known.email_said.lower()))
    follows = follows and not _is_somebodys(said.email, user)
    if follows and user.email.lower() != said.email.lower():
        fields["email"] = said.email
    if fields:
        edit_person(user, actor=acting_for(provider), version=None, version_required=False, **fields)
    if follows:
        _verified(user, said.email, at)


def _tell_makers(provider: IdentityProvider, plan: PersonPlan, user: User, teams: Mapping[Team, bool]) -> None:
    """Who mapped what is gained is noted with it, for four eyes."""
    joined = set(plan.teams_joined)
    changes = {
        "provider": [None, provider.name],
        "roles": [sorted(plan.before[0]), sorted(plan.roles)],
        "teams": [[], sorted(one.slug for one in teams if one.pk in joined)],
        "mapped_by": [[], [str(one) for one in plan.makers]],
    }
    lifecycle.announce(user, "provisioned", actor=acting_for(provider), changes=changes)


def _said(plan: PersonPlan, known: ExternalIdentity, at: datetime) -> None:
    _take_over(plan, known, at)
    known.save(update_fields=["email_said", "name_said", "said_at", "groups", "given"])


def _take_over(plan: PersonPlan, known: ExternalIdentity, at: datetime) -> None:
    """What the provider says, as it is kept."""
    said = plan.identified
    known.email_said, known.name_said, known.said_at = said.email[:254], _name_of(said), at
    if said.groups is not None:
        known.groups = [group[:MAX_GROUP] for group in said.groups[:MAX_GROUPS]]
        known.given = dict(plan.given)


def _name_of(said: Identified) -> str:
    return said.name.strip()[:150]


def _is_somebodys(email: str, user: User | None) -> bool:
    """An address that is somebody else's here already stays theirs."""
    owner = EmailAddress.objects.filter(email__iexact=email).values_list("user", flat=True).first()
    return owner is not None and (user is None or owner != user.pk)


def _verified(user: User, email: str, at: datetime) -> None:
    """The provider verified it."""
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
