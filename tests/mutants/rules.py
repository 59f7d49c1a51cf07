"""Faults by rule in one file: mutmut's operators on the bodies of its functions, and two of our own.

A fault is the code object of one function, changed; nothing is written to disk. So functions with decorators, methods and
properties are changed as well. Texts for people, annotations, decorators and what is made while importing are left alone:
a wrong word is found by reading, a table of rules by its own tests.
"""

import hashlib
import random
from dataclasses import dataclass
from types import CodeType

from tests.mutants.source import ROOT

_IN_FUNCTION = 0x1  # CO_OPTIMIZED: the body of a function, not of a class


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
    from tests.mutants import operators  # its libraries take half a second, which whoever only collects is spared

    text = (ROOT / path).read_text(encoding="utf-8")
    lines, module = operators.read(text)
    pairs = list(enumerate(operators.pairs(module)))
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
        words = operators.words(module, node), operators.words(module, other)
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
