"""Files of a source as documents: read with what people say beside them, tables by the mapping that was kept."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.translation import gettext

from catalog.engine.identifiers import Classes
from catalog.formats.csv_table import Look, look_at
from catalog.formats.documents import File, Read
from catalog.formats.options import Column, Options
from catalog.formats.reading import read
from catalog.formats.yaml import Broken
from catalog.reconciliation.models import Mapping as KeptMapping
from catalog.reconciliation.vocabulary import Format
from itsm.kernel.errors import InvalidInput
from itsm.slugs import slug_of

_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})", re.ASCII)


def kept_columns(source: str) -> dict[str, Column]:
    """Heading -> what it becomes in tables of the source of this key; empty where nothing was kept."""
    kept = KeptMapping.objects.filter(source__slug=slug_of(source or Format.CSV)).first()
    return {} if kept is None else {header: Column(header, **said) for header, said in kept.columns.items()}


def look(file: File, options: Options, source: str = "") -> Look:
    """What a table looks like; its columns as they were kept for the source, the others as they seem. Raises Broken."""
    found = look_at(file, replace(options, columns=()))
    said = kept_columns(source) | {column.header: column for column in options.columns}
    columns = tuple(said.get(column.header.strip(), column) for column in found.columns)
    return found._replace(columns=columns)


def read_files(format_: str, files: Sequence[File], options: Options, source: str = "") -> Read:
    """What the files say. Of a table whose columns nobody named, those that were kept for the source count.

    Nothing is raised for what a file contains: see `Read.broken`.
    """
    if format_ == Format.CSV and not options.columns and (kept := kept_columns(source)):
        seen = {column.header.strip(): column for file in files for column in _head(file, options)}
        options = replace(options, columns=tuple(kept.get(header, column) for header, column in seen.items()))
    return read(format_, files, options)


def options_of(said: Mapping[str, Any]) -> Options:
    """`cluster`, `endpoint`, `netbox_version` ("4.2"), `class_slug`, `delimiter`, `encoding`, `columns`; what is not
    named is found out. InvalidInput for a version that is none."""
    version = said.get("netbox_version") or ""
    found = _VERSION.fullmatch(version)
    if version and found is None:
        raise InvalidInput.about("netbox_version", gettext("Send a version such as 4.2."))
    return Options(
        cluster=said.get("cluster") or "", endpoint=said.get("endpoint") or "",
        api_version=(int(found[1]), int(found[2])) if found else None, class_slug=said.get("class_slug") or "",
        columns=tuple(said.get("columns") or ()), delimiter=said.get("delimiter") or "",
        encoding=said.get("encoding") or "",
    )  # fmt: skip


def _head(file: File, options: Options) -> Sequence[Column]:
    """Its columns as they seem; none of a file that cannot be read: reading it says why."""
    try:
        return look_at(file, replace(options, columns=())).columns
    except Broken:
        return ()


class Idle(NamedTuple):
    """An identifier by which some documents are not known: in so many `rows` of `of`, for want of `missing`; of none:
    things of `class_slug` are not known by it at all."""

    rows: int
    of: int
    missing: tuple[str, ...]
    class_slug: str


def idle_in(read_: Read, classes: Classes) -> dict[str, Idle]:
    """Name of an identifier -> what most of the documents that have it and are not known by it are in want of."""
    wants: dict[str, Counter[tuple[tuple[str, ...], str]]] = defaultdict(Counter)
    there: Counter[str] = Counter()
    for one in read_.documents:
        said = {"name": one.name, "environment": one.environment or "", **one.identifiers}
        there.update(one.identifiers.keys())
        for name, missing in classes.idle(one.class_slug, said).items():
            wants[name][tuple(missing), "" if missing else one.class_slug] += 1
    return {
        name: Idle(found.total(), there[name], *found.most_common(1)[0][0])
        for name, found in wants.items()
        if there[name]
    }
