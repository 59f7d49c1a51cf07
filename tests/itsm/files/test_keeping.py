"""Bytes before rows: no row is ever without its bytes, whoever is killed, sweeps or sends the same meanwhile."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.files import drawing, queries, scanning, store, sweeping, tasks, thumbnails
from itsm.files import operations as files
from itsm.files.models import Attachment
from itsm.files.vocabulary import Preview, State
from itsm.kernel.actors import Door
from itsm.kernel.errors import Conflict, InvalidInput
from tests.factories.files import black_png, picture, received
from tests.itsm.at_once import at_once
from tests.itsm.rivals import rivals


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_DIR = str(tmp_path / "files")
    return Path(settings.FILES_DIR)


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Cannot print")


def sent(incident: Incident, user: User, *contents: bytes, name: str = "log.txt") -> list[Attachment]:
    with transaction.atomic():
        actor = actor_for(user, Door.WEB)
        _said, made = operations.say(
            incident, actor=actor, text="See there", private=True, received=[received(name, one) for one in contents]
        )
    return made


def aged(path: Path) -> None:
    os.utime(path, (time.time() - 3 * 86400,) * 2)


@pytest.mark.django_db
class TestKeeping:
    def test_the_same_bytes_lie_there_once(self, incident: Incident, agent: User) -> None:
        one, two = sent(incident, agent, b"the same", b"the same")
        assert one.sha256 == two.sha256
        assert [path.name for path in store.kept()] == [one.sha256]
        assert store.place_of(one.sha256).read_bytes() == b"the same"

    def test_a_private_file_is_among_nobody_elses_whichever_notes_they_read(
        self, incident: Incident, agent: User, as_actor: Any
    ) -> None:
        (made,) = sent(incident, agent, b"x")
        assert list(queries.readable_by(as_actor(agent), reads_all=True)) == [made]
        assert not queries.readable_by(as_actor(agent), reads_all=False).exists()

    def test_bytes_are_for_their_owner_alone(self, incident: Incident, agent: User) -> None:
        (one,) = sent(incident, agent, b"x")
        assert store.place_of(one.sha256).stat().st_mode & 0o077 == 0

    def test_who_is_killed_between_bytes_and_row_leaves_no_row(
        self, incident: Incident, agent: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_args: Any, **_kwargs: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(type(Attachment.objects), "bulk_create", killed)
        with pytest.raises(KeyboardInterrupt):
            sent(incident, agent, b"never noted")
        assert not Attachment.objects.exists()
        (left,) = store.kept()
        aged(left)
        assert sweeping.sweep() == 1
        assert not list(store.kept())

    def test_no_row_is_written_where_its_bytes_find_no_place(
        self, incident: Incident, agent: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_args: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(store, "keep", full)
        with pytest.raises(files.Unavailable):
            sent(incident, agent, b"x")
        assert not Attachment.objects.exists()

    def test_limits_hold_at_the_very_value(self, incident: Incident, agent: User, monkeypatch: Any) -> None:
        monkeypatch.setattr(files, "MAX_ON_RECORD", 3)
        sent(incident, agent, b"1", b"2", b"3")
        with pytest.raises(Conflict, match="at most 3 files"):
            sent(incident, agent, b"4")
        monkeypatch.setattr(files, "MAX_ON_RECORD", 20)
        monkeypatch.setattr(files, "MAX_BYTES_A_DAY", 10)
        sent(incident, agent, b"x" * 7)
        with pytest.raises(Conflict, match="a person in 24 hours"):
            sent(incident, agent, b"x")
        Attachment.objects.update(at=timezone.now() - timedelta(hours=24))
        sent(incident, agent, b"x" * 10)

    def test_sending_and_taking_back_is_sending(self, incident: Incident, agent: User, monkeypatch: Any) -> None:
        monkeypatch.setattr(files, "MAX_BYTES_A_DAY", 10)
        (made,) = sent(incident, agent, b"x" * 10)
        files.withdraw(incident, made, actor=actor_for(agent, Door.WEB))
        with pytest.raises(Conflict):
            sent(incident, agent, b"x")

    def test_nothing_at_all_is_no_file(self, incident: Incident, agent: User) -> None:
        with pytest.raises(InvalidInput, match="empty"):
            sent(incident, agent, b"")
        with pytest.raises(files.FileTooLarge, match="25 MB") as refused:
            sent(incident, agent, b"x" * 25_000_001)
        assert refused.value.status == 413
        assert sent(incident, agent, b"x" * 25_000_000)[0].size == 25_000_000

    def test_what_was_begun_and_not_finished_is_gone_when_it_is_closed(self) -> None:
        file = received("half.txt", b"half")
        assert file.path.exists()
        file.close()
        assert not file.path.exists()


@pytest.mark.django_db
class TestSweeping:
    def test_never_takes_what_a_row_needs(self, incident: Incident, agent: User) -> None:
        made = sent(incident, agent, *(f"file {number}".encode() for number in range(12)))
        for path in store.kept():
            aged(path)
        assert sweeping.sweep() == 0
        assert all(store.place_of(one.sha256).exists() for one in made)

    def test_what_was_withdrawn_goes_after_a_day_unless_another_needs_it(self, incident: Incident, agent: User) -> None:
        actor = actor_for(agent, Door.WEB)
        one, again, other = sent(incident, agent, b"twice", b"twice", b"once")
        for gone in (one, other):
            files.withdraw(incident, gone, actor=actor)
        assert sweeping.sweep() == 0, "a backup of yesterday's rows finds its bytes"
        Attachment.objects.filter(withdrawn_at__isnull=False).update(withdrawn_at=timezone.now() - timedelta(days=2))
        assert sweeping.sweep() == 1
        assert store.place_of(again.sha256).exists()
        assert not store.place_of(other.sha256).exists()

    def test_what_was_never_finished_goes_after_a_day(self) -> None:
        for name in ("old", "new"):
            (store.folder(store.INCOMING) / name).write_bytes(b"x")
        aged(store.folder(store.INCOMING) / "old")
        assert sweeping.sweep() == 1
        assert [path.name for path in store.folder(store.INCOMING).iterdir()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_waits_for_who_keeps_the_same_bytes(agent: User, as_actor: Any) -> None:
    incident = operations.open_incident(actor=as_actor(agent), title="Cannot print")
    orphan = received("old.txt", b"the same again")
    store.keep(orphan.path, orphan.sha256)
    with rivals() as begin:
        with transaction.atomic():
            sent(incident, agent, b"the same again")
            sweep = begin(sweeping.sweep)
            assert sweep.waits()
        assert sweep.result() == 0
    assert store.place_of(orphan.sha256).exists()


@pytest.mark.django_db(transaction=True)
def test_limits_hold_when_many_send_at_once(agent: User, as_actor: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(files, "MAX_BYTES_A_DAY", 30)
    incidents = [operations.open_incident(actor=as_actor(agent), title=f"No {number}") for number in range(4)]
    waiting = list(incidents)
    results = at_once(4, lambda: sent(waiting.pop(), agent, b"x" * 10))
    assert sum(isinstance(one, Conflict) for one in results) == 1
    assert Attachment.objects.count() == 3
    monkeypatch.setattr(files, "MAX_BYTES_A_DAY", 10_000)
    monkeypatch.setattr(files, "MAX_ON_RECORD", 2)
    place = Incident.objects.exclude(pk__in=Attachment.objects.values("record_id")).get()
    results = at_once(4, lambda: sent(place, agent, b"y"))
    assert sum(isinstance(one, Conflict) for one in results) == 2


@pytest.mark.django_db
class TestSmallPictures:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG"])
    def test_are_drawn_by_a_child(self, kind: str, incident: Incident, agent: User) -> None:
        (made,) = sent(incident, agent, picture(kind, side=700), name="shot")
        assert made.preview == Preview.OWED
        assert tasks.look_at_new_files() == 1
        made.refresh_from_db()
        assert made.has_picture
        assert store.thumbnail_of(made.sha256).read_bytes()[8:12] == b"WEBP"
        assert tasks.look_at_new_files() == 0

    def test_bombs_are_refused_by_their_head(self, incident: Incident, agent: User) -> None:
        """40 million pixels are drawn, a row more is not."""
        largest, bomb = sent(incident, agent, black_png(8_000, 5_000), black_png(8_000, 5_001), name="bomb.png")
        assert bomb.size < 100_000
        assert thumbnails.draw(largest) == Preview.MADE
        assert thumbnails.draw(bomb) == Preview.NONE
        assert not store.thumbnail_of(bomb.sha256).exists()
        assert not list(store.folder(store.INCOMING).glob("*.webp"))


@pytest.mark.filterwarnings("ignore")  # the library only warns of it
def test_the_child_looks_at_the_head_before_it_unpacks(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(black_png(8_000, 5_001))
    with pytest.raises(ValueError, match="too many pixels"):
        drawing.draw(str(tmp_path / "bomb"), str(tmp_path / "small"))


@pytest.mark.django_db
class TestTheScanner:
    @pytest.fixture
    def waiting(self, incident: Incident, agent: User, settings: Any) -> Attachment:
        settings.FILES_SCANNER = "command:false"
        return sent(incident, agent, b"x")[0]

    @pytest.mark.parametrize(
        ("command", "state"),
        [
            ("true", State.CLEAN),
            ("false", State.REFUSED),
            ("sh -c 'exit 2'", State.WAITING),
            ("no-such-scanner", State.WAITING),
        ],
    )
    def test_its_exit_is_its_word(self, command: str, state: State, waiting: Attachment, settings: Any) -> None:
        assert waiting.state == State.WAITING
        settings.FILES_SCANNER = f"command:{command}"
        tasks.look_at_new_files()
        waiting.refresh_from_db()
        assert waiting.state == state

    @pytest.mark.parametrize(
        ("answer", "state"),
        [(b"stream: OK\0", State.CLEAN), (b"stream: Eicar FOUND\0", State.REFUSED), (b"", State.WAITING),
         (b"INSTREAM size limit exceeded. ERROR\0", State.WAITING)],
    )  # fmt: skip
    def test_clamd_is_asked_by_its_protocol(self, answer: bytes, state: State, tmp_path: Path) -> None:
        file = tmp_path / "sent"
        file.write_bytes(b"x" * 70_000)
        with Clamd(tmp_path / "clamd", answer) as heard:
            assert scanning.verdict(f"clamd:{tmp_path / 'clamd'}", file) == state
        assert bytes(heard).startswith(b"zINSTREAM\0")
        assert bytes(heard).endswith(b"\0\0\0\0")

    def test_nobody_there_is_silence(self, tmp_path: Path) -> None:
        (tmp_path / "sent").write_bytes(b"x")
        for scanner in ("clamd:127.0.0.1:1", "clamd:nothing", "clamd:", "other:x"):
            assert scanning.verdict(scanner, tmp_path / "sent") == State.WAITING


class Clamd:
    """A scanner that hears one file out and says one thing."""

    def __init__(self, path: Path, answer: bytes) -> None:
        import socket
        import threading

        self.heard, self.answer = bytearray(), answer
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(path))
        self.door.listen(1)
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        line, _ = self.door.accept()
        with line:
            while not self.heard.endswith(b"\0\0\0\0"):
                self.heard += line.recv(1 << 16)
            line.sendall(self.answer)

    def __enter__(self) -> bytearray:
        self.thread.start()
        return self.heard

    def __exit__(self, *_: Any) -> None:
        self.thread.join()
        self.door.close()
