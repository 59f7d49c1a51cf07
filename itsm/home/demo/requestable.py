"""What people at Larkspur may ask for: a dozen items with their forms, approvals and plans."""
# ruff: noqa: E501 -- documents are read in lines

import re
from datetime import datetime, timedelta
from typing import Any

from catalog.items import operations
from changes.change_models import operations as change_models
from itsm.accounts.models import Team
from itsm.home.demo.founding import Company

PORTS = "firewall-ports"  # the model of the standard change by which a port is opened
Doc = dict[str, Any]


def _q(key: str, label: str, type_: str = "text", **more: Any) -> Doc:
    return {"key": key, "label": label, "type": type_} | more


def _options(*labels: str, **surcharges: int) -> list[Doc]:
    """Of each its key: the label, behind an o where that begins with a digit."""
    keys = [re.sub(r"^(?=\d)", "o_", label.lower().replace(" ", "_")) for label in labels]
    return [
        {"key": key, "label": label, "surcharge": surcharges.get(key, 0)}
        for key, label in zip(keys, labels, strict=True)
    ]


def _when(field: str, op: str, value: Any = None) -> Doc:
    return {"all": [{"field": field, "op": op} | ({} if value is None else {"value": value})]}


def _form(*sections: tuple[str, list[Doc]]) -> Doc:
    return {
        "sections": [
            {"key": title.lower().replace(" ", "_"), "title": title, "questions": asked} for title, asked in sections
        ]
    }


def _steps(*steps: list[Doc]) -> Doc:
    return {"steps": [{"parts": parts} for parts in steps]}


MANAGER: Doc = {"who": "manager"}
WHY = _q("why", "What do you need it for?", "long", required=True)


# fmt: off
def _items() -> list[Doc]:
    return [
        {"name": "Laptop", "category": "Hardware", "hours": 24, "price": 129_000, "keywords": ["notebook", "computer", "macbook"],
         "summary": "A machine for work, set up for you.", "service": "workplace",
         "description": "It comes with disk encryption and our programs. **Your old one** is collected the same day.",
         "form": _form(
             ("What you need", [
                 _q("size", "Size", "choice", required=True, default="o_14_inch", options=_options("14 inch", "16 inch", **{"o_16_inch": 30_000})),
                 _q("memory", "Memory", "choice", required=True, default="o_16_gb", options=_options("16 GB", "32 GB", **{"o_32_gb": 20_000})),
                 _q("extras", "With it", "choices", options=_options("Dock", "Headset", "Privacy screen", dock=18_000, headset=9_000, privacy_screen=4_500)),
             ]),
             ("Why", [
                 _q("replaces", "Does it replace one that you have?", "yes_no", required=True),
                 _q("serial", "Its serial number", help="On the label below.", rules={"shape": "serial"}, required=True, show_when=_when("replaces", "is", True)),
                 _q("why", "Why a new one?", "long", required=True, show_when=_when("replaces", "is", False)),
             ])),
         "approval": {"steps": [{"parts": [MANAGER]}, {"when": _when("memory", "is", "o_32_gb"), "parts": [{"who": "role", "value": "owner"}]}]},
         "tasks": [_t("order", "Order the laptop"), _t("account", "Prepare its account"), _t("set_up", "Set it up", "order", "account"), _t("hand_over", "Hand it over", "set_up"),
                   _t("collect", "Collect the old one ({{serial}})", "hand_over", when=_when("replaces", "is", True), mandatory=False)]},
        {"name": "Access to an application", "category": "Access", "hours": 8, "keywords": ["rights", "permission", "login", "role"],
         "summary": "Let yourself, or somebody you manage, into a system.",
         "form": _form(("Access", [
             _q("system", "Which one?", "service", required=True),
             _q("level", "What for?", "choice", required=True, default="read", options=_options("Read", "Write", "Administer")),
             _q("until", "Until when?", "date", help="Empty: until you leave.", rules={"not_past": True}),
             _q("reason", "Why that much?", "long", required=True, show_when=_when("level", "one_of", ["write", "administer"])),
         ])),
         "approval": {"steps": [{"parts": [MANAGER]}, {"when": _when("level", "is", "administer"), "parts": [{"who": "role", "value": "owner", "quorum": "any"}]}]},
         "tasks": [_t("grant", "Grant {{level}}"), _t("tell", "Say how to sign in", "grant")]},
        {"name": "Firewall port", "category": "Network", "hours": 24, "keywords": ["acl", "open port", "rule"],
         "summary": "Open a port between two systems.", "service": "workplace", "team": "platform",
         "description": "It is opened by a **standard change**: the gate decides when. You read here when it is scheduled.",
         "form": _form(
             ("From where to where", [
                 _q("source", "From (address or name)", required=True, rules={"shape": "host"}),
                 _q("target", "To (address or name)", required=True, rules={"shape": "host"}),
                 _q("port", "Port", "whole", required=True, rules={"min": "1", "max": "65535"}),
                 _q("environment", "Environment", "choice", required=True, default="test", options=_options("Test", "Production")),
             ]),
             ("Production", [
                 _q("reason", "Why in production?", "long", required=True, show_when=_when("environment", "is", "production")),
                 _q("last_day", "Closed again on", "date", rules={"not_past": True}, show_when=_when("environment", "is", "production")),
             ])),
         "approval": {"steps": [{"when": _when("environment", "is", "production"), "parts": [{"who": "team", "value": "platform", "quorum": "any"}]}, {"parts": [MANAGER]}]},
         "tasks": [_t("check", "Check the rule against what is open"), _t("open", "Open {{port}} from {{source}} to {{target}}", "check", change=PORTS),
                   _t("tell", "Try it, and tell who asked", "open")]},
        {"name": "Shared mailbox", "category": "Access", "hours": 4, "keywords": ["mail", "outlook", "group"],
         "summary": "One address for several people.",
         "form": _form(("Mailbox", [_q("address", "Address", required=True, rules={"shape": "mail"}), _q("keeper", "Who keeps it?", "person", required=True, from_person="manager"), WHY])),
         "approval": {"steps": [{"parts": [{"who": "question", "value": "keeper"}]}]}, "tasks": [_t("create", "Create {{address}}")]},
        {"name": "Second screen", "category": "Hardware", "hours": 16, "price": 24_900, "keywords": ["monitor", "display"],
         "summary": "A screen beside your laptop.", "form": _form(("Screen", [_q("size", "Size", "choice", required=True, default="o_24_inch", options=_options("24 inch", "27 inch", **{"o_27_inch": 8_000})), _q("desk", "Where is your desk?", from_person="location", required=True)])),
         "approval": _steps([MANAGER]), "tasks": [_t("bring", "Bring it to {{desk}}")]},
        {"name": "Phone", "category": "Hardware", "hours": 24, "price": 49_000, "keywords": ["mobile", "smartphone", "sim"],
         "summary": "A phone with a number.", "form": _form(("Phone", [_q("abroad", "Do you travel abroad for work?", "yes_no", required=True), _q("countries", "Where to?", required=True, show_when=_when("abroad", "is", True))])),
         "approval": _steps([MANAGER]), "tasks": [_t("order", "Order phone and number"), _t("hand_over", "Hand it over", "order")]},
        {"name": "Badge for a door", "category": "Workplace", "hours": 4, "keywords": ["key", "card", "entry"],
         "summary": "For a door that yours does not open.", "form": _form(("Door", [_q("door", "Which door?", required=True), _q("until", "Until", "date", required=True, rules={"not_past": True}), WHY])),
         "approval": _steps([MANAGER]), "tasks": [_t("program", "Open {{door}} for the badge")]},
        {"name": "Software licence", "category": "Software", "hours": 24, "price": 1_900, "period": "month", "keywords": ["licence", "license", "program", "install"],
         "summary": "A program that you do not have yet.", "cost_centre": True,
         "form": _form(("Program", [_q("program", "Which one?", required=True), _q("page", "Its page", "link"), _q("data", "Does it see customers' data?", "yes_no", required=True), _q("which_data", "Which?", "long", required=True, audience="confidential", show_when=_when("data", "is", True))])),
         "approval": {"steps": [{"parts": [MANAGER]}, {"when": _when("data", "is", True), "parts": [{"who": "role", "value": "owner"}]}]}, "tasks": [_t("buy", "Buy {{program}}"), _t("install", "Install it", "buy")]},
        {"name": "New database", "category": "Platform", "hours": 40, "price": 9_000, "period": "month", "team": "platform", "keywords": ["postgres", "mysql", "storage"],
         "summary": "A managed database for a service of yours.", "entitlements": ["role:engineer", "role:owner"],
         "form": _form(("Database", [_q("service", "For which service?", "service", required=True), _q("gigabytes", "How large (GB)?", "whole", required=True, default=50, rules={"min": "10", "max": "4000"}), _q("replicas", "Replicas", "choice", default="one", options=_options("None", "One", "Two", one=4_000, two=8_000)), _q("vendor_case", "Case with the provider", audience="staff")])),
         "approval": {"steps": [{"when": _when("gigabytes", "gt", 500), "parts": [{"who": "role", "value": "owner"}]}, {"parts": [{"who": "team", "value": "platform", "quorum": "1"}]}]},
         "tasks": [_t("create", "Create it with {{gigabytes}} GB"), _t("monitor", "Watch it", "create"), _t("backup", "Back it up", "create"), _t("tell", "Say how to reach it", "monitor", "backup")]},
        {"name": "Move of a desk", "category": "Workplace", "hours": 24, "keywords": ["move", "office", "seat"],
         "summary": "Your things, phone and network at another desk.", "form": _form(("Move", [_q("from_desk", "From", from_person="location", required=True), _q("to_desk", "To", required=True), _q("day", "On", "date", required=True, rules={"not_past": True})])),
         "approval": _steps([MANAGER]), "tasks": [_t("network", "Patch the network at {{to_desk}}"), _t("carry", "Carry it over", "network")]},
        {"name": "Account for somebody new", "category": "New people", "hours": 8, "keywords": ["joiner", "onboarding"],
         "summary": "Account, mail and groups for the first day.", "entitlements": ["role:manager", "role:owner", "staff"],
         "form": _form(("Who comes", [_q("name", "Name", required=True), _q("first_day", "First day", "date", required=True, rules={"not_past": True}), _q("team", "Team", "team", from_person="team", required=True)])),
         "approval": _steps([{"who": "role", "value": "manager"}]), "tasks": [_t("account", "Create the account of {{name}}"), _t("mail", "Mail and groups", "account")]},
        {"name": "Everything for somebody new", "category": "New people", "hours": 32, "keywords": ["new starter", "joiner", "onboarding", "bundle"],
         "summary": "Account, laptop, screen and badge at once.", "entitlements": ["role:manager", "role:owner", "staff"],
         "bundle": ["account-for-somebody-new", "laptop", "second-screen", "badge-for-a-door"]},
    ]
# fmt: on


def _t(key: str, title: str, *after: str, change: str = "", when: Doc | None = None, mandatory: bool = True) -> Doc:
    kind = "change" if change else "work"
    values = {"description": title, "plan": f"{title}, by the runbook.", "backout": "Close it again."} if change else {}
    return {
        "key": key, "title": title, "after": list(after), "kind": kind, "change_model": change, "when": when,
        "mandatory": mandatory, "values": values,
    }  # fmt: skip


def offer(company: Company, at: datetime) -> int:
    """Write them, publish them by another person, and leave one as a draft beside its live version. How many."""
    begun = at - timedelta(days=40)
    _keep_model(company, begun)
    teams = {team.slug: team for team in Team.objects.filter(retired_at=None)}
    desk = Team.objects.get(triage=True)
    offered = _items()
    for one in offered:
        item = operations.create_item(
            actor=company.actors["owner"], at=begun, name=one["name"], summary=one["summary"], category=one["category"],
            description=one.get("description", ""), keywords=one["keywords"], expected_hours=one["hours"],
            team=teams.get(one.get("team", ""), desk), owner=company.people["owner"], service=company.services.get(one.get("service", "")),
            form=one.get("form", {"sections": []}), approval=one.get("approval", {"steps": []}),
            fulfilment={"tasks": one.get("tasks", [])}, bundle=one.get("bundle", []), price_minor=one.get("price", 0),
            currency="EUR" if one.get("price") else "", price_period=one.get("period", "once"),
            asks_cost_centre=one.get("cost_centre", False),
            entitlements=[{"token": token, "allow": True} for token in one.get("entitlements", [])],
        )  # fmt: skip
        operations.publish(item, actor=company.actors["manager"], at=begun)
    return len(offered)


def _keep_model(company: Company, at: datetime) -> None:
    """The standard change by which a port is opened, approved by the administrator."""
    model = change_models.propose_model(
        actor=company.actors["engineer"], at=at, service=company.services["workplace"], slug=PORTS, rollback_tested=True
    )
    change_models.approve_proposed(model, actor=company.actors["admin"], version=model.version, at=at)
