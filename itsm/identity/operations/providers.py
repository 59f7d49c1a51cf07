"""Setting up a provider, trusting it, changing and withdrawing it. What widens takes two administrators."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts import signing_in
from itsm.accounts.operations import end_sessions_by
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.identity import protocols
from itsm.identity.models import AllowedLink, GroupMapping, IdentityProvider
from itsm.identity.operations import keeping
from itsm.identity.operations.provider_fields import (
    as_it_would_be,
    checked,
    differences,
    require_domain,
    require_free,
    sign_up_in_words,
    widens,
)
from itsm.identity.vocabulary import SignUp
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, WrongState
from itsm.locks import AdvisoryLock, one_at_a_time

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# An address of our own pages lies there.
_RESERVED = frozenset({"add", "mappings", "none", "people"})


def set_up(
    *,
    actor: Actor,
    name: str,
    slug: str,
    protocol: str,
    configuration: Mapping[str, Any],
    at: datetime,
    sign_up: str = SignUp.INVITED,
    domains: Sequence[str] = (),
    manages_roles: bool = False,
    manages_teams: bool = False,
) -> IdentityProvider:
    """A provider that lets nobody in yet: it is tried out, its groups are mapped, then it is trusted.

    Raises NotPermitted, InvalidInput (by field), Conflict (the short name is taken).
    """
    keeping.require_keeper(actor)
    if not _SLUG.fullmatch(slug) or slug in _RESERVED:
        raise InvalidInput.about("slug", _("A short name is made of small letters, digits and hyphens, at most 40."))
    if protocol not in {one.value for one in protocols.known()}:
        raise InvalidInput.about("protocol", _("There is no such protocol here."))
    words = {"name": name, "sign_up": sign_up, "domains": domains, "configuration": configuration}
    made = IdentityProvider(slug=slug, protocol=protocol, asked_at=at, made_by_id=actor.account_id)
    for field, value in checked(
        made, {**words, "manages_roles": manages_roles, "manages_teams": manages_teams}
    ).items():
        setattr(made, field, value)
    require_domain(made)
    try:
        with transaction.atomic():
            _require_free_for_good(made.name, None)
            made.save(force_insert=True)
            lifecycle.created(made, actor=actor, changes={"protocol": [None, protocol]}, at=at)
    except IntegrityError as error:
        raise Conflict(_("There is a provider with this short name already.")) from error
    return made


def change(
    provider: IdentityProvider, *, actor: Actor, version: int | None, at: datetime, **fields: Any
) -> IdentityProvider:
    """Change what is given of `FIELDS`. Of one that is trusted, what is more than another name or fewer people `awaits`
    a second administrator, where there is one.

    Raises NotPermitted, PasswordNeeded, InvalidInput, WrongState (withdrawn; what `trust` refuses), StaleVersion,
    VersionRequired.
    """
    keeping.require_keeper(actor)
    wanted = checked(provider, fields)
    changed = {name: value for name, value in wanted.items() if value != getattr(provider, name)}
    if provider.trusted_at is not None and provider.withdrawn_at is None and widens(provider, changed):
        lifecycle.check_version(provider, version, required=True)
        if not keeping.alone(actor, doing=_("change a provider of identity")):
            require_domain(as_it_would_be(provider, changed))
            subject = _("Change how people come in by %(name)s") % {"name": provider.name}
            payload = {"version": provider.version, "fields": changed}
            said = differences(provider, changed)
            return keeping.proposed(provider, keeping.CHANGE, subject, said, payload, actor=actor, at=at)
    return _changed(provider, changed, actor, version)


def change_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises StaleVersion where it was changed meanwhile, InvalidInput
    where another got its name."""
    provider = IdentityProvider.objects.get(pk=confirmation.record_id)
    _changed(provider, confirmation.payload["fields"], actor, confirmation.payload["version"])


def _changed(
    provider: IdentityProvider, fields: Mapping[str, Any], actor: Actor, version: int | None
) -> IdentityProvider:
    with lifecycle.edit(provider, actor=actor, version=version) as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("%(name)s was withdrawn.") % {"name": current.name})
        if "name" in fields:
            _require_free_for_good(fields["name"], current.pk)
        for name, value in fields.items():
            setattr(current, name, value)
        if "configuration" in fields:
            current.known, current.known_at, current.last_error = {}, None, ""
        require_domain(current)
        if current.trusted_at is not None and fields.get("sign_up", SignUp.INVITED) != SignUp.INVITED:
            protocols.require_answers(current)
        if "manages_roles" in fields or "manages_teams" in fields:
            current.settling_owed = True
    return current


def _require_free_for_good(name: str, mine: int | None) -> None:
    """Since it was checked another may have been given it: by another administrator, while this one awaited a second.
    Raises InvalidInput."""
    one_at_a_time(AdvisoryLock.NAMES_OF_PROVIDERS)
    require_free(name, mine)


def trust(provider: IdentityProvider, *, actor: Actor, version: int | None, at: datetime) -> IdentityProvider:
    """Let people in by it, with the groups as they are mapped now. It `awaits` a second administrator, if there is one.

    Raises NotPermitted, PasswordNeeded (no other administrator), WrongState (trusted or withdrawn, or a provider that
    writes the same people has not said so), StaleVersion, VersionRequired.
    """
    keeping.require_keeper(actor)
    lifecycle.check_version(provider, version, required=True)
    _require_draft(provider)
    protocols.require_answers(provider)
    drafted = list(provider.mappings.filter(withdrawn_at=None, trusted_at=None).select_related("team"))
    payload = {"version": provider.version, "mappings": [one.pk for one in drafted]}
    if keeping.alone(actor, doing=_("trust a provider of identity")):
        return _trusted(provider, payload, actor, at)
    told = [
        Difference(_("People are known by"), _("nobody new"), f"{provider.name} ({provider.get_protocol_display()})"),
        Difference(_("Accounts are made for"), _("nobody"), sign_up_in_words(provider)),
        *(Difference(_("Who is in the group %(group)s") % {"group": one.group}, "–", one.means) for one in drafted),
    ]
    subject = _("Let people in by %(name)s") % {"name": provider.name}
    return keeping.proposed(provider, keeping.TRUST, subject, told, payload, actor=actor, at=at)


def trust_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState, StaleVersion where it is not as they saw it."""
    _trusted(IdentityProvider.objects.get(pk=confirmation.record_id), confirmation.payload, actor, at)


def _trusted(provider: IdentityProvider, payload: Mapping[str, Any], actor: Actor, at: datetime) -> IdentityProvider:
    with lifecycle.edit(provider, actor=actor, version=payload["version"], event="trusted") as current:
        _require_draft(current)
        protocols.require_answers(current)
        current.trusted_at = at
        rows = GroupMapping.objects.filter(provider=current, pk__in=payload["mappings"], withdrawn_at=None)
        for mapping in rows.order_by("pk"):
            with lifecycle.edit(mapping, actor=actor, version=None, version_required=False, event="trusted") as one:
                one.trusted_at = at
    return current


def withdraw(provider: IdentityProvider, *, actor: Actor, version: int | None, at: datetime) -> IdentityProvider:
    """Nobody comes in by it any more, at once; sessions that began by it end. Accounts, and what they hold, stay.

    Raises NotPermitted, WrongState (withdrawn already), StaleVersion, VersionRequired.
    """
    keeping.require_keeper(actor)
    with lifecycle.edit(provider, actor=actor, version=version, event="withdrawn") as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("It was withdrawn already."))
        current.withdrawn_at = at
        AllowedLink.objects.filter(provider=current).delete()
        end_sessions_by(signing_in.provider(current.slug), actor=actor)
    return current


def _require_draft(provider: IdentityProvider) -> None:
    if provider.trusted_at is not None or provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s is %(standing)s.") % {"name": provider.name, "standing": provider.standing.label})
