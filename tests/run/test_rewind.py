"""Any second since the oldest base: the log of a real server is kept, and played on until the instant that was named."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from itsm.continuity import queries
from itsm.continuity.queries import LOG_STUCK
from itsm.run import archive, backup, drill, homes, places, postgres, rewind, roles
from itsm.run.dumps import Place, reached_by
from itsm.run.noting import Told, noted
from itsm.run.say import GiveUp
from tests.run.desks import eventually
from tests.run.test_drill import of

TABLES = """
CREATE TABLE django_migrations (app text, name text);
CREATE TABLE note (said text);
"""


class Kept(homes.Run):
    """A desk on a server of its own, whose log is kept."""

    def __init__(self, folder: Path, kept: Path) -> None:
        super().__init__(folder)
        self.told: list[dict[str, Any]] = []
        self.server = postgres.Postgres(folder, keeps_log_in=kept)
        self.server.start()
        _application, owner = roles.make_ours(self.server)
        (folder / "files" / "ab").mkdir(parents=True)
        self.settings = {
            "HEADROOM_SECRET_KEY": "k" * 50,
            "HEADROOM_FILES_DIR": str(folder / "files"),
            "DATABASE_OWNER_URL": owner,
            archive.NAME: str(kept),
        }
        self.say(TABLES)

    def is_there(self) -> bool:
        return True

    @contextmanager
    def database(self) -> Iterator[Place]:
        yield reached_by(self.settings["DATABASE_OWNER_URL"])

    def noting(self, what: str) -> AbstractContextManager[Told]:
        def tell(said: str) -> bool:
            self.told.append(json.loads(said))
            return True

        return noted(what, tell)

    def say(self, statement: str) -> datetime:
        """When it was committed, by the server's clock."""
        connection = psycopg2.connect(self.settings["DATABASE_OWNER_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (at,) = cursor.fetchone() or ()
        connection.close()
        found: datetime = at
        return found

    def note(self, said: str) -> datetime:
        return self.say(f"INSERT INTO note VALUES ('{said}')")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    (tmp_path / "run").mkdir()
    made = Kept(tmp_path / "run", tmp_path / "kept")
    monkeypatch.setenv("DATABASE_URL", made.settings["DATABASE_OWNER_URL"])  # as programs of the desk have it
    try:
        yield made
    finally:
        made.server.stop()


def test_of_a_server_of_the_users_no_base_is_taken(desk: Kept) -> None:
    with desk.database() as place:
        assert desk.whole(place) is not None
        desk.settings["DATABASE_OWNER_URL"] = "postgresql://theirs:secret@127.0.0.1:1/theirs"
        assert desk.whole(place) is None


def rows(folder: Path) -> int:
    manifest = json.loads((folder / backup.MANIFEST).read_text())
    assert backup.insist_whole(folder)
    return int(manifest["rows"]["note"])


@pytest.mark.in_turn(3, at=2)
def test_what_was_written_until_an_instant_is_there_and_nothing_after_it(
    desk: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = tmp_path / "run" / "backups"
    backups.mkdir()
    before = desk.note("before the base")
    backup.back_up(desk, backups / "base")
    time.sleep(1)  # a manifest knows seconds: the next instant is another one
    at = desk.note("before the harm")
    (tmp_path / "run" / "files" / "ab" / "ab12").write_bytes(b"attached later")
    new, bases = archive.attached_since(tmp_path / "run" / "files", 0.0), backup.manifests(backups)
    assert archive.keep_files(new, tmp_path / "kept", bases) == 1, "what the base lacks"
    assert archive.keep_files(new, tmp_path / "kept", bases) == 0
    desk.note("the harm")

    assert rewind.run("backup", at, desk) == 0
    (rewound,) = backups.glob("*-rewound")
    assert rows(rewound) == 2
    assert (rewound / "files" / homes.ATTACHED / "ab" / "ab12").read_bytes() == b"attached later"
    assert backup.made_at(rewound) == at.astimezone(UTC).isoformat(timespec="seconds")

    monkeypatch.setattr(drill, "run", lambda folder, home: rows(folder))
    assert rewind.run("drill", None, desk) == 3

    with pytest.raises(GiveUp, match=r"No backup in .* holds a base from before"):
        rewind.run("backup", before - timedelta(minutes=1), desk)
    with pytest.raises(GiveUp, match=r"does not reach .*latest"):
        rewind.run("backup", datetime.now(UTC) + timedelta(hours=1), desk)
    assert not list(backups.glob(f"*{backup.UNFINISHED}"))


def test_a_log_that_cannot_be_handed_over_is_told(desk: Kept, tmp_path: Path) -> None:
    def stuck() -> list[Any]:
        connection = psycopg2.connect(desk.settings["DATABASE_OWNER_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute(LOG_STUCK)
            found = cursor.fetchall()
        connection.close()
        return found

    assert stuck() == []
    desk.note("one piece")
    shutil.rmtree(tmp_path / "kept")
    (tmp_path / "kept").write_text("no folder any more")
    with desk.database() as place:
        whole = desk.whole(place)
        assert whole
        whole.answer("SELECT pg_switch_wal()")
    eventually(stuck)
    standing = queries.Standing(datetime.now(UTC), None, None, (), stuck()[0][0])
    assert "the disk of the server fills up" in standing.warnings[0].text


def test_what_no_base_needs_any_more_goes_and_the_rest_stays(tmp_path: Path) -> None:
    def piece(server: str, name: str) -> Path:
        file = tmp_path / server / f"{name}.gz"
        file.parent.mkdir(exist_ok=True)
        file.touch()
        return file

    kept = [
        piece("7", "000000020000000000000005"), piece("7", "00000002.history"), piece("8", "000000010000000000000001"),
        piece("7", "000000020000000100000000"),
    ]  # fmt: skip
    gone = [piece("7", "000000010000000000000004"), piece("7", "000000010000000000000004.00000028.backup")]
    attached = [tmp_path / "7" / archive.FILES / "ab" / name for name in ("ab1", "ab2")]
    for file, age in zip(attached, (2, 0), strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file, (time.time() - age * 3600,) * 2)
    gone, kept = [*gone, attached[0]], [*kept, attached[1]]
    hour_ago, now = (datetime.now(UTC) - timedelta(hours=1)).isoformat(), datetime.now(UTC).isoformat()
    manifests = [
        {"log": "7/000000020000000000000006", "made_at": now}, {"log": "7/000000010000000000000005", "made_at": hour_ago},
        {"made_at": "no base"}, {"log": "../000000010000000000000005", "made_at": "of no server"},
    ]  # fmt: skip
    assert archive.prune(tmp_path, manifests) == len(gone)
    assert all(file.exists() for file in kept)
    assert not any(file.exists() for file in gone)


def test_a_backup_that_was_taken_elsewhere_takes_no_log_from_those_that_lie_here(tmp_path: Path) -> None:
    home, kept = homes.Run(tmp_path / "run"), tmp_path / "kept"
    home.settings = {archive.NAME: str(kept)}
    own = backup.place(home.folder, home.settings)
    own.mkdir(parents=True)
    (tmp_path / "usb").mkdir()
    (kept / "7").mkdir(parents=True)
    piece = kept / "7" / "000000010000000000000005.gz"
    piece.touch()
    of(own / "daily", "2026-11-29T00:00:00+00:00", log="7/000000010000000000000004")
    later = "2026-11-30T00:00:00+00:00", "7/000000010000000000000006"
    assert backup.let_go_of_log(home, of(tmp_path / "usb" / "one", later[0], log=later[1])) == 0
    assert piece.exists()
    shutil.rmtree(own / "daily")
    assert backup.let_go_of_log(home, of(own / "next", later[0], log=later[1])) == 1


@pytest.mark.parametrize("log", ["", "../7/000000010000000000000004", "7; rm -rf ./000000010000000000000004", "7/4"])
def test_a_manifest_names_no_other_folder(tmp_path: Path, log: str) -> None:
    base = of(tmp_path / "base", "2026-11-29T00:00:00+00:00", log=log)
    with pytest.raises(GiveUp, match="of which server"):
        rewind.as_of(None, base, tmp_path / "kept", tmp_path / "corner", tmp_path / "made")
    (tmp_path / "made").mkdir()
    with pytest.raises(GiveUp, match="there already"):
        rewind.as_of(None, base, tmp_path / "kept", tmp_path / "corner", tmp_path / "made")


@pytest.mark.parametrize("text", ["yesterday", "2026-11-30T08:14:00", ""])
def test_an_instant_says_its_zone(text: str) -> None:
    with pytest.raises(GiveUp, match="Say it with its zone"):
        rewind.instant(text)
    assert rewind.instant("2025-11-30T09:14:00+01:00") == datetime(2025, 11, 30, 8, 14, tzinfo=UTC)


def test_an_instant_that_is_still_to_come_is_refused_before_anything_is_played_on() -> None:
    with pytest.raises(GiveUp, match=r"2999-01-01T00:00:00Z is still to come.*AT=latest"):
        rewind.instant("2999-01-01T00:00:00Z")


def test_a_folder_that_a_shell_would_read_otherwise_is_refused() -> None:
    with pytest.raises(GiveUp, match="letters, digits"):
        archive.wanted({archive.NAME: "/kept; rm -rf ."})


def test_compose_keeps_the_log_by_the_same_words() -> None:
    whole = yaml.safe_load((places.ROOT / "docker-compose.yml").read_text())["services"]["postgres"]
    beside = yaml.safe_load((places.ROOT / "docker-compose.archive.yml").read_text())["services"]["postgres"]
    settings = [f"{name}={value}".replace("$", "$$") for name, value in archive.options("/archive").items()]
    assert beside["command"] == [*whole["command"], *(word for one in settings for word in ("-c", one))]
    assert beside["volumes"] == [f"${{{archive.NAME}:?say in .env where the log goes}}:/archive"]
