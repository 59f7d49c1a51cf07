"""A CSV of services read into rows: shape only, no database. Every line is read; what is wrong is said by its line.

Columns, in any order, capitals or not: name, slug, team, owner, tier (or criticality), depends on (or dependencies),
description. Only the name is needed; the slug is made from it. Separated by commas, semicolons or tabs, as spreadsheets
write them; a first line `sep=;` is understood.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext

from itsm.kernel.separators import table_in
from itsm.slugs import slug_of

MAX_ROWS = 2_000
MAX_BYTES = 1_000_000
_COLUMNS = {
    "name": "name", "service": "name", "slug": "slug", "key": "slug", "team": "team", "owner team": "team",
    "owner": "owner", "service owner": "owner", "tier": "tier", "criticality": "tier", "depends on": "depends_on",
    "dependencies": "depends_on", "depends_on": "depends_on", "description": "description",
}  # fmt: skip
_TIERS = {
    "critical": 1, "business critical": 1, "high": 1, "important": 2, "medium": 2, "supporting": 3, "low": 3,
    "background": 4, "none": 4,
}  # fmt: skip
_TIER = re.compile(r"(?:tier\s*)?([1-4])\Z", re.ASCII)
_GROUP = re.compile(r"(?:(\d{1,2})\s*/\s*)?(.+)\Z", re.ASCII | re.DOTALL)
_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", re.ASCII)
_LONGEST = {"name": 120, "description": 4000}


@dataclass(frozen=True, slots=True)
class Dependence:
    """Names or slugs of services, of which `needs` are enough."""

    any_of: tuple[str, ...]
    needs: int = 1


@dataclass(slots=True)
class ServiceRow:
    """One line. None: the column is absent or its cell is empty, so that an update leaves the value as it is."""

    line: int
    name: str
    slug: str
    team: str | None = None
    owner: str | None = None
    tier: int | None = None
    depends_on: list[Dependence] | None = None
    description: str | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """`problems` are about the file as a whole."""

    rows: list[ServiceRow]
    problems: list[str]


def read_services(content: bytes | str) -> Table:
    """Every row of the file with what is wrong with it. Never raises for what a file contains."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        return Table([], [gettext("The file is not UTF-8 text; save it as “CSV UTF-8”.")])
    if len(text) > MAX_BYTES or "\x00" in text:
        return Table([], [gettext("This is too large for a table of services, or no text.")])
    body, skipped, separator = table_in(text)
    try:
        lines = list(csv.reader(io.StringIO(body), delimiter=separator, strict=False))
    except csv.Error as error:
        return Table([], [gettext("This cannot be read as CSV: %(why)s.") % {"why": error}])
    if not lines or not any(cell.strip() for cell in lines[0]):
        return Table([], [gettext("The file is empty; its first line names the columns.")])
    if len(lines) > MAX_ROWS + 1:
        return Table([], [gettext("More than %(most)d rows; split the file.") % {"most": MAX_ROWS}])
    columns, problems = _columns(lines[0])
    if problems:
        return Table([], problems)
    rows = [
        _row(number, dict(zip(columns, line, strict=False)), len(line) > len(columns))
        for number, line in enumerate(lines[1:], start=2 + skipped)
        if any(cell.strip() for cell in line)
    ]
    _mark_doubles(rows)
    return Table(rows, [] if rows else [gettext("There is no service below the first line.")])


def _columns(cells: list[str]) -> tuple[list[str], list[str]]:
    said = [" ".join(cell.strip().lower().replace("_", " ").split()) for cell in cells]
    columns = [_COLUMNS.get(word, "") for word in said]
    unknown = [cell for cell, column in zip(cells, columns, strict=True) if not column and cell.strip()]
    problems = [
        gettext("There is no column “%(column)s”; known are name, slug, team, owner, tier, depends on, description.")
        % {"column": cell.strip()[:60]}
        for cell in unknown
    ]
    if "name" not in columns:
        problems.append(gettext("The first line has to name the columns; “name” is the one that is needed."))
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    problems += [gettext("The column %(column)s stands there twice.") % {"column": column} for column in twice]
    return columns, problems


def _row(line: int, cells: dict[str, str], is_long: bool) -> ServiceRow:
    said = {column: cell.strip() for column, cell in cells.items() if column and cell.strip()}
    name = said.get("name", "")
    slug = said.get("slug", "").lower() or slug_of(name)
    row = ServiceRow(line, name, slug, said.get("team"), said.get("owner"), description=said.get("description"))
    if is_long:
        row.problems.append(gettext("More cells than columns: put texts with a separator in quotes."))
    if not name:
        row.problems.append(gettext("A service needs a name."))
    elif not _SLUG.match(slug):
        row.problems.append(gettext("“%(slug)s” is no slug: lower-case letters, digits and '-'.") % {"slug": slug[:70]})
    for column, most in _LONGEST.items():
        if len(said.get(column, "")) > most:
            words = {"column": column, "most": most}
            row.problems.append(gettext("%(column)s has more than %(most)d characters.") % words)
    if "tier" in said:
        row.tier = _tier(said["tier"], row)
    if "depends_on" in said:
        row.depends_on = list(_dependences(said["depends_on"], row))
    return row


def _tier(text: str, row: ServiceRow) -> int | None:
    found = _TIER.match(text.lower())
    tier = int(found[1]) if found else _TIERS.get(text.lower())
    if tier is None:
        row.problems.append(
            gettext("“%(text)s” is no tier: 1 (critical), 2 (important), 3 (supporting) or 4 (background).")
            % {"text": text[:40]}
        )
    return tier


def _dependences(text: str, row: ServiceRow) -> Iterator[Dependence]:
    """`ledger; 1/image-east|image-west`: one each, or so many of a group."""
    for part in re.split(r"[;,\n]", text):
        found = _GROUP.match(part.strip())
        if found is None:
            continue
        any_of = tuple(one.strip() for one in found[2].split("|") if one.strip())
        needs = int(found[1] or 1)
        if not 1 <= needs <= len(any_of):
            row.problems.append(gettext("“%(part)s” needs more services than it names.") % {"part": part.strip()[:60]})
        else:
            yield Dependence(any_of, needs)


def _mark_doubles(rows: list[ServiceRow]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if row.slug and first.setdefault(row.slug, row.line) != row.line:
            words = {"slug": row.slug, "line": first[row.slug]}
            row.problems.append(gettext("%(slug)s stands in line %(line)d already.") % words)
