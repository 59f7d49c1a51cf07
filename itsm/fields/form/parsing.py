"""A document judged before it is kept: so that no answer meets a form that cannot be answered.

A condition looks at earlier questions only. So it is judged in one pass, and never goes in circles.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.fields import rules
from itsm.fields.form import document as d
from itsm.fields.form.condition_parsing import parse_condition
from itsm.fields.form.conditions import Group
from itsm.fields.form.findings import Findings
from itsm.fields.kinds import Choosable, Definition, Moment, parse, refuse_as_default
from itsm.fields.vocabulary import ASKED_BY, FILE, KEY, REFERENCES, TIMES, WITH_OPTIONS, Type

_KEY = re.compile(KEY)
_SECTION = ("key", "title", "help", "show_when", "questions")
_QUESTION = ("key", "label", "help", "type", "rules", "options", "required", "default", "from_person", "show_when",
             "audience")  # fmt: skip
_OPTION = ("key", "label", "surcharge")
_MOST_SURCHARGE = 10**11
_FILLS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"text"}),
    "email": frozenset({"text"}),
    "location": frozenset({"text"}),
    "team": frozenset({"team"}),
    "manager": frozenset({"person"}),
}


def parse_form(raw: Any) -> d.Form:
    """The form that a document says. Raises FormRefused with what is wrong, by path; everything that is, at once."""
    found = Findings()
    form = _form(found, raw)
    if found.errors:
        raise d.FormRefused(_("The form cannot be used like this."), found.errors)
    return form


def _form(found: Findings, raw: Any) -> d.Form:
    body = found.mapping("", raw, ("sections",))
    sections = found.listed("sections", body.get("sections", []), d.MAX_SECTIONS)
    earlier: dict[str, Definition] = {}
    keys: set[str] = set()
    read = [_section(found, f"sections.{at}", one, earlier, keys) for at, one in enumerate(sections)]
    if len(earlier) > d.MAX_QUESTIONS:
        found.add("sections", _("At most %(most)s questions.") % {"most": d.MAX_QUESTIONS})
    return d.Form(tuple(read))


def _section(found: Findings, path: str, raw: Any, earlier: dict[str, Definition], keys: set[str]) -> d.Section:
    body = found.mapping(path, raw, _SECTION)
    key = _key(found, f"{path}.key", body.get("key"), keys)
    shown = parse_condition(found, f"{path}.show_when", body.get("show_when"), earlier)
    questions = found.listed(f"{path}.questions", body.get("questions", []), d.MAX_QUESTIONS)
    read = []
    for at, one in enumerate(questions):
        question = _question(found, f"{path}.questions.{at}", one, earlier)
        earlier[question.key] = question.definition
        read.append(question)
    title = found.text(f"{path}.title", body.get("title"), d.MAX_TITLE, needed=True)
    return d.Section(key, title, found.text(f"{path}.help", body.get("help"), d.MAX_HELP), shown, tuple(read))


def _question(found: Findings, path: str, raw: Any, earlier: Mapping[str, Definition]) -> d.Question:
    body = found.mapping(path, raw, _QUESTION)
    defined, surcharges = _definition(found, path, body, set(earlier))
    return d.Question(
        defined,
        found.text(f"{path}.help", body.get("help"), d.MAX_HELP),
        found.flag(f"{path}.required", body.get("required", False)),
        _default(found, f"{path}.default", defined, body.get("default")),
        _from_person(found, f"{path}.from_person", defined, body.get("from_person")),
        _condition(found, path, body, earlier),
        found.one_of(f"{path}.audience", body.get("audience", d.PUBLIC), d.AUDIENCES),
        surcharges,
    )


def _condition(found: Findings, path: str, body: Mapping[str, Any], earlier: Mapping[str, Definition]) -> Group | None:
    return parse_condition(found, f"{path}.show_when", body.get("show_when"), earlier, itself=body.get("key"))


def _key(found: Findings, path: str, raw: Any, taken: set[str]) -> str:
    if not isinstance(raw, str) or not _KEY.match(raw):
        found.add(path, _("Lower-case letters, digits and '_', at most 40, beginning with a letter."))
        return f"odd{len(taken)}"
    if raw in taken:
        found.add(path, _("%(key)s is there twice.") % {"key": raw})
    taken.add(raw)
    return raw


def _definition(
    found: Findings, path: str, body: Mapping[str, Any], taken: set[str]
) -> tuple[Definition, dict[str, int]]:
    key = _key(found, f"{path}.key", body.get("key"), taken)
    type_ = found.one_of(f"{path}.type", body.get("type"), tuple(name for name, _label in ASKED_BY))
    label = found.text(f"{path}.label", body.get("label"), d.MAX_LABEL, needed=True)
    kept: dict[str, Any] = {}
    sent = body.get("rules")
    try:
        kept = rules.checked(type_, found.an_object(f"{path}.rules", {} if sent is None else sent))
    except ValueError as error:
        found.add(f"{path}.rules", str(error))
    said = body.get("options")
    options, surcharges = _options(found, f"{path}.options", type_, [] if said is None else said)
    return Definition(key, type_, label, kept, options), surcharges


def _options(found: Findings, path: str, type_: str, raw: Any) -> tuple[tuple[Choosable, ...], dict[str, int]]:
    options = found.listed(path, raw, d.MAX_OPTIONS)
    if bool(options) != (type_ in WITH_OPTIONS):
        said = _("Name at least one option.") if type_ in WITH_OPTIONS else _("This type has no options.")
        found.add(path, said)
    taken: set[str] = set()
    read, surcharges = [], {}
    for at, one in enumerate(options):
        body = found.mapping(f"{path}.{at}", one, _OPTION)
        key = _key(found, f"{path}.{at}.key", body.get("key"), taken)
        read.append(Choosable(key, found.text(f"{path}.{at}.label", body.get("label"), 120, needed=True)))
        if extra := found.whole(f"{path}.{at}.surcharge", body.get("surcharge", 0), _MOST_SURCHARGE):
            surcharges[key] = extra
    return tuple(read), surcharges


def _default(found: Findings, path: str, defined: Definition, raw: Any) -> Any:
    if raw is None or raw == "":
        return None
    if defined.type in REFERENCES | TIMES | {FILE}:
        found.add(path, _("A question of this type begins empty."))
        return None
    try:
        refuse_as_default(defined.type, raw)
        # Neither a day nor an instant is judged, so that any moment will do.
        return parse(defined, raw, at=Moment(None, None), look_up=lambda _defined, _name: None)  # type: ignore[arg-type]
    except ValueError as error:
        found.add(path, str(error))
    return None


def _from_person(found: Findings, path: str, defined: Definition, raw: Any) -> str:
    if raw is None or raw == "":
        return ""
    chosen = found.one_of(path, raw, d.FROM_PERSON)
    if chosen in _FILLS and defined.type not in _FILLS[chosen]:
        types = ", ".join(str(Type(one).label) for one in sorted(_FILLS[chosen]))
        found.add(path, _("This fills questions of the type %(types)s.") % {"types": types})
    return chosen
