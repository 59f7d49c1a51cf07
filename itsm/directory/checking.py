"""What may be set up of a directory. Secrets are named, never said."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import parse_filter
from ldap3.utils.dn import parse_dn
from pyasn1.error import PyAsn1Error

from itsm.directory.configured import CLEAR, LDAPS, NAMES, OPENLDAP, PRESETS, STARTTLS, directory_of
from itsm.kernel.errors import InvalidInput
from itsm.notifications.hosts import ascii_host
from itsm.slugs import slug_refusal

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,79}", re.ASCII)
_TEXTS = {
    "host": 253, "base_dn": 500, "bind_dn": 500, "credential": 63, "authority": 63, "people_filter": 1000,
    "disabled_filter": 1000, "group_base": 500, "group_filter": 1000, "subject_attribute": 80, "login_attribute": 80,
    "name_attribute": 80, "mail_attribute": 80, "member_attribute": 80, "changed_attribute": 80,
}  # fmt: skip


def checked(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """All of it as it is kept, what was left empty as the make has it. Raises InvalidInput by field."""
    errors: dict[str, list[str]] = {}
    said = _shaped(configuration, errors)
    if not errors:
        for name, judge in (*_OF_TEXTS, ("port", _port), ("minutes", _minutes), ("most_leaving", _share)):
            if sentence := judge(said.get(name)):
                errors[name] = [sentence]
        if said.get("bind_dn") and not said.get("credential"):
            errors["credential"] = [_("Name the secret that holds the password of the reader.")]
    if errors:
        raise InvalidInput(next(iter(errors.values()))[0], errors)
    whole = directory_of(said)
    return {name: getattr(whole, name) for name in NAMES}


def _shaped(configuration: Mapping[str, Any], errors: dict[str, list[str]]) -> dict[str, Any]:
    said = dict(configuration)
    for name in set(said) - set(NAMES):
        errors[name] = [_("There is no such setting.")]
    for name, most in _TEXTS.items():
        value = said.get(name, "")
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            errors[name] = [_("A text of at most %(most)s signs, on one line.") % {"most": most}]
        else:
            said[name] = value.strip()
    if said.setdefault("make", OPENLDAP) not in PRESETS:
        errors["make"] = [_("OpenLDAP, or Active Directory.")]
    if said.setdefault("tls", LDAPS) not in (LDAPS, STARTTLS, CLEAR):
        errors["tls"] = [_("LDAPS, STARTTLS, or none on this machine.")]
    if not isinstance(said.setdefault("believes_addresses", False), bool):
        errors["believes_addresses"] = [_("Yes or no.")]
    if not isinstance(said.setdefault("makes_accounts", False), bool):
        errors["makes_accounts"] = [_("Yes or no.")]
    for name, usual in (("port", 636), ("minutes", 2), ("most_leaving", 10)):
        if isinstance(said.setdefault(name, usual), bool) or not isinstance(said[name], int):
            errors[name] = [_("A whole number.")]
    return said


def _host(text: str) -> str:
    try:
        named = bool(text) and not set(text) & set("/:@?# ") and ascii_host(text)
    except ValueError:
        named = False
    return "" if named else _("The name of the server alone, such as dc1.example.org.")


def _needed_dn(text: str) -> str:
    return _dn(text) if text else _("Below which entry people are, such as ou=people,dc=example,dc=org.")


def _dn(text: str) -> str:
    if not text:
        return ""
    try:
        parse_dn(text)
    except (LDAPException, IndexError, ValueError):
        return _("That is no DN, such as ou=people,dc=example,dc=org.")
    return ""


def _filter(text: str) -> str:
    """Whole by itself: in brackets, so that it can stand within another one."""
    if not text:
        return ""
    if not (text.startswith("(") and text.endswith(")")) or not _is_one(text):
        return _("A filter stands in brackets, such as (objectClass=person).")
    try:
        parse_filter(text, None, False, False, None, False)
    except (LDAPException, PyAsn1Error, IndexError, ValueError, AttributeError):
        return _("That is no filter, such as (objectClass=person).")
    return ""


def _is_one(text: str) -> bool:
    """Whether the first bracket is closed by the last one: `(a=b)(c=d)` would say something else within another."""
    depth = 0
    for place, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return place == len(text) - 1
    return False


def _attribute(text: str) -> str:
    return "" if not text or _ATTRIBUTE.fullmatch(text) else _("The name of an attribute, such as uid.")


def _secret(text: str) -> str:
    return slug_refusal(text) if text else ""


def _port(number: int) -> str:
    return "" if 1 <= number <= 65535 else _("A port is 1 to 65535.")


def _minutes(number: int) -> str:
    return "" if 1 <= number <= 4 else _("Every 1 to 4 minutes: who leaves is out within five.")


def _share(number: int) -> str:
    return "" if 1 <= number <= 100 else _("1 to 100 percent.")


_OF_TEXTS: tuple[tuple[str, Any], ...] = (
    ("host", _host), ("base_dn", _needed_dn), ("bind_dn", _dn), ("group_base", _dn), ("people_filter", _filter),
    ("disabled_filter", _filter), ("group_filter", _filter), ("credential", _secret), ("authority", _secret),
    *((name, _attribute) for name in _TEXTS if name.endswith("_attribute")),
)  # fmt: skip


def shown(configuration: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """For the provider's page and for who confirms it."""
    one = directory_of(configuration)
    security = {LDAPS: "LDAPS", STARTTLS: "STARTTLS", CLEAR: _("none, on this machine")}[one.tls]
    return [
        (_("Server"), f"{one.host}:{one.port}"),
        (_("Encryption"), security + (f" ({one.authority}.ca)" if one.authority else "")),
        (_("Reads as"), f"{one.bind_dn} ({one.credential})" if one.bind_dn else _("nobody")),
        (_("People"), f"{one.base_dn} {one.people_filter}"),
        (_("Not let in"), one.disabled_filter),
        (_("Known for ever by"), one.subject_attribute),
        (_("They type"), one.login_attribute),
        (_("Name, address"), f"{one.name_attribute}, {one.mail_attribute}"),
        (_("Groups"), f"{one.group_base} {one.group_filter} {one.member_attribute}"),
        (_("Its mail addresses"), _("count as verified") if one.believes_addresses else _("are not believed")),
        (_("Accounts are made"), _("by the sync") if one.makes_accounts else _("when somebody signs in")),
        (_("Synced every"), _("%(count)s minutes") % {"count": one.minutes}),
        (_("Asks a person above"), _("%(share)s percent who leave at once") % {"share": one.most_leaving}),
    ]
