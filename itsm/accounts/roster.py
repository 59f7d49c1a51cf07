"""A company's people as a CSV file: read as Excel, Google Sheets and HR systems write it, refused line by line.

Columns: login, name, email, roles, own_roles, teams, leads, manager, location, time_zone; in any order, all but one of
login and email may be left out: who has no login is known by the address. Several values in a cell are parted by comma,
semicolon, bar or a line break; a manager is named by login or address, a location and an own role by slug or name.
"""

import csv
import io
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext

from itsm.accounts.models import Role
from itsm.kernel.errors import InvalidInput
from itsm.kernel.separators import table_in

MAX_ROWS = 1000
MAX_CHARACTERS = 1_000_000
COLUMNS = ("login", "name", "email", "roles", "teams", "leads", "manager", "location", "time_zone", "own_roles")
_ALSO_CALLED = {
    "user": "login", "username": "login", "user name": "login", "user_name": "login",
    "full name": "name", "display name": "name",
    "e-mail": "email", "mail": "email", "email address": "email", "e-mail address": "email",
    "role": "roles", "team": "teams", "group": "teams", "groups": "teams", "department": "teams",
    "leads teams": "leads", "lead of": "leads", "manager login": "manager", "manager email": "manager",
    "line manager": "manager", "supervisor": "manager", "reports to": "manager", "site": "location",
    "own role": "own_roles", "custom role": "own_roles", "custom roles": "own_roles",
    "office": "location", "place": "location", "time zone": "time_zone",
    "timezone": "time_zone",
}  # fmt: skip
_ROLES = {str(label).casefold(): value for value, label in Role.choices} | {value: value for value in Role.values}
_NOT_IN_A_LOGIN = re.compile(r"[^\w.@+-]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the file. `given`: the columns that the file has; `wrong`: sentences.

    `names_login`: it says the login itself; otherwise it is made from the address.
    """

    number: int
    login: str
    given: frozenset[str]
    name: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    manager: str = ""
    location: str = ""
    time_zone: str = "UTC"
    own_roles: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)
    names_login: bool = True


def lines_of(text: str) -> list[Line]:
    """Every line of the file. InvalidInput where it cannot be read as a table of people at all."""
    if len(text) > MAX_CHARACTERS:
        raise _unreadable(gettext("This file is too large: people come in by up to 1,000 lines."))
    body, skipped, delimiter = table_in(text.removeprefix("\ufeff"))
    try:
        rows = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _unreadable(gettext("This is no CSV file: %(error)s.") % {"error": error}) from error
    numbered = [(at, row) for at, row in enumerate(rows, start=1 + skipped) if any(cell.strip() for cell in row)]
    if not numbered:
        raise _unreadable(gettext("This file is empty. Its first line names the columns."))
    header = [_column(cell) for cell in numbered[0][1]]
    _check_header(header)
    if len(numbered) > MAX_ROWS + 1:
        raise _unreadable(gettext("At most %(most)s people come in at once.") % {"most": f"{MAX_ROWS:,}"})
    return _told_apart([_line(number, header, row) for number, row in numbered[1:]])


def _column(cell: str) -> str:
    name = cell.strip().casefold()
    return _ALSO_CALLED.get(name, name.replace(" ", "_") if name.replace(" ", "_") in COLUMNS else name)


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        said = gettext("There is no column %(unknown)s: leave it out, or call it one of %(known)s.")
        raise _unreadable(
            said % {"unknown": ", ".join(f"“{one[:60]}”" for one in unknown[:20]), "known": ", ".join(COLUMNS)}
        )
    if len(set(header)) != len(header):
        raise _unreadable(gettext("A column is there twice."))
    if not {"login", "email"} & set(header):
        raise _unreadable(gettext("The first line must name a column “login” or “email”."))


def _line(number: int, header: list[str], row: list[str]) -> Line:
    wrong: list[str] = []
    if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
        wrong.append(gettext("It has more cells than the first line."))
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
    email = cells.get("email", "")
    said = cells.get("login", "")
    login = said or _NOT_IN_A_LOGIN.sub("-", email.partition("@")[0]).casefold()
    if not login:
        wrong.append(gettext("It has neither a login nor an e-mail."))
    roles = tuple(_role(one, wrong) for one in _parts(cells.get("roles", "")))
    return Line(
        number=number,
        login=login[:150],
        given=frozenset(header),
        name=cells.get("name", ""),
        email=email,
        roles=roles,
        teams=tuple(_parts(cells.get("teams", ""))),
        leads=tuple(_parts(cells.get("leads", ""))),
        manager=cells.get("manager", ""),
        location=cells.get("location", ""),
        time_zone=cells.get("time_zone", "") or "UTC",
        own_roles=tuple(_parts(cells.get("own_roles", ""))),
        wrong=wrong,
        names_login=bool(said),
    )


def _parts(cell: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in re.split(r"[,;|\n]", cell) if part.strip()))


def _role(text: str, wrong: list[str]) -> str:
    found = _ROLES.get(text.casefold())
    if found is None:
        said = gettext("There is no role “%(role)s”; there are %(known)s.")
        wrong.append(said % {"role": text[:60], "known": ", ".join(str(label) for label in Role.labels)})
    return found or text[:20]


def _told_apart(lines: list[Line]) -> list[Line]:
    """Somebody who is there twice is wrong the second time."""
    seen: dict[str, int] = {}
    for line in lines:
        first = seen.setdefault(line.login.casefold(), line.number)
        if line.login and first != line.number:
            line.wrong.append(
                gettext("%(login)s is in line %(first)s already.") % {"login": line.login, "first": first}
            )
    return lines


def _unreadable(sentence: str) -> InvalidInput:
    return InvalidInput.about("file", sentence)
