"""Documents of a version in words, for its pages."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from catalog.items.forms.conditions import in_words
from catalog.items.models import CatalogItemVersion
from catalog.items.vocabulary import TaskKind, Who
from itsm.accounts.models import Location, Role, Team, User
from itsm.fields.vocabulary import REFERENCES

Labels = Mapping[str, Mapping[str, Any]]


def approval_in_words(version: CatalogItemVersion, labels: Labels) -> list[tuple[str, str]]:
    """(who is asked, when) of each step."""
    names = _names(version)
    joined = {"all": gettext(" and "), "any": gettext(" or ")}
    return [
        (
            joined[step["rule"]].join(_part(part, names, labels) for part in step["parts"]),
            in_words(step["when"], labels),
        )
        for step in version.approval["steps"]
    ]


def _names(version: CatalogItemVersion) -> dict[str, str]:
    parts = [part for step in version.approval["steps"] for part in step["parts"]]
    slugs = [part["value"] for part in parts if part["who"] == Who.TEAM]
    slugs += [task["team"] for task in version.fulfilment["tasks"] if task["team"]]
    people = [part["value"] for part in parts if part["who"] == Who.PERSON]
    teams = Team.objects.filter(slug__in=slugs).values_list("slug", "name") if slugs else ()
    found = User.objects.filter(username__in=people) if people else ()
    return {**{f"team:{slug}": name for slug, name in teams}, **{f"person:{one.username}": str(one) for one in found}}


def _part(part: Mapping[str, Any], names: Mapping[str, str], labels: Labels) -> str:
    who, value, quorum = part["who"], part["value"], part["quorum"]
    if who == Who.ROLE:
        said = gettext("the role %(name)s") % {"name": Role(value).label}
    elif who == Who.QUESTION:
        said = gettext("whom “%(label)s” names") % {"label": labels.get(value, {}).get("label", value)}
    elif who in (Who.TEAM, Who.PERSON):
        said = names.get(f"{who}:{value}", value)
    else:
        said = str(Who(who).label)
    if quorum == "any":
        return said
    much = gettext("all of them") if quorum == "all" else gettext("%(much)s of them") % {"much": quorum}
    return f"{said} ({much})"


def tasks_in_words(version: CatalogItemVersion, labels: Labels) -> list[dict[str, Any]]:
    """Each task with who does it, what it waits for and when it is there."""
    names, tasks = _names(version), version.fulfilment["tasks"]
    titles = {one["key"]: one["title"] for one in tasks}
    return [
        {
            "key": one["key"], "title": one["title"], "kind": TaskKind(one["kind"]).label,
            "is_change": one["kind"] == TaskKind.CHANGE, "notes": " · ".join(_notes(one, names, titles, labels)),
        }
        for one in tasks
    ]  # fmt: skip


def _notes(task: Mapping[str, Any], names: Mapping[str, str], titles: Mapping[str, str], labels: Labels) -> list[str]:
    said = [task["change_model"], names.get(f"team:{task['team']}", task["team"])]
    if task["after"]:
        said.append(gettext("after %(tasks)s") % {"tasks": ", ".join(titles[key] for key in task["after"])})
    if task["when"]:
        said.append(gettext("when %(condition)s") % {"condition": in_words(task["when"], labels)})
    if not task["mandatory"]:
        said.append(gettext("optional"))
    return [one for one in said if one]


def answer_in_words(question: Mapping[str, Any], kept: Any, sent: Any) -> str:
    """An answer as people read it: options by their labels, of a record the name that was `sent`."""
    if isinstance(kept, bool):
        return gettext("yes") if kept else gettext("no")
    if question["type"] in REFERENCES:
        return str(sent)
    labels = {one["key"]: one["label"] for one in question["options"]}
    return ", ".join(labels.get(one, str(one)) for one in (kept if isinstance(kept, list) else [kept]))


def entitled_in_words(entitlements: list[dict[str, Any]]) -> tuple[str, str]:
    """(who may ask for it, who may not), for people. Three queries at most."""
    ids: dict[str, list[int]] = {"team": [], "user": []}
    for one in entitlements:
        kind, _colon, key = one["token"].partition(":")
        if kind in ids:
            ids[kind].append(int(key))
    teams = dict(Team.objects.filter(pk__in=ids["team"]).values_list("pk", "name")) if ids["team"] else {}
    slugs = [one["token"].partition(":")[2] for one in entitlements if one["token"].startswith("location:")]
    places = dict(Location.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}
    people = {one.pk: str(one) for one in User.objects.filter(pk__in=ids["user"])} if ids["user"] else {}

    def named(token: str) -> str:
        kind, _colon, key = token.partition(":")
        if kind == "role":
            return gettext("role %(name)s") % {"name": Role(key).label}
        if kind == "location":
            return places.get(key, key)
        if kind in ids:
            return str((teams if kind == "team" else people).get(int(key), key))
        return gettext("everybody who can sign in") if kind == "all" else gettext("who works here")

    may = ", ".join(named(one["token"]) for one in entitlements if one["allow"])
    may_not = ", ".join(named(one["token"]) for one in entitlements if not one["allow"])
    return may or gettext("everybody who can sign in"), may_not
