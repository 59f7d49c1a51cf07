"""Looking at a directory and at whom the desk knows of it: who has left, who came back, whose word changed, who is new.

Nothing is written here. A look that did not come to its end is a failure (DirectoryFailed) and says nothing of anybody.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from itsm.directory.configured import Directory, directory_of
from itsm.directory.groups import all_groups
from itsm.directory.identifying import identified, mapped_groups
from itsm.directory.models import DirectorySync
from itsm.directory.people import Person, changed_since, everybody
from itsm.directory.talk import reading
from itsm.identity.models import MAX_GROUPS, ExternalIdentity, IdentityProvider
from itsm.identity.operations import PersonPlan, preview
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How

SECONDS = 240.0
WHOLE_EVERY = timedelta(hours=24)
_OVERLAP = timedelta(minutes=10)  # between servers of one directory changes travel, with the time of their origin
_FEW = 3  # who leave at once are asked about by nobody, however small the company
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """What a directory said. `people`: who may come in, as the identity takes it. `whole`: every attribute of
    everybody was read; else what did not change is as it was said last."""

    found: int
    people: dict[str, Identified]
    whole: bool
    changed_to: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to do, each list in order. `odd`: so many would leave at once that a person is asked."""

    seen: Seen
    leaving: list[str] = field(default_factory=list)
    back: list[Identified] = field(default_factory=list)
    changed: list[Identified] = field(default_factory=list)
    new: list[PersonPlan] = field(default_factory=list)
    refused: int = 0
    known: int = 0
    odd: bool = False

    @property
    def count(self) -> int:
        leaving = 0 if self.odd else len(self.leaving)
        return leaving + len(self.back) + len(self.changed) + len(self.new)


def look(
    provider: IdentityProvider, sync: DirectorySync | None, at: datetime, *, alive: Callable[[], None] = lambda: None
) -> Due:
    """`alive` is called as it goes on. Raises DirectoryFailed."""
    known = {one.subject: one for one in ExternalIdentity.objects.filter(provider=provider).select_related("user")}
    directory = directory_of(provider.configuration)
    seen = _seen(provider, directory, sync, known, at, alive)
    return _due(provider, directory, known, seen, sync)


def _seen(
    provider: IdentityProvider,
    directory: Directory,
    sync: DirectorySync | None,
    known: dict[str, ExternalIdentity],
    at: datetime,
    alive: Callable[[], None],
) -> Seen:
    read_as = hashlib.sha256(json.dumps(provider.configuration, sort_keys=True).encode()).hexdigest()
    since = _since(sync, read_as, at) if not directory.makes_accounts else ""
    with reading(directory, deadline=time.monotonic() + SECONDS) as talk:
        groups = all_groups(talk, directory)
        alive()
        newer = {one.subject: one for one in changed_since(talk, directory, since, at)} if since else {}
        people = list(_heard(everybody(talk, directory, at, brief=bool(since)), alive))
    meant = mapped_groups(provider)
    found: dict[str, Identified] = {}
    for one in people:
        if not one.disabled:
            person = newer.get(one.subject, one)
            said = identified(provider, directory, person, groups.of(person, directory), meant)
            if since and one.subject not in newer:
                said = _as_before(said, known.get(one.subject))
            found[one.subject] = said
    changed = max((one.changed for one in (newer.values() if since else people)), default="")
    return Seen(len(people), found, not since, max(changed, sync.changed_to if sync and since else ""), read_as)


def _since(sync: DirectorySync | None, read_as: str, at: datetime) -> str:
    """From when on changes are asked for, as the directory writes it; "" where everything is."""
    if sync is None or not sync.changed_to or sync.read_as != read_as or sync.whole_at is None:
        return ""
    if at - sync.whole_at >= WHOLE_EVERY:
        return ""
    digits, point, rest = sync.changed_to.partition(".")
    try:
        begun = datetime.strptime(digits.rstrip("Z"), "%Y%m%d%H%M%S") - _OVERLAP  # noqa: DTZ007 -- Z, as written
    except ValueError:
        return ""
    return f"{begun:%Y%m%d%H%M%S}{point}{rest}" if point else f"{begun:%Y%m%d%H%M%S}Z"


def _heard(people: Iterator[Person], alive: Callable[[], None]) -> Iterator[Person]:
    for number, one in enumerate(people, 1):
        if number % _AT_ONCE == 0:
            alive()
        yield one


def _as_before(said: Identified, known: ExternalIdentity | None) -> Identified:
    """What was not read now is as it was said last."""
    if known is None:
        return said
    verified = bool(known.email_said) and said.email_verified
    return Identified(said.subject, known.email_said, verified, known.name_said, said.groups, said.login_hint)


def _due(
    provider: IdentityProvider,
    directory: Directory,
    known: dict[str, ExternalIdentity],
    seen: Seen,
    sync: DirectorySync | None,
) -> Due:
    here = {name: one for name, one in known.items() if one.ended_at is None and one.user.is_active}
    leaving = sorted(here.keys() - seen.people.keys())
    back = [seen.people[name] for name, one in sorted(known.items()) if one.ended_at and name in seen.people]
    changed = [seen.people[name] for name, one in sorted(here.items()) if name in seen.people]
    changed = [one for one in changed if _differs(one, here[one.subject])]
    new, refused = _new(provider, directory, known, seen)
    odd = _is_odd(leaving, here=len(here), there=len(seen.people), directory=directory, sync=sync)
    return Due(seen, leaving, back, changed, new, refused, len(here), odd)


def _differs(said: Identified, known: ExternalIdentity) -> bool:
    return (
        known.email_said != said.email[:254]
        or known.name_said != said.name.strip()[:150]
        or list(known.groups) != list((said.groups or ())[:MAX_GROUPS])
    )


def _new(
    provider: IdentityProvider, directory: Directory, known: dict[str, ExternalIdentity], seen: Seen
) -> tuple[list[PersonPlan], int]:
    """Whom the sync makes accounts of, where it does, and how many the policy does not let in."""
    if not directory.makes_accounts:
        return [], 0
    unknown = [said for name, said in sorted(seen.people.items()) if name not in known]
    plans = [
        plan
        for start in range(0, len(unknown), _AT_ONCE)
        for plan in preview(provider, unknown[start : start + _AT_ONCE]).people
    ]
    let_in = [plan for plan in plans if plan.how is not How.REFUSED]
    return let_in, len(plans) - len(let_in)


def _is_odd(leaving: list[str], *, here: int, there: int, directory: Directory, sync: DirectorySync | None) -> bool:
    """Whether so many leave that the directory is asked about by a person: nobody is there, or too many are gone. Whom
    a person let go before is not asked about again."""
    asked_about = set(leaving) - set(sync.let_go if sync is not None else ())
    if not asked_about:
        return False
    everybody_goes = there == 0 or (len(leaving) == here and here >= _FEW)
    return everybody_goes or len(leaving) > max(_FEW, ceil(here * directory.most_leaving / 100))
