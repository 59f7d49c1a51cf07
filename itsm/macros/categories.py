"""Categories that macros and templates name, as they are renamed."""

from typing import Any

from itsm.macros.models import Macro, Template
from itsm.work.category_references import Reference, Renames


def _macros(record_kind: str) -> list[Macro]:
    return list(Macro.objects.filter(record_kind=record_kind).order_by("pk"))


def _in_macro(macro: Macro) -> set[str]:
    fields = (one["value"] for one in macro.actions if one["kind"] == "field")
    return {value["category"] for value in fields if isinstance(value.get("category"), str)}


def _rename_in_macro(macro: Macro, renames: Renames) -> None:
    macro.actions = [
        {**one, "value": _renamed(one["value"], renames)} if one["kind"] == "field" else one for one in macro.actions
    ]


def _templates(record_kind: str) -> list[Template]:
    return list(Template.objects.filter(record_kind=record_kind).order_by("pk"))


def _in_template(template: Template) -> set[str]:
    return {one for one in (template.category, template.values.get("category")) if isinstance(one, str) and one}


def _rename_in_template(template: Template, renames: Renames) -> None:
    template.category = renames.get(template.category, template.category)
    template.values = _renamed(template.values, renames)


def _renamed(values: dict[str, Any], renames: Renames) -> dict[str, Any]:
    named = values.get("category")
    return {**values, "category": renames[named]} if isinstance(named, str) and named in renames else values


MACROS = Reference(_macros, _in_macro, _rename_in_macro)
TEMPLATES = Reference(_templates, _in_template, _rename_in_template)
