"""Whom a part of a plan asks: from what an item's document says to people by name, as things stand when it is asked.

Promise: never the requester, the person who is served, or who decides in the place of one of them. Where a rule finds
nobody, somebody who can act is asked instead and told why: the team's leads, its members, at the last administrators.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext

from itsm.accounts import interest
from itsm.accounts.models import Role, Team, User
from itsm.approvals.standing_in import running
from itsm.approvals.stepping import Part, Step
from itsm.kernel.errors import InvalidInput

_PERCENT = re.compile(r"(\d{1,3})%", re.ASCII)
_LONGEST_LABEL = 60


class Asked(NamedTuple):
    """A part with its people, and what went another way than its document says, in sentences."""

    part: Part
    findings: tuple[str, ...]


class Resolved(NamedTuple):
    """The steps that are asked, and the findings of all of them."""

    steps: tuple[Step, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What the rules of one record look at. `out`: accounts that keep out, the people behind them included.

    `answers`: by the question's key a person or a team, as such or by number; `types`: by the same key "person" or
    "team", which a number does not tell. `bound`: of those who keep out, who decides in another's place. `able`: as in
    `resolve`.
    """

    served: User
    team: Team | None
    service: Any
    answers: Mapping[str, Any]
    types: Mapping[str, str]
    out: frozenset[int]
    bound: frozenset[int] = frozenset()
    able: Callable[[User], bool] | None = None


_Found = tuple[str, list[User]]  # what they are called, and who they are


def resolve(
    steps: Sequence[Mapping[str, Any]],
    *,
    requester: User,
    served: User,
    team: Team | None,
    service: Any,
    answers: Mapping[str, Any],
    types: Mapping[str, str] | None = None,
    record_kind: str = "",
    excluded: Collection[int] = (),
    able: Callable[[User], bool] | None = None,
) -> Resolved:
    """These steps, `{"parts": [...], "rule"}` each, with their people; who keeps out is read once for all of them.

    A part is `{"who", "value", "quorum"}`; `quorum`: "any", "all", a number, or a share ("50%", of the people who may
    answer, rounded up). Parts are called "1.1", "1.2", ... by step and place. `team`: whose item it is; `service`: with
    owner and team. `excluded`: accounts that keep out besides those two. `able`: whether the record lets somebody
    decide about it at all.

    Raises InvalidInput: a document that says none of that, and a desk where nobody at all could decide.
    """
    out, bound = _kept_out({requester.pk, served.pk, *excluded}, record_kind)
    about = About(served, team, service, answers, types or {}, out, bound, able)
    made: list[Step] = []
    findings: list[str] = []
    for number, step in enumerate(steps, 1):
        parts = [_asked(one, about, f"{number}.{at}") for at, one in enumerate(step["parts"], 1)]
        made.append(Step(tuple(one.part for one in parts), step.get("rule", "all")))
        findings += [sentence for one in parts for sentence in one.findings]
    return Resolved(tuple(made), tuple(dict.fromkeys(findings)))


def _kept_out(accounts: Collection[int], record_kind: str) -> tuple[frozenset[int], frozenset[int]]:
    """All of those, and of them who only decides in the place of one of the others."""
    persons = interest.natural_persons(accounts)
    delegations = running().filter(person__in=persons, panel_kind="", record_kind__in=["", record_kind])
    themselves = frozenset({*accounts, *persons})
    bound = frozenset(delegations.values_list("delegate_id", flat=True)) - themselves
    return themselves | bound, bound


def _asked(document: Mapping[str, Any], about: About, name: str) -> Asked:
    rule = _RULES.get(document.get("who", ""))
    if rule is None:
        raise InvalidInput.about("who", gettext("Ask one of: %(names)s.") % {"names": ", ".join(_RULES)})
    label, found = rule(str(document.get("value", "")), about)
    people = {one.pk: one for one in found if _may(one, about)}
    wanted = str(document.get("quorum", "any")).replace(" ", "")
    least = int(wanted) if wanted.isdecimal() else 1
    findings = _passed_over(document["who"], found, about)
    if len(people) < max(1, least):
        label, sentence = _fill_up(people, label, max(1, least), about)
        findings.append(sentence)
    quorum = _quorum(wanted, len(people))
    return Asked(Part(name, frozenset(people), quorum, label[:_LONGEST_LABEL]), tuple(findings))


def _passed_over(who: str, found: Sequence[User], about: About) -> list[str]:
    """That another than the manager is asked, since who asks or is served made the manager decide in their place."""
    manager = about.served.manager
    if who != "manager" or not found or manager is None or manager.pk not in about.bound:
        return []
    said = gettext("%(manager)s decides in the place of who asks or is served: %(called)s is asked instead.")
    return [said % {"manager": manager, "called": found[0]}]


def _may(one: User, about: About) -> bool:
    may = one.is_active and one.is_human and one.pk not in about.out
    return may and (about.able is None or about.able(one))


def _quorum(wanted: str, people: int) -> int:
    """A share is frozen with the people: half of five is three."""
    share = _PERCENT.fullmatch(wanted)
    if share is not None and 1 <= int(share[1]) <= 100:
        return -(-int(share[1]) * people // 100)
    if wanted == "all":
        return people
    if wanted == "any":
        return 1
    if wanted.isdecimal() and int(wanted) >= 1:
        return min(int(wanted), people)
    raise InvalidInput.about("quorum", gettext("Send any, all, a number of people, or a share such as 50%."))


def _fill_up(people: dict[int, User], label: str, least: int, about: About) -> tuple[str, str]:
    """Add those who can act until there are enough: the team's leads, its members, administrators. In words."""
    few = len(people)
    for called, more in _others(about):
        added = {one.pk: one for one in more if _may(one, about)}
        people.update(added)
        if added and len(people) >= least:
            words = {"label": label, "few": few, "least": least, "called": called}
            if few:
                return label, gettext("%(label)s: %(few)s of %(least)s may decide; %(called)s are asked too.") % words
            return called, gettext("%(label)s: nobody there may decide; %(called)s are asked instead.") % words
    if not people:
        raise InvalidInput.about(
            "who", gettext("%(label)s: nobody may decide about it, not even administrators.") % {"label": label}
        )
    words = {"label": label, "few": len(people), "least": least}
    return label, gettext("%(label)s: %(few)s may decide where %(least)s should; all of them are asked.") % words


def _others(about: About) -> Iterable[_Found]:
    if about.team is not None:
        words = {"team": about.team.name}
        leads = User.objects.filter(memberships__team=about.team, memberships__lead=True)
        yield gettext("the leads of %(team)s") % words, list(leads.order_by("username"))
        yield gettext("the members of %(team)s") % words, list(about.team.members.order_by("username"))
    yield gettext("administrators"), list(User.objects.administrators().order_by("username"))


def _manager(_value: str, about: About) -> _Found:
    """The served person's manager, or the first one above who may: a line has no circle, the database sees to it."""
    above, label = about.served.manager, gettext("Manager of %(person)s") % {"person": about.served}
    while above is not None and not _may(above, about):
        above = above.manager
    return label, [above] if above else []


def _of_team(slug: str, about: About) -> _Found:
    return _members(Team.objects.filter(slug=slug, retired_at=None).first(), slug)


def _members(team: Team | None, called: str) -> _Found:
    if team is None:
        return called, []
    return team.name, list(team.members.order_by("username"))


def _team_lead(slug: str, about: About) -> _Found:
    """The leads of that team, without a slug of the one whose item or service it is."""
    team = Team.objects.filter(slug=slug, retired_at=None).first() if slug else about.team
    if team is None:
        return gettext("Team lead"), []
    leads = User.objects.filter(memberships__team=team, memberships__lead=True)
    return gettext("Lead of %(team)s") % {"team": team.name}, list(leads.order_by("username"))


def _role(value: str, about: About) -> _Found:
    label = str(Role(value).label) if value in Role.values else value
    return label, list(User.objects.filter(roles__contains=[value]).order_by("username"))


def _person(username: str, about: About) -> _Found:
    found = User.objects.filter(username__iexact=username).first()
    return str(found or username), [found] if found else []


def _service_owner(_value: str, about: About) -> _Found:
    """The person who owns it; of a service that a team owns its members with the role of an owner."""
    if about.service is None:
        return gettext("Service owner"), []
    label = gettext("Owner of %(service)s") % {"service": about.service}
    if about.service.owner is not None:
        return label, [about.service.owner]
    if about.service.team is None:
        return label, []
    return label, list(about.service.team.members.filter(roles__contains=[Role.OWNER]).order_by("username"))


def _question(key: str, about: About) -> _Found:
    """Whom an answer names: a person, or a team."""
    said, named = about.answers.get(key), about.types.get(key)
    if isinstance(said, int):
        if named not in ("person", "team"):
            raise InvalidInput.about("value", gettext("%(key)s asks neither for a person nor a team.") % {"key": key})
        said = (User if named == "person" else Team).objects.filter(pk=said).first()
    if isinstance(said, User):
        return str(said), [said]
    return _members(said if isinstance(said, Team) else None, key)


_RULES: dict[str, Callable[[str, About], _Found]] = {
    "manager": _manager,
    "team": _of_team,
    "team_lead": _team_lead,
    "role": _role,
    "person": _person,
    "service_owner": _service_owner,
    "question": _question,
}
