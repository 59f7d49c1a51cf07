"""Where a fault is made: source text found in the whole product, and replaced in a copy."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.named import Mutant

ROOT = Path(__file__).parents[2]
_APART = {"tests", "node_modules", "vendor", ".venv", ".run", ".cache"}
_COMMA = re.compile(r",(?=\s*[)\]}])")


class NotFound(Exception):
    """The text does not stand in the product exactly once."""


def sources(root: Path = ROOT) -> Iterator[Path]:
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.sql")]):
        if not _APART & set(path.relative_to(root).parts):
            yield path


def words(text: str) -> list[str]:
    """What stands between spaces and brackets; a comma before a closing bracket is the formatter's."""
    return re.findall(r"[^\s()\[\]{}]+", _COMMA.sub("", text))


def pattern(text: str) -> re.Pattern[str]:
    """The text, however it is wrapped: any spaces and line ends between its words, and some or none within brackets."""
    found, before = "", None
    for one in re.finditer(r"(\s*)([()\[\]{}]|[^\s()\[\]{}]+)", _COMMA.sub("", text)):
        spaces, word = one.groups()
        if before is not None:
            found += r"\s*" if before in "([{" else r",?\s*" if word in ")]}" else r"\s+" if spaces else ""
        found, before = found + re.escape(word), word
    return re.compile(found)


def place(mutant: Mutant, texts: dict[Path, str]) -> tuple[Path, re.Match[str]]:
    """The one file and the one place. NotFound, with what to do about it."""
    looked_for, word = pattern(mutant.before), max(words(mutant.before), key=len)
    # Each of its words stands wherever it does, however it is wrapped: to look for one is a tenth of what the pattern takes.
    may = ((path, text) for path, text in texts.items() if word in text)
    found = [(path, match) for path, text in may for match in looked_for.finditer(text)]
    if len(found) != 1:
        raise NotFound(
            f"{mutant.name}: its text stands {len(found)} times in the product, not once. "
            f"Say in tests/mutants/named.py how this fault would be made now: {mutant.before[:90]!r}"
        )
    return found[0]


def read(root: Path = ROOT) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sources(root)}


@contextmanager
def made(mutant: Mutant, root: Path) -> Iterator[Path]:
    """The fault, in this copy, for as long as the block lasts."""
    path, match = place(mutant, read(root))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: match.start()] + mutant.after + text[match.end() :], encoding="utf-8")
    try:
        yield path
    finally:
        path.write_text(text, encoding="utf-8")


def copy(to: Path) -> None:
    """The product and its tests as they lie here: what Git knows or would add; the front-end libraries by reference."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    vendor = Path("itsm/ui/vendor")
    if (ROOT / vendor).exists() and not (to / vendor).exists():
        (to / vendor).symlink_to((ROOT / vendor).resolve())


def tests_named(names: tuple[str, ...]) -> dict[str, Path]:
    """Each test function's file. NotFound for one that is nowhere."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        found |= dict.fromkeys(set(names).intersection(re.findall(r"def (\w+)\(", text)), path)
    if missing := sorted(set(names) - set(found)):
        raise NotFound(f"No test has this name any more; name the one that notices now: {missing}")
    return found
