"""What is public says what it promises, and an operation says which errors it raises."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from itsm.kernel import errors
from tests.architecture.test_house_rules import parsed, texts

ROOMS = {"operations", "queries", "permissions", "gate", "engine"}
NAMES_ERRORS = {name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, Exception)}
NAMES_ERRORS |= {"UnknownEnvironment", "TooManyResets", "CannotDeclare", "NotUsable", "Raises nothing"}

Definition = ast.FunctionDef | ast.ClassDef


def _public(nodes: list[ast.stmt], of: str = "") -> Iterator[tuple[str, Definition]]:
    for node in nodes:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield of + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{node.name}.")


def _in_rooms(rooms: set[str]) -> Iterator[tuple[str, Definition]]:
    inside = [path for path in texts() if rooms & set(path.removesuffix(".py").split("/"))]
    for path, tree in parsed(inside):
        yield from ((f"{path}: {name}", node) for name, node in _public(tree.body))


def _without_promise(defined: Iterator[tuple[str, Definition]]) -> list[str]:
    return [name for name, node in defined if not ast.get_docstring(node)]


def _without_errors(defined: Iterator[tuple[str, Definition]]) -> list[str]:
    return [
        name
        for name, node in defined
        if isinstance(node, ast.FunctionDef)
        and "actor" in {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
        and not any(error in (ast.get_docstring(node) or "") for error in NAMES_ERRORS)
    ]


def test_whatever_is_public_in_the_inner_rooms_says_what_it_promises() -> None:
    """Say in one line what it returns, in which shape and unit."""
    assert not _without_promise(_in_rooms(ROOMS))


def test_every_operation_of_an_actor_says_which_errors_it_raises() -> None:
    """`Raises NotPermitted and Conflict.`, or `Raises nothing.`"""
    assert not _without_errors(_in_rooms({"operations"}))


@pytest.mark.parametrize(
    ("source", "promise_missing", "errors_missing"),
    [
        ("def close(incident, *, actor): ...", True, True),
        ("def close(incident, *, actor):\n    '''It is over.'''", False, True),
        ("def close(incident, *, actor):\n    '''It is over. Raises NotPermitted.'''", False, False),
        ("def note(incident, actor):\n    '''It is kept. Raises nothing.'''", False, False),
        ("def listed(at):\n    '''What is open.'''", False, False),
        ("def _inside(actor): ...", False, False),
    ],
)
def test_the_rules_see_what_is_missing(source: str, promise_missing: bool, errors_missing: bool) -> None:
    body = ast.parse(source).body
    assert bool(_without_promise(_public(body))) is promise_missing
    assert bool(_without_errors(_public(body))) is errors_missing
