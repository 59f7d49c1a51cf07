"""People as a directory has them: who they are for ever, what they type, and whether they may come in."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ldap3.utils.conv import escape_filter_chars

from itsm.directory.configured import Directory
from itsm.directory.talk import Entry, Talk

_BINARY_GUIDS = frozenset({"objectguid"})  # Microsoft's order of bytes
_NEVER = frozenset({"", "0", "9223372036854775807"})
_EPOCH_1601 = datetime(1601, 1, 1, tzinfo=UTC)
MAX_LOGIN = 150


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a directory. `subject`: by what they are known for ever; `changed`: when, as the server writes it."""

    subject: str
    dn: str
    login: str
    name: str
    mail: str
    changed: str
    disabled: bool = False


def everybody(talk: Talk, directory: Directory, at: datetime, *, brief: bool = False) -> Iterator[Person]:
    """All people, those who may not come in too. Raises DirectoryFailed where they were not read to the end.

    `brief`: no more than who they are, and whether they may come in; name and address are empty then.

    Who has no subject cannot be told from others and is left out.
    """
    locked_out = {one.dn.lower() for one in talk.search(directory.base_dn, _disabled(directory), ["1.1"])}
    asked = directory.people_attributes if not brief else directory.brief_attributes
    for entry in talk.search(directory.base_dn, directory.people_filter, asked):
        found = _person(entry, directory, at, disabled=entry.dn.lower() in locked_out)
        if found is not None:
            yield found


def changed_since(talk: Talk, directory: Directory, since: str, at: datetime) -> Iterator[Person]:
    """Those whose entries changed at `since` or later, by the directory's own clock. Raises DirectoryFailed."""
    wanted = f"(&{directory.people_filter}({directory.changed_attribute}>={escape_filter_chars(since)}))"
    for entry in talk.search(directory.base_dn, wanted, directory.people_attributes):
        if (found := _person(entry, directory, at, disabled=False)) is not None:
            yield found


def known_as(talk: Talk, directory: Directory, subject: str, at: datetime) -> Person | None:
    """The person of this subject; None where there is none (any more), or more than one. Raises DirectoryFailed."""
    said = escape_filter_chars(subject)
    if directory.subject_attribute.lower() in _BINARY_GUIDS:
        try:
            said = "".join(f"\\{byte:02x}" for byte in uuid.UUID(subject).bytes_le)
        except ValueError:
            return None
    return _one(talk, directory, f"({directory.subject_attribute}={said})", at)


def called(talk: Talk, directory: Directory, login: str, at: datetime) -> Person | None:
    """The one person who types this name; None where there is none, or more than one.

    The name has to be theirs to the letter, but for case: a directory takes others for the same (spaces, signs that are
    not seen), and guesses are counted by name.
    """
    if not login or len(login) > MAX_LOGIN:
        return None
    person = _one(talk, directory, f"({directory.login_attribute}={escape_filter_chars(login)})", at)
    return person if person is not None and person.login.casefold() == login.casefold() else None


def _one(talk: Talk, directory: Directory, wanted: str, at: datetime) -> Person | None:
    people = f"(&{directory.people_filter}{wanted})"
    found = list(talk.search(directory.base_dn, people, directory.people_attributes))
    if len(found) != 1:
        return None
    disabled = any(True for _one in talk.search(directory.base_dn, f"(&{_disabled(directory)}{wanted})", ["1.1"]))
    return _person(found[0], directory, at, disabled=disabled)


def _disabled(directory: Directory) -> str:
    return f"(&{directory.people_filter}{directory.disabled_filter})"


def _person(entry: Entry, directory: Directory, at: datetime, *, disabled: bool) -> Person | None:
    subject = subject_of(entry, directory.subject_attribute)
    if not subject:
        return None
    return Person(
        subject,
        entry.dn,
        entry.first(directory.login_attribute)[:MAX_LOGIN],
        entry.first(directory.name_attribute)[:150],
        entry.first(directory.mail_attribute)[:254],
        entry.first(directory.changed_attribute)[:40],
        disabled or _has_expired(entry.first("accountExpires"), at),
    )


def subject_of(entry: Entry, attribute: str) -> str:
    """A GUID as people write it, anything else in small letters where it is a UUID; "" where there is none."""
    raw = entry.values.get(attribute.lower()) or [b""]
    if attribute.lower() in _BINARY_GUIDS:
        return str(uuid.UUID(bytes_le=raw[0])) if len(raw[0]) == 16 else ""
    text = entry.first(attribute)
    try:
        return str(uuid.UUID(text)) if len(text) == 36 else text
    except ValueError:
        return text


def _has_expired(said: str, at: datetime) -> bool:
    """Active Directory's accountExpires: 100 ns since 1601."""
    if said in _NEVER or not said.isascii() or not said.isdigit() or len(said) > 19:
        return False
    try:
        return _EPOCH_1601 + timedelta(microseconds=int(said) // 10) <= at
    except OverflowError:
        return False
