"""Backups by the clock: when one is due, which go, and that a demo company takes none."""

import errno
import json
import os
import runpy
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itsm.run import archive, backup, drill, homes, keeping, noting, places
from itsm.run.say import GiveUp, end_with, in_words
from tests.run.test_drill import of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def at(folder: Path, ago: timedelta) -> Path:
    return of(folder / f"{ago.total_seconds():.0f}", (NOW - ago).isoformat())


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was backed up and drilled, by its name."""
    told: list[str] = []

    def back_up(home: homes.Home, folder: Path) -> None:
        made = datetime.strptime(folder.name, "%Y%m%dT%H%M%S%z")
        told.append(of(folder, made.isoformat()).name)

    monkeypatch.setattr(backup, "back_up", back_up)
    monkeypatch.setattr(drill, "run", lambda folder, home: told.append(f"drill {folder.name}"))
    return told


def test_one_is_due_a_day_after_the_last_and_drilled_once_a_week(tmp_path: Path, done: list[str]) -> None:
    def round_at(now: datetime) -> list[str]:
        done.clear()
        keeping.one_round(homes.Run(tmp_path), tmp_path, DAY, 14, now)
        return list(done)

    at(tmp_path, DAY - timedelta(seconds=1))
    (tmp_path / keeping.DRILLED).touch()
    os.utime(tmp_path / keeping.DRILLED, (NOW.timestamp(), NOW.timestamp()))
    assert round_at(NOW) == []
    assert round_at(NOW + timedelta(seconds=1)) == ["20261129T120001Z"]
    assert round_at(NOW + timedelta(seconds=2)) == []
    assert round_at(NOW + keeping.DRILL_EVERY + timedelta(seconds=1)) == ["20261206T120001Z", "drill 20261206T120001Z"]


def test_the_newest_stay_and_what_is_no_backup_is_left_alone(tmp_path: Path) -> None:
    made = [at(tmp_path, timedelta(days=days)) for days in (3, 1, 2)]
    half = at(tmp_path, timedelta(days=9)).rename(tmp_path / f"half{backup.UNFINISHED}")
    (tmp_path / "notes").mkdir()
    assert keeping.take_away(tmp_path, 2) == [made[0]]
    assert {one.name for one in tmp_path.iterdir()} == {made[1].name, made[2].name, half.name, "notes"}


def test_a_demo_takes_none_and_what_is_said_holds() -> None:
    assert not keeping.wanted({"HEADROOM_DEMO": "on"})
    assert keeping.hours({"HEADROOM_DEMO": "off"}) == 24
    assert keeping.hours({"HEADROOM_DEMO": "on", "HEADROOM_BACKUP_HOURS": "6"}) == 6
    assert not keeping.wanted({"HEADROOM_BACKUP_HOURS": "0"})
    assert keeping.wanted({"HEADROOM_BACKUP_HOURS": "0", archive.NAME: "/srv/kept"}), "files are copied beside the log"
    with pytest.raises(GiveUp, match="whole number"):
        keeping.wanted({"HEADROOM_BACKUP_HOURS": "often"})


def test_backups_of_somebody_else_are_neither_taken_nor_drilled_and_what_none_needs_leaves_the_archive(
    tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, by_cron = tmp_path / "kept", tmp_path / "backups" / "by cron"
    by_cron.mkdir(parents=True)
    manifest = {"made_at": "2026-11-30T00:00:00+00:00", "log": "7/000000010000000000000005"}
    (by_cron / backup.MANIFEST).write_text(json.dumps(manifest))
    (kept / "7").mkdir(parents=True)
    for piece in ("4", "5"):
        (kept / "7" / f"00000001000000000000000{piece}.gz").touch()
    monkeypatch.setenv(archive.NAME, str(kept))
    keeping.one_round(homes.Run(tmp_path), by_cron.parent, timedelta(0), 14, NOW)
    assert done == []
    assert [one.name for one in (kept / "7").iterdir()] == ["000000010000000000000005.gz"]


def archived(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An archive with a piece of the log and an attachment that its one backup does not need; and the backups."""
    kept, backups = folder / "kept", folder / "backups"
    (backups / "first").mkdir(parents=True)
    manifest = {"made_at": "2026-11-30T00:00:00+00:00", "log": "7/000000010000000000000005"}
    (backups / "first" / backup.MANIFEST).write_text(json.dumps(manifest))
    (kept / "7" / archive.FILES / "ab").mkdir(parents=True)
    (kept / "7" / "000000010000000000000004.gz").touch()
    (kept / "7" / archive.FILES / "ab" / "ab0").touch()
    os.utime(kept / "7" / archive.FILES / "ab" / "ab0", (1.0, 1.0))
    monkeypatch.setenv(archive.NAME, str(kept))
    return kept, backups


@pytest.mark.parametrize("sees_it_by", ["stat", "unlink"])
def test_what_another_took_from_the_archive_meanwhile_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sees_it_by: str
) -> None:
    kept, backups = archived(tmp_path, monkeypatch)
    real = getattr(Path, sees_it_by)

    def beaten(file: Path, *args: object, **more: object) -> object:
        if file.suffix == ".gz" or file.name == "ab0":
            os.remove(file)
        return real(file, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, sees_it_by, beaten)
        keeping.one_round(homes.Run(tmp_path), backups, timedelta(0), 14, NOW)
    assert [one for one in (kept / "7").rglob("*") if one.is_file()] == []


def test_a_disk_that_is_away_ends_no_later_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _kept, backups = archived(tmp_path, monkeypatch)

    def away(*_: object, **__: object) -> None:
        raise OSError("Stale file handle")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", away)
        assert not keeping.tried(homes.Run(tmp_path), backups, timedelta(0), 14, NOW)
    assert "Stale file handle" in "".join(capsys.readouterr())
    assert keeping.tried(homes.Run(tmp_path), backups, timedelta(0), 14, NOW)


GONE = OSError(errno.ESTALE, "Stale file handle", "/mnt/safe/kept")
WORDS = {
    "backup": ["backup", "/mnt/safe/one"],
    "drill": ["/mnt/safe/one"],
    "rewind": ["restore", "latest"],
    "upgrade": ["/mnt/before"],
}


@pytest.mark.parametrize("name", WORDS)
def test_a_command_whose_disk_is_away_ends_with_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise GONE

    monkeypatch.setattr("itsm.run.launch.hear_signals", away)
    monkeypatch.setattr("sys.argv", [name, *WORDS[name]])
    monkeypatch.delitem(sys.modules, f"itsm.run.{name}", raising=False)
    with pytest.raises(GiveUp, match=r"/mnt/safe/kept cannot be read or written: Stale file handle. See whether its"):
        runpy.run_module(f"itsm.run.{name}", run_name="__main__")


def test_a_backup_to_a_disk_that_is_away_says_so_on_stderr_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    words = ["-m", "itsm.run.backup", "backup", str(tmp_path / "file" / "one")]
    ran = subprocess.run([sys.executable, *words], cwd=places.ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, len(ran.stderr.strip().splitlines())) == (1, "", 1), ran.stderr
    assert str(tmp_path / "file") in ran.stderr
    assert "cannot be read or written: " in ran.stderr


def test_a_backup_is_whole_though_the_disk_of_the_log_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, backups = archived(tmp_path, monkeypatch)

    def away(*_: object, **__: object) -> None:
        raise GONE

    home = homes.Run(tmp_path)
    home.settings = {archive.NAME: str(kept), "HEADROOM_BACKUP_DIR": str(backups)}
    monkeypatch.setattr(Path, "unlink", away)
    with pytest.raises(GiveUp, match=r"The backup .*/mine is whole; the log in .* Stale file handle"):
        backup.let_go_of_log(home, backups / "mine")


LOOK_THERE = " See whether its disk is there, may be written to and has room."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "It did not come to its end: No space left on device."),
        (
            PermissionError(errno.EACCES, "Permission denied", "one"),
            "one cannot be read or written: Permission denied.",
        ),
        (
            OSError(errno.EIO, "Input/output error", Path("/mnt/b")),
            f"/mnt/b cannot be read or written: Input/output error.{LOOK_THERE}",
        ),
        (
            shutil.Error([("/a", "/mnt/b", "[Errno 30] Read-only file system"), ("/c", "/d", "the same")]),
            f"/mnt/b cannot be read or written: Read-only file system.{LOOK_THERE}",
        ),
        (
            shutil.Error([("/a", "/mnt/b", str(OSError(28, "No space left on device", "/a", None, "/mnt/b/it's")))]),
            f"/mnt/b/it's cannot be read or written: No space left on device.{LOOK_THERE}",
        ),
        (
            shutil.Error([("/a", "/mnt/b", str(PermissionError(13, "Permission denied", "/a")))]),
            f"/a cannot be read or written: Permission denied.{LOOK_THERE}",
        ),
        (
            shutil.Error("'/a' and '/a' are the same file"),
            "It did not come to its end: '/a' and '/a' are the same file.",
        ),
    ],
)
def test_what_a_disk_refused_is_one_sentence(error: OSError, said: str) -> None:
    def main() -> int:
        raise error

    with pytest.raises(GiveUp) as ended:
        end_with(main)
    assert str(ended.value).strip() == in_words(error) == said


@pytest.mark.parametrize(
    ("words", "options", "said"),
    [
        (["no-such-program"], {}, "The program no-such-program is not there. See whether it is installed, and on the PATH."),
        ([Path("/no/such/program")], {}, "The program /no/such/program is not there."),
        (["/proc/self/stat"], {}, "The program /proc/self/stat cannot be started: Permission denied."),
        (["true"], {"cwd": "/no/such/folder"}, f"/no/such/folder cannot be read or written: No such file or directory.{LOOK_THERE}"),
    ],
)  # fmt: skip
def test_a_program_that_is_not_there_is_no_disk(words: list, options: dict, said: str) -> None:
    with pytest.raises(GiveUp) as ended:
        end_with(lambda: subprocess.run(words, **options).returncode)
    assert str(ended.value).strip() == said


OURS = [
    (ProcessLookupError(errno.ESRCH, "No such process"), "ProcessLookupError: No such process"),
    (TimeoutError(), "TimeoutError"),
    (ConnectionRefusedError("by the server"), "ConnectionRefusedError: by the server"),
]


@pytest.mark.parametrize(("error", "said"), OURS)
def test_what_is_of_no_disk_keeps_its_trace(
    error: OSError, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be a fault of ours, and cron's mail is all that tells of it."""

    def faulty(*_: object, **__: object) -> int:
        raise error

    with pytest.raises(type(error)) as ended:
        end_with(faulty)
    assert ended.value is error
    assert in_words(error) == f"It did not come to its end: {said}."
    monkeypatch.setattr(keeping, "one_round", faulty)
    assert not keeping.tried(homes.Run(tmp_path), tmp_path, timedelta(0), 14, NOW)
    told = capsys.readouterr().err
    assert f"It did not come to its end: {said}." in told
    assert "in faulty" in told, "where it was"
    monkeypatch.setattr(keeping, "one_round", away)
    assert not keeping.tried(homes.Run(tmp_path), tmp_path, timedelta(0), 14, NOW)
    assert "Traceback" not in capsys.readouterr().err


def test_so_does_what_stops_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(*_: object, **__: object) -> int:
        raise TimeoutError

    kept, backups = archived(tmp_path, monkeypatch)
    home = homes.Run(tmp_path)
    home.settings = {archive.NAME: str(kept), "HEADROOM_BACKUP_DIR": str(backups)}
    monkeypatch.setattr(archive, "prune", faulty)
    with pytest.raises(GiveUp, match=r"is whole; .* It did not come to its end: TimeoutError\."):
        backup.let_go_of_log(home, backups / "mine")
    assert "in faulty" in capsys.readouterr().err
    monkeypatch.setattr(archive, "attached_since", faulty)
    assert keeping.copy_files({archive.NAME: str(kept), "HEADROOM_FILES_DIR": str(tmp_path)}, 7.0, backups) == 7.0
    assert "in faulty" in capsys.readouterr().err


def away(*_: object, **__: object) -> None:
    raise GONE


def test_where_backups_lie_elsewhere_the_log_says_that_nothing_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _kept, backups = archived(tmp_path, monkeypatch)
    keeping.one_round(homes.Run(tmp_path), backups, timedelta(0), 14, NOW)
    assert capsys.readouterr() == ("", "")
    keeping.one_round(homes.Run(tmp_path), tmp_path / "elsewhere", timedelta(0), 14, NOW)
    assert "what people attach is not copied" in "".join(capsys.readouterr())


def test_each_desk_has_its_own_place(tmp_path: Path) -> None:
    assert backup.place(places.RUN, {}) == backup.BACKUPS
    assert backup.place(tmp_path, {}) == tmp_path / "backups"
    assert backup.place(places.RUN, {"HEADROOM_BACKUP_DIR": "/mnt/safe"}) == Path("/mnt/safe")


@pytest.mark.parametrize("ends", [KeyboardInterrupt(), SystemExit(), OSError(), GiveUp("")])
def test_what_did_not_come_to_its_end_is_told_with_a_problem(ends: BaseException) -> None:
    lines: list[str] = []

    def tell(said: str) -> bool:
        lines.append(said)
        return True

    with pytest.raises(type(ends)), noting.noted("drill", tell):
        raise ends
    assert json.loads(lines[0])["problem"], "without one it counts as a verified restore"


def test_attachments_are_copied_beside_the_log_each_once_and_a_full_disk_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, kept = tmp_path / "files" / "ab", tmp_path / "kept"
    files.mkdir(parents=True)
    base = {"made_at": "2026-11-30T00:00:00+00:00", "log": "7/000000010000000000000005"}
    (backups := tmp_path / "backups" / "first").mkdir(parents=True)
    (files / "ab0").write_bytes(b"in the base")
    os.utime(files / "ab0", (1.0, 1.0))
    (files / "ab1").write_bytes(b"first")
    said = {"HEADROOM_FILES_DIR": str(tmp_path / "files"), archive.NAME: str(kept)}
    assert keeping.copy_files(said, 0.0, backups.parent) > 0.0
    assert not kept.exists(), "the first base will hold them"
    (backups / backup.MANIFEST).write_text(json.dumps(base))
    looked, copied = keeping.copy_files(said, 0.0, backups.parent), kept / "7" / archive.FILES / "ab"
    assert [one.name for one in copied.iterdir()] == ["ab1"]
    (files / "ab2").write_bytes(b"second")

    def full(source: object, target: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfile", full)
        assert keeping.copy_files(said, looked, backups.parent) == looked
    assert keeping.copy_files(said, looked, backups.parent) > looked
    assert (copied / "ab2").read_bytes() == b"second"
    assert keeping.copy_files({"HEADROOM_FILES_DIR": str(files)}, 1.0, backups.parent) > 1.0
