"""What the rules change: mutmut's operators, and two of our own, at each node of a file inside of a function."""

from collections.abc import Iterator
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

_SPOKEN = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "Text", "cast", "isinstance"}
_LEFT_ALONE = {mutators.operator_string, mutators.operator_assignment, mutators.operator_arg_removal}


def read(text: str) -> tuple[Any, cst.Module]:
    """(where each node stands, the module)."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.resolve(PositionProvider), wrapper.module


def words(module: cst.Module, node: Any) -> str:
    text = "nothing" if isinstance(node, cst.RemovalSentinel) else module.code_for_node(node)
    return " ".join(text.split())[:160]


def pairs(module: cst.Module) -> Iterator[tuple[int, Any, Any]]:
    """(which statement of the module, a node inside of it, another in its place)."""
    found: list[tuple[Any, Any]] = []

    class Visitor(cst.CSTVisitor):
        depth = 0

        def on_visit(self, node: cst.CSTNode) -> bool:
            if _is_left_alone(node):
                return False
            if isinstance(node, cst.FunctionDef):
                self.depth += 1
            elif self.depth:
                found.extend((node, other) for other in _others(node))
            return True

        def on_leave(self, node: cst.CSTNode) -> None:
            self.depth -= isinstance(node, cst.FunctionDef)

    for number, statement in enumerate(module.body):
        found.clear()
        statement.visit(Visitor())
        yield from ((number, node, other) for node, other in found)


def _is_left_alone(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Annotation | cst.Decorator | cst.Raise | cst.BaseString | cst.Parameters):
        return True
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in _SPOKEN


def _others(node: cst.CSTNode) -> Iterator[Any]:
    for kind, operator in mutators.mutation_operators:
        if isinstance(node, kind) and operator not in _LEFT_ALONE:
            yield from operator(node)
    yield from _left_out(node)
    yield from _forced(node)


def _left_out(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A call for its effect that is not made; a filter that is not applied; a named argument that is not given."""
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
        yield node.with_changes(value=cst.Ellipsis())
    if isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("filter", "exclude", "select_for_update"):
            yield node.func.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        for index, arg in enumerate(node.args):
            if arg.keyword is not None and len(node.args) > 1:
                rest = [*node.args[:index], *node.args[index + 1 :]]
                yield node.with_changes(args=[*rest[:-1], rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])


def _forced(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A condition that always or never holds; one part of a condition that is not asked."""
    if isinstance(node, cst.If):
        for word in ("True", "False"):
            yield node.with_changes(test=cst.Name(word), whitespace_before_test=cst.SimpleWhitespace(" "))
    if isinstance(node, cst.BooleanOperation):
        for part in (node.left, node.right):
            yield part.with_changes(lpar=[cst.LeftParen(), *part.lpar], rpar=[*part.rpar, cst.RightParen()])
