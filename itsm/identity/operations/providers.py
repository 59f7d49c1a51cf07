"""Setting up a provider, trusting it, changing and withdrawing it. What widens takes two administrators."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts import signing_in
from itsm.accounts.models import User
from itsm.accounts.operations import end_sessions_by
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.identity import protocols
from itsm.identity.models import MAX_DOMAINS, AllowedLink, ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations import keeping
from itsm.identity.vocabulary import SignUp
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, WrongState
from itsm.kernel.texts import is_blank

_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# An address of our own pages lies there.
_RESERVED = frozenset({"add", "mappings", "none", "people"})
_WIDER = {SignUp.INVITED: 0, SignUp.DOMAINS: 1, SignUp.EVERYBODY: 2}
MOST_LINKS = 5000
FIELDS = ("name", "sign_up", "domains", "configuration", "manages_roles", "manages_teams")


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
    for field, value in _checked(
        made, {**words, "manages_roles": manages_roles, "manages_teams": manages_teams}
    ).items():
        setattr(made, field, value)
    _require_domain(made)
    try:
        with transaction.atomic():
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

    Raises NotPermitted, PasswordNeeded, InvalidInput, WrongState (withdrawn), StaleVersion, VersionRequired.
    """
    keeping.require_keeper(actor)
    wanted = _checked(provider, fields)
    changed = {name: value for name, value in wanted.items() if value != getattr(provider, name)}
    if provider.trusted_at is not None and provider.withdrawn_at is None and _widens(provider, changed):
        lifecycle.check_version(provider, version, required=True)
        if not keeping.alone(actor, doing=_("change a provider of identity")):
            _require_domain(_as_it_would_be(provider, changed))
            subject = _("Change how people come in by %(name)s") % {"name": provider.name}
            payload = {"version": provider.version, "fields": changed}
            differences = _differences(provider, changed)
            return keeping.proposed(provider, keeping.CHANGE, subject, differences, payload, actor=actor, at=at)
    return _changed(provider, changed, actor, version)


def change_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises StaleVersion where it was changed meanwhile."""
    provider = IdentityProvider.objects.get(pk=confirmation.record_id)
    _changed(provider, confirmation.payload["fields"], actor, confirmation.payload["version"])


def _changed(
    provider: IdentityProvider, fields: Mapping[str, Any], actor: Actor, version: int | None
) -> IdentityProvider:
    with lifecycle.edit(provider, actor=actor, version=version) as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("%(name)s was withdrawn.") % {"name": current.name})
        for name, value in fields.items():
            setattr(current, name, value)
        if "configuration" in fields:
            current.known, current.known_at, current.last_error = {}, None, ""
        _require_domain(current)
        if "manages_roles" in fields or "manages_teams" in fields:
            current.settling_owed = True
    return current


def trust(provider: IdentityProvider, *, actor: Actor, version: int | None, at: datetime) -> IdentityProvider:
    """Let people in by it, with the groups as they are mapped now. It `awaits` a second administrator, if there is one.

    Raises NotPermitted, PasswordNeeded (no other administrator), WrongState (trusted or withdrawn), StaleVersion,
    VersionRequired.
    """
    keeping.require_keeper(actor)
    lifecycle.check_version(provider, version, required=True)
    _require_draft(provider)
    drafted = list(provider.mappings.filter(withdrawn_at=None, trusted_at=None).select_related("team"))
    payload = {"version": provider.version, "mappings": [one.pk for one in drafted]}
    if keeping.alone(actor, doing=_("trust a provider of identity")):
        return _trusted(provider, payload, actor, at)
    differences = [
        Difference(_("People are known by"), _("nobody new"), f"{provider.name} ({provider.get_protocol_display()})"),
        Difference(_("Accounts are made for"), _("nobody"), sign_up_in_words(provider)),
        *(Difference(_("Who is in the group %(group)s") % {"group": one.group}, "–", one.means) for one in drafted),
    ]
    subject = _("Let people in by %(name)s") % {"name": provider.name}
    return keeping.proposed(provider, keeping.TRUST, subject, differences, payload, actor=actor, at=at)


def trust_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState, StaleVersion where it is not as they saw it."""
    _trusted(IdentityProvider.objects.get(pk=confirmation.record_id), confirmation.payload, actor, at)


def _trusted(provider: IdentityProvider, payload: Mapping[str, Any], actor: Actor, at: datetime) -> IdentityProvider:
    with lifecycle.edit(provider, actor=actor, version=payload["version"], event="trusted") as current:
        _require_draft(current)
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


def allow_links(provider: IdentityProvider, people: Sequence[User], *, actor: Actor, at: datetime) -> IdentityProvider:
    """Let these accounts be known by this provider, by whoever has their address, verified, there. Once each.

    Of no use for who is known by it already; whom it had taken away, and whose account was opened here by hand, is
    known to it again as who they were there. It `awaits` a second administrator, where there is one.
    Raises NotPermitted, PasswordNeeded, InvalidInput (nobody, too many, programs), WrongState.
    """
    keeping.require_keeper(actor)
    if provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s was withdrawn.") % {"name": provider.name})
    there = dict(ExternalIdentity.objects.filter(provider=provider).values_list("user", "ended_at"))
    known = {user for user, ended_at in there.items() if ended_at is None}
    people = [one for one in people if one.is_human and one.is_active and one.pk not in known]
    wanted = [one for one in people if one.email or one.pk in there]
    if not wanted or len(wanted) > MOST_LINKS:
        said = _("Name 1 to %(most)s people who are active, have a mail address and are not known by it yet.")
        raise InvalidInput.about("people", said % {"most": MOST_LINKS})
    payload = {"people": sorted(one.pk for one in wanted), "by": actor.account_id}
    if keeping.alone(actor, doing=_("let accounts be known by a provider of identity")):
        _allowed(provider, payload, actor, at)
        return provider
    names = ", ".join(sorted(one.username for one in wanted[:20]))
    after = (
        names if len(wanted) <= 20 else _("%(names)s and %(more)s more") % {"names": names, "more": len(wanted) - 20}
    )
    differences = [Difference(_("Known by whoever has their verified address there"), _("nobody"), after)]
    subject = _("Let %(count)s accounts be known by %(name)s") % {"count": len(wanted), "name": provider.name}
    return keeping.proposed(provider, keeping.LINK, subject, differences, payload, actor=actor, at=at)


def links_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises nothing."""
    _allowed(IdentityProvider.objects.get(pk=confirmation.record_id), confirmation.payload, actor, at)


@transaction.atomic
def _allowed(provider: IdentityProvider, payload: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    people = User.objects.filter(pk__in=payload["people"], is_active=True)
    gone = ExternalIdentity.objects.filter(provider=provider, user__in=people, ended_at__isnull=False)
    back = set(gone.values_list("user", flat=True))
    gone.update(ended_at=None, closed_as=None)
    allowed = [
        AllowedLink(provider=provider, user=one, allowed_by_id=payload["by"], at=at)
        for one in people
        if one.pk not in back
    ]
    AllowedLink.objects.bulk_create(allowed, ignore_conflicts=True)
    changes = {"people": [[], sorted(one.username for one in people)[:200]]}
    lifecycle.announce(provider, "linking_allowed", actor=actor, changes=changes)


def sign_up_in_words(provider: IdentityProvider) -> str:
    """`whose verified address is of one of these domains: acme.test`."""
    said = provider.get_sign_up_display()
    return f"{said}: {', '.join(provider.domains)}" if provider.domains else said


def _require_draft(provider: IdentityProvider) -> None:
    if provider.trusted_at is not None or provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s is %(standing)s.") % {"name": provider.name, "standing": provider.standing.label})


def _widens(provider: IdentityProvider, changed: Mapping[str, Any]) -> bool:
    """Whether anybody else could come in, or could be given anything else."""
    if {"configuration", "manages_roles", "manages_teams"} & set(changed):
        return True
    sign_up = SignUp(changed.get("sign_up", provider.sign_up))
    if _WIDER[sign_up] > _WIDER[SignUp(provider.sign_up)]:
        return True
    domains = changed.get("domains", provider.domains)
    return bool(set(domains) - set(provider.domains) or (provider.domains and not domains))


def _as_it_would_be(provider: IdentityProvider, changed: Mapping[str, Any]) -> IdentityProvider:
    would = IdentityProvider(**{name: getattr(provider, name) for name in FIELDS})
    for name, value in changed.items():
        setattr(would, name, value)
    return would


def _differences(provider: IdentityProvider, changed: Mapping[str, Any]) -> list[Difference]:
    would = _as_it_would_be(provider, changed)
    lines: list[Difference] = []
    for name in changed:
        if name == "configuration":
            speaks = protocols.of(provider.protocol)
            before = {str(label): str(value) for label, value in speaks.shown(provider.configuration)}
            after = {str(label): str(value) for label, value in speaks.shown(would.configuration)}
            labels = [label for label in {**before, **after} if before.get(label) != after.get(label)]
            lines += [Difference(label, before.get(label, "–")[:500], after.get(label, "–")[:500]) for label in labels]
        elif name in ("sign_up", "domains"):
            if not any(line.what == _("Accounts are made for") for line in lines):
                lines.append(
                    Difference(_("Accounts are made for"), sign_up_in_words(provider), sign_up_in_words(would))
                )
        else:
            label = str(IdentityProvider._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            lines.append(Difference(label, _shown(getattr(provider, name)), _shown(getattr(would, name))))
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _checked(provider: IdentityProvider, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises InvalidInput."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"No field of a provider: {', '.join(unknown)}")
    found = dict(fields)
    if "name" in found:
        found["name"] = str(found["name"]).strip()
        if is_blank(found["name"]) or len(found["name"]) > 80:
            raise InvalidInput.about("name", _("A name has 1 to 80 characters."))
    if "sign_up" in found and found["sign_up"] not in SignUp.values:
        raise InvalidInput.about("sign_up", _("There is no such policy."))
    if "domains" in found:
        found["domains"] = _domains(found["domains"])
    if "configuration" in found:
        found["configuration"] = protocols.of(provider.protocol).checked(found["configuration"])
    return found


def _domains(wanted: Sequence[str]) -> list[str]:
    found = sorted({str(one).strip().lower().removeprefix("@") for one in wanted} - {""})
    wrong = [one for one in found if not _DOMAIN.fullmatch(one)]
    if wrong or len(found) > MAX_DOMAINS:
        said = _("“%(domain)s” is no domain of mail addresses.") % {"domain": (wrong or ["…"])[0][:80]}
        raise InvalidInput.about("domains", said)
    return found


def _require_domain(provider: IdentityProvider) -> None:
    if provider.sign_up == SignUp.DOMAINS and not provider.domains:
        raise InvalidInput.about("domains", _("Name the domains whose people get accounts."))
