"""`make drill`: a backup restored on trial into a place of its own, proven there; what is wrong with it is said."""

import base64
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from itsm.accounts.models import Session
from itsm.run import backup, drill, throwaway
from itsm.run.dumps import Place, reached_by
from itsm.run.say import GiveUp
from tests.api.world import founded
from tests.run.test_backup import Here, url_of


class Kept(Here):
    """A desk that notes into the test."""

    def is_there(self) -> bool:
        return True


@pytest.mark.in_turn(3, at=0)
@pytest.mark.django_db(transaction=True)
def test_a_drill_proves_a_backup_and_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = founded()
    now = timezone.now()
    Session.objects.create(
        key_hash="0" * 64, user=world.people["agent"], data="", last_seen_at=now, expires_at=now + timedelta(days=1)
    )
    home = Kept(tmp_path / "run", url_of(connection.settings_dict["NAME"]))
    backup.back_up(home, tmp_path / "kept")
    (noted,) = home.told
    assert noted["what"] == "backup"
    assert noted["problem"] == ""
    assert noted["facts"]["rows"] > 500
    home.told.clear()

    assert drill.run(tmp_path / "kept", home) == 0
    (noted,) = home.told
    found = {one["check"]: one for one in noted["facts"]["checks"]}
    assert {name for name, one in found.items() if one["holds"]} >= {
        "files of the backup", "rows", "attachments", "outgoing", "sessions and tokens", "invariants", "audit chain",
    }  # fmt: skip
    assert found["outgoing"]["said"].endswith("held, 0 left")
    assert found["sessions and tokens"]["said"].startswith("0 sessions")
    assert "everything holds" in capsys.readouterr().err
    assert not list(Path(tempfile.gettempdir()).glob(f"{throwaway.PREFIX}*/files")), "the place is gone"


def counted_as(monkeypatch: pytest.MonkeyPatch, **rows: int) -> Place:
    monkeypatch.setattr(Place, "counts", lambda self: rows)
    return reached_by("postgresql://nobody@127.0.0.1/none")


def test_rows_that_are_missing_or_too_many_are_named_and_those_that_a_restore_writes_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manifest = {"rows": {"a": 3, "b": 0, "accounts_session": 4, "notifications_quarantine": 0}}
    place = counted_as(monkeypatch, a=3, b=0, accounts_session=0, notifications_quarantine=1)
    assert backup.other_rows(manifest, place) == ""
    place = counted_as(monkeypatch, a=2, c=1)
    assert backup.other_rows(manifest, place) == "a has 2 rows of 3, b has None rows of 0, c has 1 rows of None"


def of(folder: Path, made_at: str, **more: object) -> Path:
    folder.mkdir()
    manifest = {"made_at": made_at, "postgresql": 18, "sha256": {}, **more}
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    return folder


def test_the_newest_finished_backup_is_drilled(tmp_path: Path) -> None:
    assert backup.newest(tmp_path) is None
    of(tmp_path / "z", "2026-11-27T00:00:00+00:00")
    newest = of(tmp_path / "a", "2026-11-28T00:00:00+00:00")
    half = of(tmp_path / f"b{backup.UNFINISHED}", "2026-11-29T00:00:00+00:00")
    (tmp_path / "no manifest").mkdir()
    assert backup.newest(tmp_path) == newest
    with pytest.raises(GiveUp, match="never finished"):
        backup.insist_whole(half)


def test_a_backup_of_a_later_headroom_is_refused(tmp_path: Path) -> None:
    backup.insist_whole(of(tmp_path / "ours", "2026-11-28T00:00:00+00:00", migrations=["accounts.0001_initial"]))
    later = of(tmp_path / "later", "2026-11-28T00:00:00+00:00", migrations=["accounts.0099_of_tomorrow"])
    with pytest.raises(GiveUp, match=r"of a later Headroom \(it has accounts.0099_of_tomorrow\)"):
        backup.insist_whole(later)


def test_the_age_is_said_as_people_say_it() -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert [drill.age(now - timedelta(minutes=m), now) for m in (0, 200, 1440, 3000)] == [
        "0 h 0 min", "3 h 20 min", "1 d 0 h", "2 d 2 h",
    ]  # fmt: skip


def anchor(at: str) -> str:
    return json.dumps({"payload": base64.b64encode(json.dumps({"at": at}).encode()).decode()})


def test_history_is_held_against_the_anchors_that_a_backup_can_know_and_later_ones_are_told(tmp_path: Path) -> None:
    outside, corner = tmp_path / "outside", tmp_path / "corner"
    outside.mkdir()
    corner.mkdir()
    first, at, last = "2026-11-29T11:55:00Z", "2026-11-29T12:00:00Z", "2026-11-29T12:05:00Z"
    (outside / "audit-anchors-2026-11-29.ndjson").write_text("\n".join(map(anchor, (first, at, last))) + "\n{\n")
    place = drill.EmptyPlace(corner, {drill.ANCHORS: str(outside)})
    assert place.lay_anchors(datetime(2026, 11, 29, 12, tzinfo=UTC)) == [last]
    laid = (corner / "anchors" / "audit-anchors-2026-11-29.ndjson").read_text().splitlines()
    assert [drill.instant_of(line) for line in laid] == [first, at]
    assert place.also[drill.ANCHORS] == str(corner / "anchors")
    assert drill.EmptyPlace(tmp_path).lay_anchors(datetime(2026, 11, 29, tzinfo=UTC)) == []
