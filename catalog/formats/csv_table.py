"""CSV: a row is an item; a mapping says what its columns become."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from django.utils.translation import gettext

from catalog.formats.csv_rows import encoding_of, head_of, rows_in
from catalog.formats.documents import File
from catalog.formats.drafting import Draft, Gathered, NotTaken, first, name_of, word
from catalog.formats.options import Column, Options
from catalog.formats.units import converted
from catalog.formats.vocabulary import KEYS
from catalog.formats.yaml import Broken
from itsm.kernel.separators import separator_of

SAMPLE_ROWS = 5
_PLAIN = frozenset(("key", "class", "name", "status", "owner", "environment", "description", ""))
_STATUSES = frozenset(("planned", "stock", "building", "active", "maintenance", "retired"))
_IDENTIFIERS = frozenset(
    ("serial", "vendor", "uuid", "asset_tag", "provider_id", "fqdn", "name", "slug", "system", "cluster", "kind",
     "namespace")
)  # fmt: skip
_ALSO: Mapping[str, str] = {  # headings as people write them
    "id": "key", "hostname": "name", "host": "name", "type": "class", "ci_class": "class", "state": "status",
    "team": "owner", "owner_team": "owner", "env": "environment", "notes": "description", "ram": "field:memory_mib",
    "memory": "field:memory_mib", "cpu": "field:cpus", "vcpus": "field:cpus", "disk": "field:disk_gib",
    "ip": "field:primary_ip", "ip_address": "field:primary_ip", "manufacturer": "field:vendor",
    "serial": "identifier:serial", "serial_number": "identifier:serial", "fqdn": "identifier:fqdn",
    "uuid": "identifier:uuid", "asset_tag": "identifier:asset_tag", "slug": "identifier:slug",
}  # fmt: skip
# What is printed on a machine tells it apart and is worth reading: one column says both.
_PRINTED_ON_IT: Mapping[str, str] = {"serial": "serial_number", "vendor": "vendor", "asset_tag": "asset_tag"}
_TYPE = re.compile(r"[a-z][a-z0-9_]{0,39}\Z", re.ASCII)


class Look(NamedTuple):
    """What a table looks like before it is read: shown first, so that people can say otherwise."""

    delimiter: str
    encoding: str
    columns: tuple[Column, ...]
    sample: Sequence[Sequence[str]]


def look_at(file: File, options: Options) -> Look:
    """How it is separated and encoded, what its columns seem to mean, its first rows. Raises Broken."""
    encoding = encoding_of(file, options)
    head: list[str] = []
    sample: list[list[str]] = []
    delimiter = options.delimiter or separator_of(head_of(file, encoding))
    for _, cells in rows_in(file, options):
        if head:
            sample.append(cells)
        head = head or cells
        if len(sample) == SAMPLE_ROWS:
            break
    return Look(delimiter, encoding, options.columns or tuple(guessed(cell) for cell in head), sample)


def guessed(heading: str) -> Column:
    """What a heading seems to mean: the word of a mapping itself, or one that people use for it."""
    said = heading.strip()
    bare = re.sub(r"[^a-z0-9]+", "_", said.lower()).strip("_")
    if _is_meant(said.lower()):
        return Column(heading, said.lower())
    if bare in _PLAIN or bare in _ALSO:
        return Column(heading, _ALSO.get(bare, bare))
    return Column(heading, f"field:{bare}" if bare in KEYS else "")


def read_csv(files: Sequence[File], options: Options, gathered: Gathered) -> None:
    """Every row of the files. Raises Broken, also for a mapping that says what there is not."""
    for file in files:
        columns: list[Column] = []
        seen = False
        for line, cells in rows_in(file, options):
            if not seen:
                columns, seen = _columns(file, cells, options), True
                continue
            place = gettext("%(file)s, line %(line)d") % {"file": file.name, "line": line}
            gathered.attempt(place, partial(_take, cells, columns, place, options, gathered))
        if not seen:
            raise Broken(file.name, gettext("The file is empty; its first line names the columns."))


def _columns(file: File, head: Sequence[str], options: Options) -> list[Column]:
    by_header = {column.header.strip(): column for column in options.columns}
    if missing := sorted(set(by_header) - {cell.strip() for cell in head}):
        raise Broken(file.name, gettext("There is no column “%s”, which the mapping names.") % missing[0][:60])
    if options.columns:
        columns = [by_header.get(cell.strip(), Column(cell, "")) for cell in head]
    else:
        columns = [guessed(cell) for cell in head]
    for column in columns:
        if not _is_meant(column.becomes):
            raise Broken(file.name, gettext("“%s” is nothing that a column becomes.") % column.becomes[:60])
    once = [one.becomes for one in columns if one.becomes and not one.becomes.startswith("relation:")]
    if twice := next((one for one in once if once.count(one) > 1), None):
        raise Broken(file.name, gettext("Two columns become %s.") % twice)
    if not {"key", "name"} & set(once):
        raise Broken(file.name, gettext("A column with the name, or the key, of the items is needed."))
    if "class" not in once and not options.class_slug:
        raise Broken(file.name, gettext("Of which class are they? A column class, or one class for all, is needed."))
    return columns


def _is_meant(becomes: str) -> bool:
    kind, _, what = becomes.partition(":")
    if kind == "field":
        return what in KEYS
    if kind == "identifier":
        return what in _IDENTIFIERS
    return bool(_TYPE.match(what)) if kind == "relation" else becomes in _PLAIN


def _take(cells: list[str], columns: Sequence[Column], place: str, options: Options, gathered: Gathered) -> None:
    if len(cells) != len(columns):
        words = {"found": len(cells), "wanted": len(columns)}
        raise NotTaken(gettext("It has %(found)d cells where there are %(wanted)d columns.") % words)
    said = {column.becomes: cell for column, cell in zip(columns, cells, strict=True) if column.becomes}
    name = name_of(first((said.get("name", "").strip(), said.get("key", "").strip())))
    class_slug = (word(said.get("class")) or options.class_slug).lower().replace(" ", "_")
    if not _TYPE.match(class_slug):
        raise NotTaken(gettext("“%s” is no class.") % class_slug[:60])
    draft = Draft(word(said.get("key")) or name, class_slug, name, place, place)
    draft.identify("name", name)
    for column, cell in zip(columns, cells, strict=True):
        if column.becomes:
            _tell(column, cell.strip(), draft)
    _say_both(draft)
    gathered.add(draft)


def _say_both(draft: Draft) -> None:
    """What a machine is known by is a field of it too, and its vendor is what a serial number counts with; where two
    columns say them apart, each stays what it is. A field alone makes nothing else an identifier: that was chosen."""
    for scheme, key in _PRINTED_ON_IT.items():
        if key not in draft.attributes and key not in draft.cleared:
            draft.say(key, draft.identifiers.get(scheme))
    if "vendor" not in draft.identifiers:
        draft.identify("vendor", draft.attributes.get("vendor"))


def _tell(column: Column, cell: str, draft: Draft) -> None:
    kind, _, what = column.becomes.partition(":")
    if not cell:
        if column.empty == "clear" and kind not in ("key", "name", "class", "identifier"):
            draft.cleared.add(what or kind)
    elif kind == "field":
        draft.say(what, _value(column, what, cell))
    elif kind == "identifier":
        draft.identify(what, cell)
    elif kind == "relation":
        for target in cell.split("|"):
            scheme, _, value = target.strip().partition("=")
            by, there = (scheme, value) if scheme in _IDENTIFIERS else ("key", target)
            draft.relate(what, word(there), by=by)
    elif kind == "status":
        if cell.lower() not in _STATUSES:
            raise NotTaken(gettext("“%s” is no state of the life cycle.") % cell[:60])
        draft.state = cell.lower()
    elif kind == "description":
        draft.describe(cell)
    elif kind in ("owner", "environment"):
        setattr(draft, kind, word(cell))


def _value(column: Column, key: str, cell: str) -> object:
    """The cell in the field's unit. Raises NotTaken for a number that is none."""
    kind, unit = KEYS[key]
    if kind == "labels":
        return [one.strip() for one in cell.split("|")]
    if kind not in ("whole", "decimal"):
        return cell
    number = converted(cell, column.unit, unit)
    if number is None or (kind == "whole" and number != number.to_integral_value()):
        words = {"header": column.header[:60], "cell": cell[:60]}
        raise NotTaken(gettext("%(header)s: “%(cell)s” is not the number that is expected here.") % words)
    return number
