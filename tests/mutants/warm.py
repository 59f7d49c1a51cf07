"""pytest that stays warm: one session, in whose child processes many faults are made and tried, one after the other.

Tests are collected once. Which test enters which function is noted once. A fault is then tried with those tests only
that enter its function: those that found a fault in it before, then those that enter few others, then the quick ones.
A child that hangs is ended, and counts as noticing; one that ends by itself
gives no answer. What a child's tests say is believed only while the test that
noticed passes again without the fault: else something was left behind, and a new child tries the same fault anew.
"""

import functools
import gc
import importlib
import json
import marshal
import multiprocessing
import os
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from tests.mutants.rules import Fault, functions
from tests.mutants.source import ROOT

Key = tuple[str, str, int]  # file, function, its first line
DIES, HANGS, LIVES, NO_TEST, NO_ANSWER = "dies", "hangs", "lives", "no test", "no answer"
_SPINS = 20  # seconds of CPU beyond thrice what the tests take: it will not end by itself
_WAITS = 300  # seconds of the clock: it waits for what does not come
_APPS = {"catalog", "changes", "incidents", "itsm", "slo"}


class Warm:
    """The plugin: takes the place of pytest's loop over the tests."""

    def __init__(
        self,
        paths: Sequence[str],
        wanted: Callable[[], Iterable[Fault]],
        told: Callable[[Fault, str, str], None],
        *,
        entered: Path | None = None,
        seconds: float = 0.0,
        named: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`told(fault, verdict, test)` hears what came of each.

        `entered`: where it is kept which test enters what; of these, as many are run as `seconds` of CPU allow.
        `named`: the names of the test functions to run instead, by the fault's digest.
        """
        self.paths, self.wanted, self.told, self.kept, self.seconds = paths, wanted, told, entered, seconds
        self.named = named or {}
        self.took: dict[str, float] = {}
        self.breadth: dict[str, int] = {}
        self.entering: dict[Any, list[str]] = {}
        self.failed: list[str] = []
        self.killers: dict[Key, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.session = session
        for path in self.paths:
            importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        self.live = _live(self.paths)
        self.remembering = _remembering()
        if self.kept is not None:
            self._read_entered(self.kept)
        self._try_all()
        return True

    # Which test enters which function.

    def _read_entered(self, kept: Path) -> None:
        if not kept.exists():
            self._in_child(self._note_entered)
        noted = json.loads(kept.read_text())
        self.took, self.breadth = noted["took"], noted["breadth"]
        self.entering = {tuple(json.loads(key)): tests for key, tests in noted["entering"].items()}

    def _note_entered(self, _pipe: Connection) -> None:
        wanted = {found[0].__code__: key for key, found in self.live.items()}
        hits: set[CodeType] = set()

        def trace(frame: FrameType, _event: str, _arg: Any) -> None:
            if frame.f_code in wanted:
                hits.add(frame.f_code)

        took, breadth, entering = {}, {}, defaultdict(list)
        left_out: list[str] = []
        for nodeid in self.items:
            self._forget()  # else only the first that asks a function that remembers would enter it
            hits.clear()
            began = time.process_time()
            sys.settrace(trace)
            threading.settrace(trace)
            failed = self._run(nodeid)
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            if failed:
                left_out.append(nodeid)
                continue
            took[nodeid], breadth[nodeid] = time.process_time() - began, len(hits)
            for code in hits:
                entering[json.dumps(wanted[code])].append(nodeid)
        if left_out:
            print(f"{len(left_out)} tests fail without a fault and are left out: {left_out[:5]}", file=sys.stderr)
        assert self.kept is not None
        self.kept.write_text(json.dumps({"took": took, "breadth": breadth, "entering": entering}))

    def _run(self, nodeid: str) -> bool:
        """Whether the test failed. What lives as long as the session is kept for the next one."""
        self.failed.clear()
        item = self.items[nodeid]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.session)
        return bool(self.failed)

    # Faults, one after the other.

    def _tests_for(self, fault: Fault) -> list[str]:
        if names := self.named.get(fault.digest):
            return [nodeid for nodeid, item in self.items.items() if getattr(item, "originalname", "") in names]
        key = (fault.path, fault.function, fault.first_line)
        known = self.killers[key]
        tests = [test for test in self.entering.get(key, ()) if test in self.items]
        tests.sort(key=lambda test: (-known[test], self.breadth[test] // 10, self.took[test]))
        chosen, seconds = [], 0.0
        for test in tests:
            if seconds + self.took[test] <= self.seconds or not chosen:
                chosen.append(test)
                seconds += self.took[test]
        return chosen

    def _try_all(self) -> None:
        self.child: Child | None = None
        try:
            for fault in self.wanted():
                tests = self._tests_for(fault)
                verdict, test = self._verdict(fault, tests) if tests else (NO_TEST, "")
                if verdict == DIES:
                    self.killers[fault.path, fault.function, fault.first_line][test] += 1
                self.told(fault, verdict, test)
        finally:
            self._end_child()

    def _verdict(self, fault: Fault, tests: Sequence[str]) -> tuple[str, str]:
        """(what came of it, the test that noticed); once more in a new child where the first was left unsound."""
        for _once_more in range(2):
            self.child = self.child or Child(self._alone(self._serve))
            spins = _SPINS + 3 * sum(self.took.get(one, 20.0) for one in tests)
            verdict, test, is_sound = self.child.ask(fault, tests, spins)
            if is_sound:
                return verdict, test
            self._end_child()
            if verdict == HANGS:
                return HANGS, ""
        return NO_ANSWER, ""  # the test that noticed fails without the fault as well

    def _end_child(self) -> None:
        if self.child is not None:
            self.child.end()
            self.child = None

    def _serve(self, pipe: Connection) -> None:
        with suppress(EOFError):  # whoever asked is gone
            while (asked := pipe.recv()) is not None:
                pipe.send(self._tried(*asked))

    def _tried(self, key: Key, code: bytes, tests: Sequence[str]) -> tuple[str, str, bool]:
        """The verdict, the test that noticed, and whether that test passes without the fault again."""
        found = self.live[key]
        sound = found[0].__code__
        for function in found:
            function.__code__ = marshal.loads(code)
        self._forget()
        try:
            noticed = next((test for test in tests if self._run(test)), "")
        finally:
            for function in found:
                function.__code__ = sound
            self._forget()
        if not noticed:
            return LIVES, "", True
        return DIES, noticed, not self._run(noticed)

    def _forget(self) -> None:
        for one in self.remembering:
            one.cache_clear()

    def _alone(self, work: Callable[[Connection], None]) -> Callable[[Connection], None]:
        def quietly(pipe: Connection) -> None:
            self.session.config.pluginmanager.unregister(name="terminalreporter")
            work(pipe)
            os._exit(0)

        return quietly

    def _in_child(self, work: Callable[[Connection], None]) -> None:
        child = Child(self._alone(work))
        try:
            child.process.join()
        finally:
            child.end()
        if child.process.exitcode:
            raise pytest.UsageError("the tests could not be run without a fault")


class Child:
    """A process of its own, with a connection to the database of its own."""

    def __init__(self, work: Callable[[Connection], None]) -> None:
        forking = multiprocessing.get_context("fork")
        self.pipe, theirs = forking.Pipe()

        def begin() -> None:
            self.pipe.close()  # so that it hears when whoever asks is gone
            work(theirs)

        self.process = forking.Process(target=begin)
        self.process.start()
        theirs.close()

    def ask(self, fault: Fault, tests: Sequence[str], seconds: float) -> tuple[str, str, bool]:
        """What `_tried` says; HANGS where the process spins for so many seconds of CPU or waits for ever.

        NO_ANSWER where it ended: something is wrong with it, and no test has noticed anything.
        """
        began, spent = time.monotonic(), self._spent()
        try:
            self.pipe.send(((fault.path, fault.function, fault.first_line), marshal.dumps(fault.code), list(tests)))
            while not self.pipe.poll(0.5):
                if self._spent() - spent > seconds or time.monotonic() - began > _WAITS + seconds:
                    return HANGS, "", False
            verdict, test, is_sound = self.pipe.recv()
        except (EOFError, OSError):
            return NO_ANSWER, "", False
        return str(verdict), str(test), bool(is_sound)

    def _spent(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        try:
            self.pipe.send(None)
            self.process.join(2)
        except OSError:
            pass
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def _live(paths: Sequence[str]) -> dict[Key, list[FunctionType]]:
    """The functions of these files as they live in this process, decorated or not."""
    wanted = {}
    for path in paths:
        text = (ROOT / path).read_text(encoding="utf-8")
        for name, line in functions(compile(text, str(ROOT / path), "exec", dont_inherit=True)):
            wanted[str(ROOT / path), name, line] = (path, name, line)
    gc.unfreeze()  # what is frozen is not among the objects that are looked through
    found: dict[Key, list[FunctionType]] = defaultdict(list)
    for one in gc.get_objects():
        if type(one) is FunctionType:
            code = one.__code__
            key = wanted.get((code.co_filename, code.co_qualname, code.co_firstlineno))
            if key:
                found[key].append(one)
    return dict(found)


def _remembering() -> list[Any]:
    """Functions of the product that keep what they once answered."""
    cached = [one for one in gc.get_objects() if type(one) is functools._lru_cache_wrapper]
    return [one for one in cached if str(one.__module__).split(".")[0] in _APPS]
