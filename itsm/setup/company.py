"""A company in one file: teams, people, environments, services, sources, objectives. Shape only, no database.

    teams: [payments, {slug: platform, name: Platform}]
    people:
      - {login: ada, name: Ada Lovelace, email: ada@shop.example, roles: [engineer], teams: [payments]}
    environments:
      - {name: production-eu, aliases: [eu], production: true}
    services:
      - {name: Checkout, team: payments, owner: ada, tier: 1, depends_on: [ledger, {any_of: [a, b], needs: 1}]}
    services_csv: services.csv
    sources:
      - {slug: prometheus, url: "https://prometheus.shop.example"}
    objectives: [slos/]

Files are named relative to this one. Everything is optional; what is not known here is refused with its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from catalog.service_import.formats import Dependence, ServiceRow
from itsm.slugs import slug_of
from slo.openslo.formats.reading import documents_of

_KNOWN: Mapping[str, frozenset[str]] = {
    "teams": frozenset({"slug", "name"}),
    "people": frozenset({"login", "name", "email", "roles", "teams"}),
    "environments": frozenset({"name", "aliases", "production", "description"}),
    "services": frozenset({"name", "slug", "team", "owner", "tier", "depends_on", "description"}),
    "sources": frozenset({"slug", "name", "url", "auth", "credential", "username", "authority"}),
}
_LISTS = (*_KNOWN, "objectives")
Entry = dict[str, Any]


@dataclass(slots=True)
class CompanyFile:
    """What the file says, entry by entry; `problems` by their place ("people[3].roles: …")."""

    teams: list[Entry] = field(default_factory=list)
    people: list[Entry] = field(default_factory=list)
    environments: list[Entry] = field(default_factory=list)
    services: list[ServiceRow] = field(default_factory=list)
    services_csv: str = ""
    sources: list[Entry] = field(default_factory=list)
    objectives: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_company(name: str, content: bytes | str) -> CompanyFile:
    """The file as it was meant, or what is wrong with it. Never raises for what it contains."""
    company = CompanyFile()
    documents, findings = documents_of(name, content)
    if findings:
        company.problems += [one.message for one in findings]
        return company
    if len(documents) != 1 or not isinstance(documents[0].value, dict):
        company.problems.append(gettext("One document is needed, with teams, people, services and so on."))
        return company
    said: Mapping[str, Any] = documents[0].value
    for key in said:
        if key not in (*_LISTS, "services_csv"):
            known = ", ".join(_LISTS)
            company.problems.append(gettext("%(key)s: not known; known are %(known)s.") % {"key": key, "known": known})
    for key in _KNOWN:
        setattr(company, key, list(_entries(company, key, said.get(key))))
    company.services = [_service(number, entry, company) for number, entry in enumerate(company.services)]  # type: ignore[arg-type]
    company.services_csv = _text(company, "services_csv", said.get("services_csv"))
    company.objectives = _texts(company, "objectives", said.get("objectives"))
    return company


def _entries(company: CompanyFile, key: str, said: Any) -> Iterator[Entry]:
    """Each as an object; a bare text is the name of a team or an environment."""
    if said is None:
        return
    if not isinstance(said, list):
        company.problems.append(gettext("%(key)s: a list is needed.") % {"key": key})
        return
    for number, entry in enumerate(said):
        place = f"{key}[{number}]"
        if isinstance(entry, str) and key in {"teams", "environments"}:
            entry = {"name": entry}
        if not isinstance(entry, dict):
            company.problems.append(gettext("%(place)s: an object is needed.") % {"place": place})
            continue
        for name in sorted(set(entry) - _KNOWN[key]):
            words = {"place": place, "name": name, "known": ", ".join(sorted(_KNOWN[key]))}
            company.problems.append(gettext("%(place)s.%(name)s: not known; known are %(known)s.") % words)
        yield _shaped(company, place, {name: entry[name] for name in _KNOWN[key] if entry.get(name) is not None})


def _shaped(company: CompanyFile, place: str, entry: Entry) -> Entry:
    """Texts as texts, lists as lists of texts; with the slug that follows from a name."""
    found: Entry = {}
    for name, value in entry.items():
        if name in {"roles", "teams", "aliases"}:
            found[name] = _texts(company, f"{place}.{name}", value)
        elif name in {"tier", "depends_on", "production"}:
            found[name] = value
        else:
            found[name] = _text(company, f"{place}.{name}", value)
    if "production" in found and not isinstance(found["production"], bool):
        company.problems.append(gettext("%(place)s.production: true or false.") % {"place": place})
        found["production"] = True
    if place.startswith("teams") and "slug" not in found:
        found["slug"] = slug_of(found.get("name", ""))
    return found


def _text(company: CompanyFile, place: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    company.problems.append(gettext("%(place)s: a text is needed.") % {"place": place})
    return ""


def _texts(company: CompanyFile, place: str, value: Any) -> list[str]:
    said = [value] if isinstance(value, str) else value or []
    if isinstance(said, list) and all(isinstance(one, str) for one in said):
        return [one.strip() for one in said]
    company.problems.append(gettext("%(place)s: a list of texts is needed.") % {"place": place})
    return []


def _service(number: int, entry: Entry, company: CompanyFile) -> ServiceRow:
    name = entry.get("name") or entry.get("slug") or ""
    slug = entry.get("slug") or slug_of(name)
    row = ServiceRow(
        number, name, slug, entry.get("team"), entry.get("owner"), description=entry.get("description")
    )  # fmt: skip
    place = f"services[{number}]"
    if not slug:
        row.problems.append(gettext("A service needs a name."))
    tier = entry.get("tier")
    if tier is not None and (isinstance(tier, bool) or tier not in (1, 2, 3, 4)):
        company.problems.append(gettext("%(place)s.tier: 1 to 4.") % {"place": place})
    elif tier is not None:
        row.tier = int(tier)
    if "depends_on" in entry:
        row.depends_on = list(_dependences(company, f"{place}.depends_on", entry["depends_on"]))
    return row


def _dependences(company: CompanyFile, place: str, said: Any) -> Iterator[Dependence]:
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, str):
            yield Dependence((one,))
        elif isinstance(one, dict) and set(one) <= {"any_of", "needs"} and isinstance(one.get("any_of"), list):
            names, needs = tuple(map(str, one["any_of"])), one.get("needs", 1)
            if not isinstance(needs, bool) and needs in range(1, len(names) + 1):
                yield Dependence(names, int(needs))
                continue
            company.problems.append(gettext("%(place)s: it needs one to all of its services.") % {"place": place})
        else:
            company.problems.append(gettext("%(place)s: a service, or {any_of, needs}.") % {"place": place})
