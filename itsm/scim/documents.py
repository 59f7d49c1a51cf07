"""Users and groups as SCIM writes them: what is kept of a body, and how it is written out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from itsm.kernel.texts import is_blank
from itsm.scim.errors import ScimRefused, invalid_value
from itsm.scim.patching import Shape

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
MAX_USER_NAME, MAX_TEXT, MAX_EXTERNAL_ID, MAX_EMAIL, MAX_EMAILS = 254, 150, 300, 254, 20
MAX_MEMBERS = 20_000
_NAME_PARTS = ("formatted", "familyName", "givenName")
_EMAIL_PARTS = ("value", "type", "primary")
# Of RFC 7643, 4.1: known, and not kept. Whoever sends them is not refused for it.
_NOT_KEPT = (
    "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone", "password",
    "phoneNumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509Certificates",
)  # fmt: skip
USER_SHAPE = Shape(
    ("userName", "externalId", "active", "displayName", "name", "emails"),
    {"name": _NAME_PARTS, "emails": _EMAIL_PARTS}, ("emails",), _NOT_KEPT,
)  # fmt: skip
GROUP_SHAPE = Shape(("displayName", "externalId", "members"), {"members": ("value",)}, ("members",), ())


@dataclass(frozen=True, slots=True)
class UserSaid:
    """What is kept of a user: `document` holds name, displayName and emails as they were sent."""

    user_name: str
    external_id: str
    active: bool
    document: dict[str, Any]

    @property
    def shown_name(self) -> str:
        """By which people call them."""
        name = self.document.get("name", {})
        pair = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
        found: str = self.document.get("displayName") or name.get("formatted") or pair
        return found[:MAX_TEXT]

    @property
    def address(self) -> str:
        """The primary mail address; without one the first."""
        emails = self.document.get("emails", [])
        first = next((one for one in emails if one.get("primary")), emails[0] if emails else {})
        return str(first.get("value", ""))


@dataclass(frozen=True, slots=True)
class GroupSaid:
    """What is kept of a group; `members`: the ids of users, as they were sent; None: nothing was said of them."""

    display_name: str
    external_id: str
    members: tuple[str, ...] | None


def user_said(body: Any, active: bool = True) -> UserSaid:
    """`active`: what holds where the body says nothing of it. Raises ScimRefused (invalidSyntax, invalidValue)."""
    said = _known(body, USER_SHAPE)
    user_name = _text(said, "userName", MAX_USER_NAME)
    if is_blank(user_name):
        raise invalid_value(_("“userName” is needed."))
    document: dict[str, Any] = {}
    if shown := _text(said, "displayName", MAX_TEXT):
        document["displayName"] = shown
    if (name := said.get("name")) is not None:
        parts = _object(name, "name", _NAME_PARTS)
        document["name"] = {part: _text(parts, part, MAX_TEXT) for part in _NAME_PARTS if parts.get(part) is not None}
    if emails := _emails(said.get("emails")):
        document["emails"] = emails
    if said.get("active") is not None:
        active = truth(said["active"])
    return UserSaid(user_name, _text(said, "externalId", MAX_EXTERNAL_ID), active, document)


def group_said(body: Any) -> GroupSaid:
    """Raises ScimRefused likewise."""
    said = _known(body, GROUP_SHAPE)
    name = _text(said, "displayName", MAX_EXTERNAL_ID)
    if is_blank(name):
        raise invalid_value(_("“displayName” is needed."))
    listed = said.get("members")
    members = None if listed is None else tuple(dict.fromkeys(_member(one) for one in _list(listed, "members")))
    if members is not None and len(members) > MAX_MEMBERS:
        raise ScimRefused(413, _("A group has %(most)s members at most.") % {"most": MAX_MEMBERS}, "tooMany")
    return GroupSaid(name, _text(said, "externalId", MAX_EXTERNAL_ID), members)


def truth(value: Any) -> bool:
    """A boolean, also as Entra writes it: "False". Raises ScimRefused."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise invalid_value(_("“active” is true or false."))


def _known(body: Any, shape: Shape) -> dict[str, Any]:
    """The attributes that are kept, by their names. What is read only, or unknown, is passed over (RFC 7644, 3.3)."""
    if not isinstance(body, Mapping):
        raise ScimRefused(400, _("The body is an object."), "invalidSyntax")
    schemas = next((value for name, value in body.items() if str(name).lower() == "schemas"), None)
    if schemas is not None and not (isinstance(schemas, list) and all(isinstance(one, str) for one in schemas)):
        raise ScimRefused(400, _("“schemas” is a list of names."), "invalidSyntax")
    found: dict[str, Any] = {}
    for name, value in body.items():
        if kept := shape.spelt(str(name)):
            if kept in found:
                raise ScimRefused(400, _("“%(name)s” is there twice.") % {"name": kept}, "invalidSyntax")
            found[kept] = value
    return found


def _emails(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    listed = _list(value, "emails")
    if len(listed) > MAX_EMAILS:
        raise invalid_value(_("Somebody has %(most)s addresses at most.") % {"most": MAX_EMAILS})
    found = [one for one in (_email(one) for one in listed) if one]
    if sum(bool(one.get("primary")) for one in found) > 1:
        raise invalid_value(_("One address is the primary one."))
    return found


def _email(value: Any) -> dict[str, Any]:
    parts = _object({"value": value} if isinstance(value, str) else value, "emails", _EMAIL_PARTS)
    address = _text(parts, "value", MAX_EMAIL)
    if not address:
        return {}
    try:
        validate_email(address)
    except ValidationError as error:
        raise invalid_value(_("“%(address)s” is no mail address.") % {"address": address[:100]}) from error
    made: dict[str, Any] = {"value": address}
    if parts.get("type") is not None:
        made["type"] = _text(parts, "type", 40)
    if parts.get("primary") is not None:
        made["primary"] = truth(parts["primary"])
    return made


def _member(value: Any) -> str:
    parts = _object(value, "members", ("value", "type"))
    if str(parts.get("type") or "User").lower() != "user":
        raise invalid_value(_("Members are users: send the users of groups within groups."))
    return _text(parts, "value", 100)


def _object(value: Any, name: str, parts: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise invalid_value(_("“%(name)s” holds objects.") % {"name": name})
    spelt = {part.lower(): part for part in parts}
    return {spelt[str(key).lower()]: said for key, said in value.items() if str(key).lower() in spelt}


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise invalid_value(_("“%(name)s” is a list.") % {"name": name})
    return value


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise invalid_value(_("“%(name)s” is a text of at most %(most)s signs.") % {"name": name, "most": most})
    return value.strip()
