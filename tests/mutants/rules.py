"""Faults by rule in one file: mutmut's operators on the bodies of its functions, and two of our own.

A fault is the code object of one function, changed; nothing is written to disk. So functions with decorators, methods and
properties are changed as well. Texts for people, annotations, decorators and what is made while importing are left alone:
a wrong word is found by reading, a table of rules by its own tests.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

from tests.mutants.source import ROOT

_IN_FUNCTION = 0x1  # CO_OPTIMIZED: the body of a function, not of a class
_SPOKEN = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "Text", "cast", "isinstance"}
_LEFT_ALONE = {mutators.operator_string, mutators.operator_assignment, mutators.operator_arg_removal}


@dataclass(frozen=True, slots=True)
class Fault:
    """`before` became `after` in this line of the file; `code` is the function's with the fault."""

    path: str
    line: int
    before: str
    after: str
    function: str
    first_line: int
    digest: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.function}: `{self.before}` became `{self.after}`"


def functions(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """The outermost functions of a module and its classes, by name and first line."""
    found = {}
    for const in code.co_consts:
        if isinstance(const, CodeType):
            if const.co_flags & _IN_FUNCTION:
                found[const.co_qualname, const.co_firstlineno] = const
            else:
                found |= functions(const)
    return found


def faults(path: str, most: int | None = None, seed: str = "") -> tuple[int, list[Fault]]:
    """How many places the rules found in this file, and the faults in them; `most` of them, drawn by the seed."""
    text = (ROOT / path).read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    lines, module = wrapper.resolve(PositionProvider), wrapper.module
    pairs = list(enumerate(_pairs(module)))
    parts = [module.code_for_node(statement) for statement in module.body]
    if not parts:
        return 0, []  # a package that says nothing, or a comment
    before, _, after = text.partition("".join(parts))
    found: dict[str, tuple[int, Fault]] = {}
    for number, (place_of, node, other) in random.Random(f"{seed}{path}").sample(pairs, len(pairs)):
        if most is not None and len(found) >= most:
            break
        changed = module.code_for_node(module.body[place_of].deep_replace(node, other))
        broken = "".join([before, *parts[:place_of], changed, *parts[place_of + 1 :], after])
        words = _words(module, node), _words(module, other)
        made = fault(path, text, broken, lines[node].start.line, *words)
        if made is not None:
            found.setdefault(made.digest, (number, made))
    return len(pairs), [fault for _number, fault in sorted(found.values(), key=lambda pair: pair[0])]


def fault(path: str, text: str, broken: str, line: int, before: str, after: str) -> Fault | None:
    """What this text of the file changes, where that is the code of one function and nothing else."""
    place = str(ROOT / path)
    try:
        whole, other = (compile(one, place, "exec", dont_inherit=True) for one in (text, broken))
    except SyntaxError:
        return None
    sound, made = functions(whole), functions(other)
    key = next((key for key, code in sound.items() if key in made and made[key] != code), None)
    if key is None or made[key].co_freevars != sound[key].co_freevars:
        return None
    digest = hashlib.sha256(f"{path}\n{broken}".encode()).hexdigest()[:20]
    return Fault(path, line, before, after, *key, digest, made[key])


def _words(module: cst.Module, node: Any) -> str:
    text = "nothing" if isinstance(node, cst.RemovalSentinel) else module.code_for_node(node)
    return " ".join(text.split())[:160]


def _pairs(module: cst.Module) -> Iterator[tuple[int, Any, Any]]:
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
