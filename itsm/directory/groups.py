"""Groups of a directory, and groups within groups: who is in which, however deep, without going in circles.

A group is called by its DN, written in one way (`key_of`): two groups of one common name in two places are two.
"""

import re
from collections.abc import Iterable, Mapping

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from itsm.directory.configured import Directory
from itsm.directory.people import Person
from itsm.directory.talk import Entry, Talk

IN_CHAIN = "1.2.840.113556.1.4.1941"  # Active Directory walks nested groups itself
IS_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"
DEEPEST = 32
_AT_ONCE = 50  # groups that are asked about by one filter
_RANGE = re.compile(r"(?P<name>[\w-]+);range=(?P<first>\d+)-(?P<last>\d+|\*)", re.ASCII)
_BY_LOGIN = "memberuid"  # groups of UNIX name their members by login
_PLAIN_DN = re.compile(r"[^\\\"#+;<>]*", re.DOTALL)


class Groups:
    """Who is in which groups, as one reading of all of them found it."""

    def __init__(self, parents: Mapping[str, Iterable[str]]) -> None:
        self._parents = {child: frozenset(groups) for child, groups in parents.items()}
        self._above: dict[str, frozenset[str]] = {}

    def of(self, person: Person, directory: Directory) -> tuple[str, ...]:
        """The groups of somebody, in order; those that hold them through others too."""
        direct = self._parents.get(_member_key(person, directory), frozenset())
        return tuple(sorted(direct.union(*(self._over(one) for one in direct))))

    def _over(self, group: str) -> frozenset[str]:
        """All groups that this one is within. A group that is within itself is no more than that."""
        if group not in self._above:
            seen: set[str] = set()
            waiting = [group]
            while waiting:
                for one in self._parents.get(waiting.pop(), ()):
                    if one not in seen:
                        seen.add(one)
                        waiting.append(one)
            self._above[group] = frozenset(seen)
        return self._above[group]


def all_groups(talk: Talk, directory: Directory) -> Groups:
    """Read every group once. Raises DirectoryFailed."""
    parents: dict[str, set[str]] = {}
    by_login = directory.member_attribute.lower() == _BY_LOGIN
    for entry in talk.search(directory.group_base, directory.group_filter, [directory.member_attribute]):
        group = key_of(entry.dn)
        for member in _members(talk, entry, directory.member_attribute):
            parents.setdefault(member.casefold() if by_login else key_of(member), set()).add(group)
    return Groups(parents)


def groups_of(talk: Talk, directory: Directory, person: Person) -> tuple[str, ...]:
    """The groups of one person, as all_groups would say. Active Directory is asked once, others level by level.

    Raises DirectoryFailed.
    """
    if IS_ACTIVE_DIRECTORY in talk.capabilities():
        wanted = f"(&{directory.group_filter}(member:{IN_CHAIN}:={escape_filter_chars(person.dn)}))"
        return tuple(sorted(key_of(one.dn) for one in talk.search(directory.group_base, wanted, ["1.1"])))
    by_login = directory.member_attribute.lower() == _BY_LOGIN
    found: dict[str, str] = {}
    level = [person.login if by_login else person.dn]
    for _depth in range(DEEPEST):
        above = {key_of(dn): dn for dn in _holding(talk, directory, level)}
        level = [dn for key, dn in above.items() if key not in found]
        found |= above
        if not level or by_login:
            break
    return tuple(sorted(found))


def _holding(talk: Talk, directory: Directory, members: list[str]) -> Iterable[str]:
    """DNs of the groups that have one of these as a member."""
    for start in range(0, len(members), _AT_ONCE):
        some = members[start : start + _AT_ONCE]
        any_of = "".join(f"({directory.member_attribute}={escape_filter_chars(one)})" for one in some)
        wanted = f"(&{directory.group_filter}(|{any_of}))"
        yield from [one.dn for one in talk.search(directory.group_base, wanted, ["1.1"])]


def _members(talk: Talk, entry: Entry, attribute: str) -> Iterable[str]:
    """The members of a group; Active Directory gives 1,500 at once, and says which (`member;range=0-1499`)."""
    yield from _texts(entry.values.get(attribute.lower(), ()))
    part = _range_of(entry, attribute)
    while part is not None:
        name, last = part
        yield from _texts(entry.values[name])
        if last is None:
            return
        more = talk.one(entry.dn, [f"{attribute};range={last + 1}-*"])
        part = _range_of(more, attribute) if more is not None else None
        entry = more or entry


def _range_of(entry: Entry, attribute: str) -> tuple[str, int | None] | None:
    """The name of the attribute that holds a part, and the number of its last value; None there: nothing follows."""
    for name in entry.values:
        found = _RANGE.fullmatch(name)
        if found and found["name"] == attribute.lower():
            return name, None if found["last"] == "*" else int(found["last"])
    return None


def _texts(values: Iterable[bytes]) -> Iterable[str]:
    return (one.decode("utf-8", "replace").replace("\0", "") for one in values)


def _member_key(person: Person, directory: Directory) -> str:
    return person.login.casefold() if directory.member_attribute.lower() == _BY_LOGIN else key_of(person.dn)


def key_of(dn: str) -> str:
    """A DN written in one way: without spaces around its signs, in small letters. What is none stays as it is."""
    if _PLAIN_DN.fullmatch(dn):  # as nearly all are
        parts = (one.partition("=") for one in dn.split(","))
        return ",".join(f"{name.strip()}={' '.join(value.split())}" for name, _sign, value in parts).lower()
    try:
        parsed = parse_dn(dn, escape=False, strip=True)
    except (LDAPInvalidDnError, IndexError, ValueError):
        return dn.strip().lower()
    return "".join(f"{name}={value}{sign}" for name, value, sign in parsed).lower()
