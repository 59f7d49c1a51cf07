"""What people say beside a file: what its format leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FORMATS = ("backstage", "csv", "netbox", "kubernetes", "ansible")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table and what it becomes.

    `becomes`: key, class, name, status, owner, environment, description, field:<key>, identifier:<scheme>,
    relation:<type> (keys of other rows, or "fqdn=web-01.shop.example" and the like; several with "|"), or "" for a
    column that is passed over. `unit`: the cells count this (MB, GB, ...), whether they write it or not. `empty`: what
    an empty cell means.
    """

    header: str
    becomes: str
    unit: str = ""
    empty: Literal["leave", "clear"] = "leave"


@dataclass(frozen=True, slots=True)
class Options:
    """`cluster`: the name of the cluster (Kubernetes). `annotations`: those of Backstage that are kept.

    `endpoint`: what a file of NetBox lists where it does not say so itself ("dcim.device"); `api_version` (4, 1): from
    4.1 on disks count in MB, before in GB, and are left out when nobody says which. `roles`: slug of a device role ->
    class. `columns`, `class_slug` (of rows that name none), `delimiter`, `encoding`: of a table; found out where they
    are not given.
    """

    cluster: str = ""
    annotations: frozenset[str] = frozenset()
    endpoint: str = ""
    api_version: tuple[int, int] | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    class_slug: str = ""
    delimiter: str = ""
    encoding: str = ""
