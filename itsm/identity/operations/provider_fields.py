"""What a provider is made of: as it is kept, as people read it, and whether a change of it lets more in."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from itsm.approvals.confirming import Difference
from itsm.identity import protocols
from itsm.identity.models import MAX_DOMAINS, IdentityProvider
from itsm.identity.vocabulary import SignUp
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import is_blank, read_alike

_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
_WIDER = {SignUp.INVITED: 0, SignUp.DOMAINS: 1, SignUp.EVERYBODY: 2}
FIELDS = ("name", "sign_up", "domains", "configuration", "manages_roles", "manages_teams")


def sign_up_in_words(provider: IdentityProvider) -> str:
    """`whose verified address is of one of these domains: acme.test`."""
    said = provider.get_sign_up_display()
    return f"{said}: {', '.join(provider.domains)}" if provider.domains else said


def widens(provider: IdentityProvider, changed: Mapping[str, Any]) -> bool:
    """Whether anybody else could come in, or could be given anything else."""
    if {"configuration", "manages_roles", "manages_teams"} & set(changed):
        return True
    sign_up = SignUp(changed.get("sign_up", provider.sign_up))
    if _WIDER[sign_up] > _WIDER[SignUp(provider.sign_up)]:
        return True
    domains = changed.get("domains", provider.domains)
    return bool(set(domains) - set(provider.domains) or (provider.domains and not domains))


def as_it_would_be(provider: IdentityProvider, changed: Mapping[str, Any]) -> IdentityProvider:
    """A provider that is not stored, with these fields changed. Raises nothing."""
    would = IdentityProvider(**{name: getattr(provider, name) for name in FIELDS})
    for name, value in changed.items():
        setattr(would, name, value)
    return would


def differences(provider: IdentityProvider, changed: Mapping[str, Any]) -> list[Difference]:
    """What who confirms the change reads, line by line."""
    would = as_it_would_be(provider, changed)
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


def checked(provider: IdentityProvider, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. One query where the name is among them. Raises InvalidInput."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"No field of a provider: {', '.join(unknown)}")
    found = dict(fields)
    if "name" in found:
        found["name"] = str(found["name"]).strip()
        if is_blank(found["name"]) or len(found["name"]) > 80:
            raise InvalidInput.about("name", _("A name has 1 to 80 characters."))
        if found["name"] != provider.name:
            require_free(found["name"], provider.pk)
    if "sign_up" in found and found["sign_up"] not in SignUp.values:
        raise InvalidInput.about("sign_up", _("There is no such policy."))
    if "domains" in found:
        found["domains"] = _domains(found["domains"])
    if "configuration" in found:
        found["configuration"] = protocols.of(provider.protocol).checked(found["configuration"])
    return found


def require_free(name: str, mine: int | None) -> None:
    """Raise InvalidInput where another provider than `mine` is read as the same name: the history and pages call it by
    that alone, also one that was withdrawn."""
    if IdentityProvider.objects.filter(name_key=read_alike(name)).exclude(pk=mine).exists():
        raise InvalidInput.about("name", _("Another provider has this name; the history tells them apart by it."))


def _domains(wanted: Sequence[str]) -> list[str]:
    found = sorted({str(one).strip().lower().removeprefix("@") for one in wanted} - {""})
    wrong = [one for one in found if not _DOMAIN.fullmatch(one)]
    if wrong or len(found) > MAX_DOMAINS:
        said = _("“%(domain)s” is no domain of mail addresses.") % {"domain": (wrong or ["…"])[0][:80]}
        raise InvalidInput.about("domains", said)
    return found


def require_domain(provider: IdentityProvider) -> None:
    """Raise InvalidInput where accounts are made by domain, and none is named."""
    if provider.sign_up == SignUp.DOMAINS and not provider.domains:
        raise InvalidInput.about("domains", _("Name the domains whose people get accounts."))
