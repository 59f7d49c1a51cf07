"""What SCIM says of itself, and of what it has (RFC 7643, 5 to 8.7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from itsm.notifications.web_addresses import our_address
from itsm.scim.documents import GROUP, USER
from itsm.scim.models import ScimGroup, ScimUser
from itsm.scim.operations import tag_of

PREFIX = "/scim/v2"
MOST_RESULTS = 200
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def user_shown(one: ScimUser) -> dict[str, Any]:
    """`groups` are prefetched. Active is who is so there and here: an administrator may have closed the account."""
    shown: dict[str, Any] = {"schemas": [USER], "id": str(one.pk)}
    if one.external_id:
        shown["externalId"] = one.external_id
    shown |= {"userName": one.user_name, "active": one.active and one.user.is_active, **one.document}
    groups = [
        {"value": str(group.pk), "display": group.display_name, "$ref": _address("Groups", group.pk), "type": "direct"}
        for group in one.groups.all()
    ]
    return {**shown, **({"groups": groups} if groups else {}), "meta": _meta(one, "User")}


def as_document(one: ScimUser) -> dict[str, Any]:
    """What may be written of it, as it stands."""
    written = {"userName": one.user_name, "externalId": one.external_id, "active": one.active}
    return {**written, **one.document}


def group_shown(one: ScimGroup) -> dict[str, Any]:
    """`members` are prefetched."""
    shown: dict[str, Any] = {"schemas": [GROUP], "id": str(one.pk)}
    if one.external_id:
        shown["externalId"] = one.external_id
    members = [
        {"value": str(member.pk), "$ref": _address("Users", member.pk), "type": "User"} for member in one.members.all()
    ]
    return {**shown, "displayName": one.display_name, "members": members, "meta": _meta(one, "Group")}


def _meta(one: ScimUser | ScimGroup, kind: str) -> dict[str, Any]:
    return {
        "resourceType": kind, "created": _instant(one.created_at), "lastModified": _instant(one.changed_at),
        "version": f'W/"{tag_of(one)}"', "location": _address(f"{kind}s", one.pk),
    }  # fmt: skip


def _instant(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _address(kind: str, key: Any) -> str:
    return our_address(f"{PREFIX}/{kind}/{key}")


def listed(found: Iterable[Mapping[str, Any]], total: int, start: int) -> dict[str, Any]:
    """A page of a list; `start` counts from one."""
    shown = list(found)
    return {
        "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": len(shown), "Resources": shown,
    }  # fmt: skip


def projected(shown: dict[str, Any], wanted: Iterable[str], unwanted: Iterable[str]) -> dict[str, Any]:
    """Only the attributes that are wanted, or all but those that are not; schemas, id and meta stay (RFC 7644, 3.9)."""
    asked = [tuple(one.lower().split(".", 1)) for one in wanted]
    left = {one.lower() for one in unwanted} - {"id", "schemas"}
    if asked:
        found = {name: shown[name] for name in shown if name in ("schemas", "id")}
        for name, value in shown.items():
            parts = [one[1:] for one in asked if one[0] == name.lower()]
            if parts:
                found[name] = value if () in parts else _parts(value, {one[0] for one in parts})
        return found
    return {name: value for name, value in shown.items() if name.lower() not in left}


def _parts(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [_parts(one, names) for one in value]
    return {key: said for key, said in value.items() if key.lower() in names} if isinstance(value, dict) else value


def service_provider_config() -> dict[str, Any]:
    return {
        "schemas": [_CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken", "name": "Bearer token", "primary": True,
                "description": "A token of the provider's own service account, with the scope scim.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": our_address(f"{PREFIX}/ServiceProviderConfig")},
    }  # fmt: skip


def resource_types() -> list[dict[str, Any]]:
    return [
        {
            "schemas": [_TYPE], "id": name, "name": name, "endpoint": f"/{name}s", "schema": schema,
            "description": described,
            "meta": {"resourceType": "ResourceType", "location": our_address(f"{PREFIX}/ResourceTypes/{name}")},
        }
        for name, schema, described in (("User", USER, "A person."), ("Group", GROUP, "A group of people."))
    ]  # fmt: skip


def _attribute(name: str, description: str, **said: Any) -> dict[str, Any]:
    usual = {
        "type": "string", "multiValued": False, "required": False, "caseExact": False, "mutability": "readWrite",
        "returned": "default", "uniqueness": "none",
    }  # fmt: skip
    made = {"name": name, "description": description, **usual, **said}
    if made["type"] in ("boolean", "complex"):
        made.pop("caseExact")
    return made


def schemas() -> list[dict[str, Any]]:
    """Of the attributes that are kept; others that are sent are passed over."""
    name = [
        _attribute("formatted", "The whole name."),
        _attribute("familyName", "The family name."),
        _attribute("givenName", "The given name."),
    ]
    emails = [
        _attribute("value", "The address."),
        _attribute("type", "What it is for.", canonicalValues=["work", "home", "other"]),
        _attribute("primary", "Whether it is the primary one.", type="boolean"),
    ]
    groups = [
        _attribute("value", "The id of the group.", mutability="readOnly"),
        _attribute("$ref", "Its address.", type="reference", referenceTypes=["Group"], mutability="readOnly"),
        _attribute("display", "Its name.", mutability="readOnly"),
        _attribute("type", "Always direct.", canonicalValues=["direct"], mutability="readOnly"),
    ]
    members = [
        _attribute("value", "The id of the member.", mutability="immutable"),
        _attribute("$ref", "Its address.", type="reference", referenceTypes=["User"], mutability="immutable"),
        _attribute("type", "Always User.", canonicalValues=["User"], mutability="immutable"),
    ]
    user = [
        _attribute("userName", "By what they sign in there.", required=True, uniqueness="server"),
        _attribute("name", "The parts of the name.", type="complex", subAttributes=name),
        _attribute("displayName", "By which people call them."),
        _attribute("emails", "Mail addresses.", type="complex", multiValued=True, subAttributes=emails),
        _attribute("active", "Whether they may come in.", type="boolean"),
        _attribute(
            "groups", "The groups that they are in.", type="complex", multiValued=True, mutability="readOnly",
            subAttributes=groups,
        ),
    ]  # fmt: skip
    group = [
        _attribute("displayName", "The name, by which it is mapped.", required=True, uniqueness="server"),
        _attribute("members", "Who is in it.", type="complex", multiValued=True, subAttributes=members),
    ]
    return [
        {
            "schemas": [_SCHEMA], "id": schema, "name": title, "description": described, "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": our_address(f"{PREFIX}/Schemas/{schema}")},
        }
        for schema, title, described, attributes in (
            (USER, "User", "A person.", user), (GROUP, "Group", "A group of people.", group),
        )
    ]  # fmt: skip
