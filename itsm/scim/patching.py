"""PATCH (RFC 7644, 3.5.2) on a resource as a plain object, and what Entra and Okta send instead of what stands there.

Known oddities, all taken: `op` in capitals; "False" for false; an object as the value of an operation without path, its
names being paths themselves ("name.givenName", `emails[type eq "work"].value`); a value of members that is to be
removed; replacing what is not there yet.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.scim.errors import ScimRefused, invalid_path, invalid_value
from itsm.scim.grammar import Compared, Joined, Node, Path, bare, parse_path
from itsm.scim.meeting import meets

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MOST_OPERATIONS = 1000
_READ_ONLY = frozenset({"id", "meta", "schemas", "groups"})


class Shape:
    """What may be written of a resource.

    `names`: how each attribute is spelt; `parts`: of those that are objects, or lists of objects, their parts likewise.
    `many`: those that are lists. `ignored`: attributes of SCIM that are known, and not kept here.
    """

    def __init__(
        self, names: Iterable[str], parts: Mapping[str, Iterable[str]], many: Iterable[str], ignored: Iterable[str]
    ) -> None:
        self._names = {name.lower(): name for name in names}
        self._parts = {name: {part.lower(): part for part in some} for name, some in parts.items()}
        self.many = frozenset(many)
        self._ignored = frozenset(name.lower() for name in ignored)

    def name(self, attribute: str) -> str:
        """As it is spelt; "" for what is known and not kept. Raises ScimRefused for what is read, or unknown."""
        if attribute in _READ_ONLY:
            raise ScimRefused(400, _("“%(name)s” is read, not written.") % {"name": attribute}, "mutability")
        if attribute in self._ignored or attribute.startswith("urn:"):
            return ""
        if attribute not in self._names:
            raise invalid_path(_("There is no attribute “%(name)s” here.") % {"name": attribute[:100]})
        return self._names[attribute]

    def spelt(self, name: str) -> str:
        """As it is spelt here, of a whole body; "" for whatever is not kept."""
        return self._names.get(bare(name), "")

    def part(self, name: str, sub: str) -> str:
        """As above, of a part; "" for one that is not kept."""
        return self._parts.get(name, {}).get(sub, "")

    def is_object(self, name: str) -> bool:
        return name in self._parts


def patched(shape: Shape, resource: Mapping[str, Any], body: Any) -> dict[str, Any]:
    """The resource with all operations done, in order; the one that was given is left alone. Raises ScimRefused."""
    current = {name: _copied(value) for name, value in resource.items()}
    for one in _operations(body):
        word = str(one.get("op", "")).lower()
        if word not in ("add", "replace", "remove"):
            raise ScimRefused(400, _("An operation is add, replace or remove."), "invalidSyntax")
        path, value = one.get("path"), one.get("value")
        if path is not None and not isinstance(path, str):
            raise invalid_path(_("A path is a text."))
        if path:
            _at(shape, current, word, parse_path(path), value)
        elif word == "remove":
            raise ScimRefused(400, _("To remove, say what, as a path."), "noTarget")
        else:
            _whole(shape, current, word, value)
    return current


def _operations(body: Any) -> list[Mapping[str, Any]]:
    said = {str(name).lower(): value for name, value in body.items()} if isinstance(body, Mapping) else {}
    schemas, listed = said.get("schemas"), said.get("operations")
    if not isinstance(schemas, list) or PATCH_OP not in schemas:
        raise ScimRefused(400, _("The body names the schema %(schema)s.") % {"schema": PATCH_OP}, "invalidSyntax")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, Mapping) for one in listed):
        raise ScimRefused(400, _("“Operations” is a list of objects, at least one."), "invalidSyntax")
    if len(listed) > MOST_OPERATIONS:
        raise ScimRefused(413, _("A body has %(most)s operations at most.") % {"most": MOST_OPERATIONS}, "tooMany")
    return [{str(name).lower(): value for name, value in one.items()} for one in listed]


def _whole(shape: Shape, current: dict[str, Any], word: str, value: Any) -> None:
    """Without path: each name of the value is one. What is read only is passed over here: Okta sends `id` along."""
    if not isinstance(value, Mapping):
        raise invalid_value(_("Without a path the value is an object."))
    for name, inner in value.items():
        path = parse_path(str(name))
        if path.attribute not in _READ_ONLY:
            _at(shape, current, word, path, inner)


def _at(shape: Shape, current: dict[str, Any], word: str, path: Path, value: Any) -> None:
    name = shape.name(path.attribute)
    if not name:
        return
    if path.chosen is not None:
        if name not in shape.many:
            raise invalid_path(_("“%(name)s” has one value: there is nothing to choose from.") % {"name": name})
        _chosen(shape, current, word, name, path, path.chosen, value)
    elif path.sub:
        _part(shape, current, word, name, path.sub, value)
    elif word == "remove":
        _removed(current, name, value)
    elif name in shape.many:
        _many(current, word, name, value)
    elif shape.is_object(name) and isinstance(value, Mapping):
        _object(shape, current, word, name, value)
    else:
        current[name] = value


def _part(shape: Shape, current: dict[str, Any], word: str, name: str, sub: str, value: Any) -> None:
    """`name.givenName`; of a list (`emails.value`) that part of each."""
    part = shape.part(name, sub)
    if not shape.is_object(name):
        raise invalid_path(_("“%(name)s” has no parts.") % {"name": name})
    if not part:
        return
    if name in shape.many:
        for one in current.get(name) or []:
            _set(one, part, word, value)
        return
    inner = dict(current.get(name) or {})
    _set(inner, part, word, value)
    current[name] = inner


def _set(inner: dict[str, Any], part: str, word: str, value: Any) -> None:
    if word == "remove":
        inner.pop(part, None)
    else:
        inner[part] = value


def _object(shape: Shape, current: dict[str, Any], word: str, name: str, value: Mapping[str, Any]) -> None:
    """Its parts that are named; the others stay, also when it is replaced (RFC 7644, 3.5.2.3)."""
    inner = dict(current.get(name) or {})
    for sub, said in value.items():
        if part := shape.part(name, str(sub).lower()):
            inner[part] = said
    current[name] = inner


def _removed(current: dict[str, Any], name: str, value: Any) -> None:
    """All of it; where values are named, those (Entra, of members)."""
    if not value or not isinstance(current.get(name), list):
        current.pop(name, None)
        return
    gone = {_key(one) for one in _listed(value)}
    current[name] = [one for one in current[name] if _key(one) not in gone]


def _many(current: dict[str, Any], word: str, name: str, value: Any) -> None:
    said = _listed(value)
    if word == "replace":
        current[name] = said
        return
    there = list(current.get(name) or [])
    known = {_key(one) for one in there}
    added = []
    for one in said:
        if _key(one) not in known:
            known.add(_key(one))
            added.append(one)
    if any(isinstance(one, Mapping) and one.get("primary") is True for one in added):
        there = [{**one, "primary": False} if isinstance(one, Mapping) and "primary" in one else one for one in there]
    current[name] = there + added


def _listed(value: Any) -> list[Any]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(one, Mapping) for one in found):
        raise invalid_value(_("Of what has several values each is an object with a “value”."))
    return [{("value" if str(k).lower() == "value" else str(k)): v for k, v in one.items()} for one in found]


def _key(one: Any) -> str:
    value = one.get("value") if isinstance(one, Mapping) else one
    return str(value).casefold()


def _chosen(shape: Shape, current: dict[str, Any], word: str, name: str, path: Path, chosen: Node, value: Any) -> None:
    """The values that meet the filter. Where none does, adding and replacing make one that does."""
    there = list(current.get(name) or [])
    fits = meets(chosen)
    part = shape.part(name, path.sub) if path.sub else ""
    if path.sub and not part:
        return
    if word == "remove" and not part:
        current[name] = [one for one in there if not fits(one)]
        return
    found = [one for one in there if fits(one)]
    if not found:
        if word == "remove":
            return
        found = [dict(_wanted(chosen))]
        there += found
    for one in found:
        if part:
            _set(one, part, word, value)
        elif isinstance(value, Mapping):
            one.update({p: said for sub, said in value.items() if (p := shape.part(name, str(sub).lower()))})
        else:
            raise invalid_value(_("The value of what is chosen is an object."))
    current[name] = there


def _wanted(node: Node) -> Iterable[tuple[str, Any]]:
    """What a value has to say to meet a filter of equalities."""
    match node:
        case Compared(attribute=attribute, operator="eq", value=value):
            return [(attribute, value)]
        case Joined(word="and", parts=parts):
            return [pair for part in parts for pair in _wanted(part)]
    raise ScimRefused(400, _("Nothing there meets the filter."), "noTarget")


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
