"""An entity of Backstage, and how entities name each other: [kind:][namespace/]name, whatever its capitals."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext

from catalog.formats.drafting import Draft, NotTaken

_REF = re.compile(r"(?:([a-z]+):)?(?:([a-z0-9_.-]{1,63})/)?([a-z0-9_.-]{1,63})\Z", re.ASCII)


class Entity(NamedTuple):
    """`kind` and `namespace` in lower case; `name` as written."""

    kind: str
    namespace: str
    name: str
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    shown: str
    place: str

    @property
    def key(self) -> str:
        """kind:namespace/name, in lower case."""
        return f"{self.kind}:{self.namespace}/{self.name.lower()}"


def refs(entity: Entity, key: str, default: str) -> list[str]:
    """The keys of the entities that a field of the spec names, one or a list. Raises NotTaken for what names none."""
    said = entity.spec.get(key)
    found = []
    for one in said if isinstance(said, list) else [] if said is None else [said]:
        match = _REF.match(one.strip().lower()) if isinstance(one, str) else None
        if match is None:
            raise NotTaken(gettext("spec.%s names no entity: [kind:][namespace/]name is needed.") % key)
        found.append(f"{match[1] or default}:{match[2] or entity.namespace}/{match[3]}")
    return found


def team_slug(key: str) -> str:
    """As teams have it here: the name of the group, with its namespace where that is not the usual one."""
    namespace, name = key.split(":", 1)[1].split("/", 1)
    words = name if namespace == "default" else f"{namespace}-{name}"
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:63].strip("-")


def owner_of(entity: Entity, draft: Draft) -> str | None:
    """The owner's team; None, with a note, where a person owns it. Raises NotTaken without an owner."""
    owners = refs(entity, "owner", "group")
    if len(owners) != 1:
        raise NotTaken(gettext("It has no owner: spec.owner names a group."))
    kind = owners[0].split(":", 1)[0]
    if kind == "group":
        return team_slug(owners[0])
    draft.note("owner-is-person", gettext("Its owner %s is no group: name a team as owner.") % owners[0])
    return None
