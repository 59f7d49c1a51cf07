"""House rules that no linter knows. Each failure says what to do instead."""

import ast
import gc
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

import itsm.api_urls  # noqa: F401 -- loads every serializer
from itsm import lifecycle
from itsm.api.serializers import Strict
from itsm.kernel import errors

ROOT = Path(__file__).parents[2]
APPS = ("itsm", "catalog", "incidents", "slo", "changes")
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in ROOT.glob("templates/**/*.html"))

# Records without a workflow table set their status in one place; records with one move by `lifecycle.step`.
MAY_SET_STATUS = {
    "catalog/reconciliation/operations/writing.py",  # what a source claims of an item, along the steps of its life
    "itsm/lifecycle.py",
    "incidents/alerts_in/operations/applying.py",  # a body
    "incidents/alerts_in/operations/parking.py",  # a body that was parked
    "incidents/alerts_in/operations/occurrences.py",  # an alert
    "incidents/alerts_in/operations/polling.py",  # an alert that its server does not know any more
    "incidents/alerts_in/operations/quieted.py",  # an alert that is kept quiet, and let out
    "incidents/alerts_in/operations/quiets.py",  # a quiet
    "incidents/alerts_in/operations/silences.py",  # its copy elsewhere
    "itsm/approvals/operations.py",  # an ask
    "changes/change/operations/evaluations.py",  # an evaluation
    "changes/change/operations/counting.py",  # a model's suspension
    "changes/change/operations/deploying/finishing.py",  # a deployment
    "changes/change_models/operations/approving.py",  # a model's certificate
    "changes/delivery/operations/mapping.py",  # a delivery that waits, or is given up
    "changes/feeds/operations/subscribing.py",  # what somebody answered about an event of others
    "itsm/api/idempotency.py",  # an HTTP status
    "itsm/ui/htmx.py",  # an HTTP status
}
# Who may ask the system for the addresses of a name, or open a connection by one: the first two for everybody.
MAY_LOOK_UP = {
    "itsm/notifications/lines.py": "to addresses",
    "itsm/notifications/resolving.py": "within a time",
    "itsm/run/serve.py": "on this machine",
    "itsm/run/valkey.py": "on this machine",
}
LOOKS_UP = (
    r"\b(create_connection|getaddrinfo|gethostby\w+|getfqdn|get_fqdn|urlopen|urlretrieve|SMTP_SSL|IMAP4_SSL)\("
    r"|\b(smtplib\.SMTP|imaplib\.IMAP4|HTTPSConnection)\(|^(import|from) (requests|httpx|urllib3|aiohttp)\b"
)
BANNED_NAMES = {"utils", "helpers", "common", "core", "misc"}


@cache
def texts() -> dict[str, str]:
    """Every file of the product by its path: nobody changes it."""
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts and "vendor" not in path.parts
    }


def sources(told: str = "") -> Iterator[tuple[str, ast.Module]]:
    """(path, what is written there) of the files whose text holds this pattern: to parse all of them takes seconds."""
    return parsed(name for name, text in texts().items() if re.search(told, text))


def parsed(names: Iterable[str]) -> Iterator[tuple[str, ast.Module]]:
    """(path, what is written there) of these files. Trees only grow: nobody looks for garbage among them meanwhile."""
    gc.disable()
    try:
        yield from ((name, _parsed(name)) for name in names)
    finally:
        gc.freeze()
        gc.enable()


@cache
def _parsed(name: str) -> ast.Module:
    return ast.parse(texts()[name])


@cache
def nodes(tree: ast.Module) -> list[Any]:
    """Everything below, walked once for all rules."""
    return list(ast.walk(tree))


def _targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign():
            return node.targets
        case ast.AugAssign() | ast.AnnAssign():
            return [node.target]
    return []


def test_a_status_is_set_in_the_lifecycle_only() -> None:
    found = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in sources(r"\.status\b")
        if name not in MAY_SET_STATUS
        for node in nodes(tree)
        for target in _targets(node)
        if isinstance(target, ast.Attribute) and target.attr == "status"
    }
    assert not found, f"Move records with lifecycle.step(record, action, actor=actor): {found}"


def test_no_record_is_moved_by_update() -> None:
    found = {
        f"{name}: {ast.unparse(node)[:80]}"
        for name, tree in sources(r"\bupdate\b")
        for node in nodes(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update"
        if any(word.arg == "status" for word in node.keywords) and "ApprovalRequest." not in ast.unparse(node)
    }
    assert not found, f"Move records with lifecycle.step(record, action, actor=actor): {found}"


def test_nothing_is_compared_with_the_text_of_a_status() -> None:
    found = {
        f"{name}:{node.lineno} {ast.unparse(node)[:60]}"
        for name, tree in sources(r"\.status\b")
        for node in nodes(tree)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "status"
        if any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))
    }
    assert not found, f"Compare with the Status of workflow.py: {found}"


def below(kind: type) -> Iterator[Any]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_serializers_list_their_fields() -> None:
    ours = [one for one in below(ModelSerializer) if one.__module__.split(".")[0] in APPS and hasattr(one, "Meta")]
    assert len(ours) > 5
    assert not [one for one in ours if not isinstance(getattr(one.Meta, "fields", None), tuple)]
    assert not [one for one in ours if hasattr(one.Meta, "exclude")]


def test_what_comes_in_is_strict() -> None:
    plain = [one for one in serializers.Serializer.__subclasses__() if one.__module__.split(".")[0] in APPS]
    taking = [one.__name__ for one in plain if one is not Strict and not one.__name__.endswith(("Shown", "Document"))]
    assert not taking, f"Build what takes input on Strict: {taking}"


def test_bodies_take_no_lookalikes() -> None:
    """1 is no `true` and 7 no text: bodies are read by `fields.YesNo`, `Text` and `Whole`, queries (`…Asked`) are texts."""
    lax = {serializers.BooleanField, serializers.CharField, serializers.IntegerField, serializers.FloatField,
           serializers.SlugField, serializers.EmailField, serializers.URLField}  # fmt: skip
    taken = [
        (f"{one.__module__}.{one.__name__}.{name}", field)
        for one in below(Strict)
        if not one.__name__.endswith("Asked")
        for name, field in one._declared_fields.items()
    ]
    assert len(taken) > 50
    assert not [name for name, field in taken if type(getattr(field, "child", field)) in lax]


def test_every_refusal_is_a_sentence() -> None:
    kinds = {name for name in dir(errors) if isinstance(getattr(errors, name), type)}
    wrong = []
    for name, tree in sources("|".join(rf"\b{kind}\b" for kind in sorted(kinds))):
        for node in nodes(tree):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if called in kinds and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                text = ast.unparse(node.args[0]).lstrip("f").strip("\"'")
                if not (text[0].isupper() or text[0] in "{“") or text[-1] not in ".?!":
                    wrong.append(f"{name}:{node.lineno} {text}")
    assert not wrong, f"Say it as a sentence: {wrong}"


def test_one_field_is_refused_in_one_way() -> None:
    """Beside the field stands a sentence that is translated, and no code of ours."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in sources("InvalidInput")
        for node in nodes(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "InvalidInput" and len(node.args) == 2
        if isinstance(node.args[1], ast.Dict) and len(node.args[1].values) == 1
        if ast.unparse(node.args[1].values[0]) == f"[{ast.unparse(node.args[0])}]"
        or any(isinstance(one, ast.Constant) for one in getattr(node.args[1].values[0], "elts", ()))
    ]  # fmt: skip
    assert not found, f"Say InvalidInput.about(field, sentence): {found}"


def test_a_form_with_nothing_in_it_was_sent_as_well() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in sources(r"\bPOST\s+or\b")
        for node in nodes(tree)
        if isinstance(node, ast.BoolOp) and ast.unparse(node) == "request.POST or None"
    ]
    assert not found, f"Read forms with posted(request) of itsm.ui.htmx: {found}"


def test_no_module_is_named_for_nothing() -> None:
    assert not [name for name in texts() if BANNED_NAMES & set(Path(name).with_suffix("").parts)]


def test_no_file_carries_a_conflict_or_a_machine_address() -> None:
    for name, text in texts().items():
        assert not re.search(r"^(<<<<<<<|>>>>>>>) ", text, re.M), name
        assert "/home/" not in text.replace("itsm/home/", "").replace("templates/home/", ""), name


def test_templates_trust_nothing() -> None:
    """That they compile: tests/itsm/ui/test_templates.py."""
    for name in TEMPLATES:
        text = (ROOT / "templates" / name).read_text()
        assert "|safe" not in text, name
        assert "autoescape off" not in text, name
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text), f"{name}: inline script"
        assert not re.search(r"\son[a-z]+=[\"']", text), f"{name}: inline handler"


def test_a_bare_number_in_a_table_that_folds_is_named_on_a_phone() -> None:
    """Its heading is gone there: say `data-label`, or words of its own (`on-phone`), or leave it out (`off-phone`)."""
    bare = [f"{name}: {cell}" for name in TEMPLATES for cell in _bare_cells((ROOT / "templates" / name).read_text())]
    assert not bare


def _bare_cells(text: str) -> Iterator[str]:
    for table in re.findall(r'<table class="[^"]*\bfolds\b.*?</table>', text, re.DOTALL):
        cells = re.findall(r'<td class="num(?: red)?">\s*(?:\{\{|\{% if)(?:(?!</td>).)*', table, re.DOTALL)
        yield from (cell for cell in cells if not any(word in cell for word in ("on-phone", "<form", "<button")))


def test_every_advisory_lock_has_its_number_in_one_place() -> None:
    found = {
        f"{name}:{node.lineno}"
        for name, tree in sources("advisory")
        if name != "itsm/locks.py"
        for node in nodes(tree)
        if isinstance(node, ast.Call) and any("advisory" in ast.unparse(each) for each in node.args)
        if "execute" in ast.unparse(node.func) and "AdvisoryLock." not in ast.unparse(node)
    }
    assert not found, f"Give the lock a name in itsm/locks.py: {found}"


def test_nobody_but_a_founding_tells_history_of_another_time() -> None:
    found = {
        name
        for name, tree in sources("telling_of")
        if not name.startswith(("itsm/home/demo/", "itsm/audit/"))
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom) and any(one.name == "telling_of" for one in node.names)
    }
    assert not found, f"History says when it was written: {found}"


def test_every_receiver_of_news_names_whose_news_it_wants() -> None:
    deaf = id(None)
    anybodys = [key[0] for (key, *_) in lifecycle.record_changed.receivers if key[1] == deaf]
    assert lifecycle.record_changed.receivers
    assert not anybodys, f"Connect with sender=: {anybodys}"


def test_a_lock_lets_new_rows_point_to_what_is_held() -> None:
    """Adding a row locks what it points to against FOR UPDATE only; that is for who deletes (`lifecycle.locked`)."""
    too_strong = [
        f"{name}:{node.lineno}: say no_key (select_for_update) or FOR NO KEY UPDATE (SQL)"
        for name, tree in sources("select_for_update|FOR|UPDATE")
        for node in nodes(tree)
        if _locks_keys(node)
    ]
    too_strong += [
        f"{path.relative_to(ROOT)}: say FOR NO KEY UPDATE"
        for app in APPS
        for path in (ROOT / app).rglob("*.sql")
        if re.search(r"\bFOR UPDATE\b", path.read_text())
    ]
    assert not too_strong


def _locks_keys(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="select_for_update"), keywords=words):
            return "no_key" not in {word.arg for word in words}
        case ast.Constant(value=str(text)):
            return re.search(r"\bFOR UPDATE\b", text) is not None
    return False


def test_forms_take_no_text_that_cannot_be_read() -> None:
    """class NoteForm(Form) of itsm.forms, not (forms.Form)."""
    plain = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in sources(r"\bforms\.Form\b")
        if path != "itsm/forms.py"
        for node in nodes(tree)
        if isinstance(node, ast.ClassDef) and "forms.Form" in map(ast.unparse, node.bases)
    ]
    assert not plain, f"Derive these from itsm.forms.Form: {plain}"


def test_bodies_take_choices_and_addresses_by_our_own_fields() -> None:
    """`fields.Choice` says what is known and what was meant; `fields.Link` never costs an answer."""
    lax = [
        f"{path}:{node.lineno}"
        for path, tree in sources("ChoiceField|URLField")
        if "/api/" in path and path != "itsm/api/fields.py"
        for node in nodes(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"serializers.ChoiceField", "serializers.URLField", "models.URLField"}
    ]
    assert not lax, f"Use itsm.api.fields.Choice or Link here: {lax}"


_TELLING = r"(notify|_?tell(_\w+)?)"


def _translated_now(function: ast.AST, plain: set[str]) -> Iterator[ast.Call]:
    """Calls that tell people what Django's gettext said. What is filled in after a % may be a record's own words."""

    def is_said(found: ast.AST, names: set[str]) -> bool:
        if isinstance(found, ast.BinOp) and isinstance(found.op, ast.Mod):
            return is_said(found.left, names)
        if isinstance(found, ast.Call) and isinstance(found.func, ast.Name):
            return found.func.id in plain
        if isinstance(found, ast.IfExp):
            return is_said(found.body, names) or is_said(found.orelse, names)
        return isinstance(found, ast.Name) and found.id in names

    below = list(ast.walk(function))
    given = [one for one in below if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)]
    names: set[str] = set()
    for one in given:
        names |= {target.id for target in one.targets if isinstance(target, ast.Name) and is_said(one.value, names)}
    for call in below:
        if isinstance(call, ast.Call) and re.fullmatch(
            _TELLING, getattr(call.func, "id", getattr(call.func, "attr", ""))
        ):
            words = [*call.args, *(one.value for one in call.keywords if one.arg in {"subject", "body"})]
            if any(is_said(one, names) for one in words):
                yield call


def test_what_people_are_told_is_said_in_their_language() -> None:
    """`itsm.notifications.sayings.saying as _`: gettext speaks the language of whoever did it, or of the worker."""
    wrong = []
    for path, tree in sources(rf"\b{_TELLING}\("):
        plain = {
            name.asname or name.name
            for node in nodes(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
            for name in node.names
            if name.name in {"gettext", "ngettext"}
        }
        functions = [node for node in nodes(tree) if plain and isinstance(node, ast.FunctionDef)]
        wrong += [f"{path}:{call.lineno}" for one in functions for call in _translated_now(one, plain)]
    assert wrong == []


def test_who_is_an_active_person_is_said_once() -> None:
    """`User.objects.active_people()`: who says it anew forgets a program, or somebody who left."""
    wrong = []
    for path, tree in sources(r"\baccount_type="):
        for call in (node for node in nodes(tree) if isinstance(node, ast.Call)):
            said = {one.arg: ast.unparse(one.value) for one in call.keywords}
            by_hand = said.get("is_active") == "True" and said.get("account_type", "").endswith(("HUMAN", "'human'"))
            if by_hand and getattr(call.func, "attr", "") in {"filter", "exclude", "get"}:
                wrong.append(f"{path}:{call.lineno}")
    assert len(wrong) == 1, wrong
    assert wrong[0].startswith("itsm/accounts/models/people.py:")


def test_a_name_is_looked_up_within_a_time() -> None:
    """Nothing else gives `socket.getaddrinfo` an end: go out by `outgoing`, `lines.connected` or `lines.dialled`."""
    asks = {name for name, text in texts().items() if re.search(LOOKS_UP, text, re.MULTILINE)}
    assert asks == set(MAY_LOOK_UP)
