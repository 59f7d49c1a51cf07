"""A form that edits a record begins with all of it: what `as_typed` forgets would be emptied by the next edit.

form = RewriteForm(posted(request), initial=as_typed(problem))    # every field of the form stands in as_typed
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itsm.run import places

APPS = ("catalog", "incidents", "slo", "changes", "itsm")
NOT_WRITTEN = {
    # Only what was sent is changed (`sent`).
    "incidents/incident/views/record.py: EditForm": {
        "assigned_to", "impact", "priority", "service", "team", "urgency",
    },
    "incidents/alerts_in/views/keeping.py: SourceForm": {"body"},  # tried out, never kept
    "itsm/people/views/locations.py: LocationForm": {"slug"},  # asked for when it is new alone
    "itsm/people/views/people.py: PersonForm": {"invite", "login"},  # the same
}  # fmt: skip


def edited() -> Iterator[tuple[str, Any, Any]]:
    """(where, form class, function that fills it in) of every call that ends in `initial=…as_typed(…)`."""
    for app in APPS:
        for file in sorted((places.ROOT / app).rglob("*.py")):
            text = file.read_text()
            if "as_typed(" not in text or "initial=" not in text:
                continue
            module = _module(file)
            for call in (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)):
                begun = next((one.value for one in call.keywords if one.arg == "initial"), None)
                if isinstance(begun, ast.Call) and isinstance(begun.func, ast.Name) and isinstance(call.func, ast.Name):
                    form, typed = (getattr(module, name.id, None) for name in (call.func, begun.func))
                    if hasattr(form, "base_fields") and begun.func.id.endswith("as_typed"):
                        yield f"{file.relative_to(places.ROOT)}: {call.func.id}", form, typed


def _module(file: Path) -> Any:
    name = ".".join(file.relative_to(places.ROOT).with_suffix("").parts)
    return importlib.import_module(name.removesuffix(".__init__"))


def keys_of(typed: Any) -> set[str] | None:
    """The fields that it fills in; None where that cannot be read off it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(typed)))
    keys: set[str] = set()
    for one in (one.value for one in ast.walk(tree) if isinstance(one, ast.Return)):
        if not isinstance(one, ast.Dict) or None in one.keys:
            return None
        keys |= {str(key.value) for key in one.keys if isinstance(key, ast.Constant)}
    return keys


def test_a_form_that_edits_shows_all_that_it_would_write() -> None:
    found = {where: (form, keys_of(typed)) for where, form, typed in edited()}
    assert sum(keys is not None for _form, keys in found.values()) > 12
    lacking = {
        where: missing
        for where, (form, keys) in found.items()
        if keys is not None and (missing := set(form.base_fields) - keys - NOT_WRITTEN.get(where, set()))
    }
    assert lacking == {}
