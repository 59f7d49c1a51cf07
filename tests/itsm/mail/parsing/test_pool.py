"""Children that read mails: bounded, replaced, and none of them takes another mail with it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from itsm.mail.parsing import pool
from itsm.mail.parsing.parsed import TooMuch
from tests.itsm.mail.hostile import mails
from tests.itsm.mail.mails import a_mail
from tests.slo.proving import IN_FULL, TURN

HOSTILE = mails() if IN_FULL else mails()[TURN % 40 :: 40]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.eml"
    path.write_bytes(a_mail(text="Hello"))
    return path


@pytest.fixture
def reader() -> Iterator[pool.Reader]:
    made = pool.Reader()
    yield made
    made.end()


def test_a_mail_is_read_and_its_files_go_afterwards(good: Path) -> None:
    with pool.read(good) as (parsed, folder):
        assert parsed.own_text == "Hello"
        assert folder.is_dir()
    assert not folder.exists()


def test_one_that_says_nothing_in_time_is_ended_and_the_next_has_another(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.5)
    silent = tmp_path / "silent.eml"
    os.mkfifo(silent)  # whoever opens it waits for ever
    with pytest.raises(TooMuch) as refused, pool.read(silent):
        pass
    assert refused.value.code == "time"
    monkeypatch.undo()
    with pool.read(good) as (parsed, _folder):
        assert parsed.own_text == "Hello"


def test_one_that_died_meanwhile_is_replaced(good: Path, tmp_path: Path, reader: pool.Reader) -> None:
    assert "read" in reader.ask(good, tmp_path, headers_only=False)
    child = reader._running()
    child.kill()
    child.wait()
    assert "read" in reader.ask(good, tmp_path, headers_only=False)
    assert reader._running().pid != child.pid


def test_each_reads_fifty(good: Path, tmp_path: Path, reader: pool.Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MAILS_EACH", 2)
    first = reader._running().pid
    reader.ask(good, tmp_path, headers_only=True)
    assert reader._running().pid == first
    reader.ask(good, tmp_path, headers_only=True)
    assert reader._running().pid != first


def test_one_without_memory_says_so_and_its_mail_is_read_by_its_headers(tmp_path: Path) -> None:
    huge = tmp_path / "huge.eml"
    with huge.open("wb") as written:
        written.write(b"From: bo@example.org\nSubject: Huge\nContent-Type: text/plain\n\n")
        for _number in range(150):
            written.write(b"x" * 999_999 + b"\n")
    with pool.read(huge) as (parsed, _folder):
        assert (parsed.subject, parsed.flags) == ("Huge", ("headers-only",))


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_mails_are_read_or_refused_in_time(number: int, tmp_path: Path, good: Path) -> None:
    path = tmp_path / "hostile.eml"
    path.write_bytes(HOSTILE[number])
    began, said = time.monotonic(), "read"
    try:
        with pool.read(path) as (parsed, folder):
            assert all(len(block.text) <= 200_000 for block in parsed.blocks)
            assert "\x00" not in parsed.text + parsed.subject + parsed.sender_name
            assert all((folder / one.place).resolve().parent == folder.resolve() for one in parsed.sent)
    except TooMuch as refused:
        said = refused.code
    assert said in {"read", "headers", "addresses", "nested", "depth", "parts", "time", "memory", "unreadable"}
    assert time.monotonic() - began < 4 * pool.PATIENCE, "twice the time of a child, and a busy machine"
    with pool.read(good) as (parsed, _folder):
        assert parsed.own_text == "Hello"
