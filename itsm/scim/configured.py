"""A provider that writes by SCIM, as it is set up: by which program account it comes in, and what of it is believed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.accounts import scopes
from itsm.accounts.models import Token, User
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Protocol, SignUp
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import our_address

OTHERWISE = "none"  # its people come in by no provider that is set up here
NAMES = ("account", "believes_addresses", "signs_in_by")


def checked(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """`account`: the user name of a program that nothing else comes in by; `signs_in_by`: the short name of the
    provider by which the same people sign in, `none`, or "" where there is no such provider. Raises InvalidInput."""
    unknown = set(configuration) - set(NAMES)
    if unknown:
        raise InvalidInput.about("configuration", _("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    name = str(configuration.get("account") or "").strip()
    account = User.objects.filter(username__iexact=name, account_type=User.AccountType.SERVICE, is_active=True).first()
    if account is None:
        said = _("Name a service account: the provider comes in by a token of it, with the scope “scim” alone.")
        raise InvalidInput.about("account", said)
    believes = configuration.get("believes_addresses", False)
    if not isinstance(believes, bool):
        raise InvalidInput.about("believes_addresses", _("Yes or no."))
    slug = str(configuration.get("signs_in_by") or "").strip()
    others = IdentityProvider.objects.standing().exclude(protocol=Protocol.SCIM).exclude(sign_up=SignUp.INVITED)
    if not slug and (names := sorted(others.values_list("slug", flat=True))):
        said = _(
            "Say by which provider its people sign in (%(names)s), or “%(none)s” where they come in otherwise: who "
            "comes in by one that nobody named is made a second time."
        )
        raise InvalidInput.about("signs_in_by", said % {"names": ", ".join(names[:20]), "none": OTHERWISE})
    if slug not in ("", OTHERWISE) and not _signs_in(slug).exists():
        raise InvalidInput.about("signs_in_by", _("There is no such provider that people sign in by."))
    return {"account": account.username, "believes_addresses": believes, "signs_in_by": slug}


def _signs_in(slug: str) -> Any:
    return IdentityProvider.objects.filter(slug=slug, withdrawn_at=None).exclude(protocol=Protocol.SCIM)


def believes_addresses(provider: IdentityProvider) -> bool:
    return provider.configuration.get("believes_addresses") is True


def signs_in_by(provider: IdentityProvider) -> IdentityProvider | None:
    """By whom the people that it writes sign in; None where that was not said, or is trusted no more."""
    slug = provider.configuration.get("signs_in_by")
    if slug == OTHERWISE:
        return None
    return _signs_in(slug).filter(trusted_at__isnull=False).first() if slug else None


def provider_of(token: Token) -> IdentityProvider | None:
    """Whose door this token opens: one that is trusted, and that alone names the token's account. None else."""
    if scopes.SCIM not in (token.scopes or ()) or token.owner.is_human:
        return None
    rows = IdentityProvider.objects.standing().filter(protocol=Protocol.SCIM)
    found = list(rows.filter(configuration__account=token.owner.username)[:2])
    return found[0] if len(found) == 1 else None


def addresses(protocol: str, slug: str) -> list[tuple[str, str]]:
    """What is copied to the provider."""
    return [(_("Base URL (tenant URL)"), our_address("/scim/v2"))]


def _signs_in_words(configuration: Mapping[str, Any]) -> str:
    slug = str(configuration.get("signs_in_by") or "")
    return _("any way that they are let in") if slug in ("", OTHERWISE) else slug


def shown(configuration: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """For the provider's page and for who confirms it."""
    believed = configuration.get("believes_addresses")
    return [
        (_("Comes in by a token of"), configuration.get("account", "")),
        (_("Its mail addresses"), _("count as verified") if believed else _("are kept, and not believed")),
        (_("Its people sign in by"), _signs_in_words(configuration)),
    ]  # fmt: skip
