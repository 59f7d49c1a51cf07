"""What pages load: collected aside and laid in place, also under a desk that serves them meanwhile."""

from pathlib import Path

import pytest

from itsm.run import homes, prepare, relief, upgrade

SETTINGS = {"HEADROOM_DEMO": "off"}


@pytest.fixture
def style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source with one file of style; collecting it makes what Django would make of it."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "desk.css").write_text("old")
    monkeypatch.setattr(prepare, "STATIC_SOURCES", [sources])
    monkeypatch.setattr(prepare, "STATIC_RULES", [])
    monkeypatch.setattr(prepare, "COLLECTED", tmp_path / "staticfiles")

    def collected(settings: dict[str, str]) -> Path:
        text = (sources / "desk.css").read_text()
        fresh = tmp_path / "staticfiles.new"
        (fresh / "css").mkdir(parents=True)
        (fresh / "css" / f"desk.{text}.css").write_text(text)
        (fresh / prepare.MANIFEST).write_text(text)
        return fresh

    monkeypatch.setattr(prepare, "collected_aside", collected)
    return sources / "desk.css"


def served(tmp_path: Path) -> tuple[str, set[str]]:
    """(what the manifest leads to, the names that are answered)."""
    found = tmp_path / "staticfiles"
    return (found / prepare.MANIFEST).read_text(), {one.name for one in (found / "css").iterdir()}


def test_a_restart_serves_a_style_that_changed_and_goes_on_serving_pages_of_before(
    tmp_path: Path, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare.static_files(tmp_path, SETTINGS)
    assert served(tmp_path) == ("old", {"desk.old.css"})
    (tmp_path / relief.HEARS).write_text("1")
    gone_on: list[tuple[str, set[str]]] = []
    monkeypatch.setattr(homes.Run, "of_the_running", lambda self: SETTINGS)
    monkeypatch.setattr(upgrade, "go_on", lambda *words: gone_on.append(served(tmp_path)))
    style.write_text("new")
    upgrade.restart(tmp_path)
    assert gone_on == [("new", {"desk.old.css", "desk.new.css"})]
    assert not (tmp_path / "staticfiles.new").exists()


def test_a_desk_that_starts_keeps_nothing_of_before_and_collects_nothing_twice(
    tmp_path: Path, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare.static_files(tmp_path, SETTINGS)
    style.write_text("new")
    prepare.static_files(tmp_path, SETTINGS)
    assert served(tmp_path) == ("new", {"desk.new.css"})
    monkeypatch.setattr(prepare, "collected_aside", lambda settings: pytest.fail("nothing changed"))
    prepare.static_files(tmp_path, SETTINGS)


def test_the_manifest_comes_after_what_it_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, target = tmp_path / "fresh", tmp_path / "target"
    fresh.mkdir()
    names = ["zebra.css", prepare.MANIFEST, ".stamp", "a.css"]
    for name in names:
        (fresh / name).touch()
    laid: list[str] = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: (laid.append(self.name), replace(self, to))[1])
    prepare.lay(fresh, target)
    assert laid[-2:] == [prepare.MANIFEST, ".stamp"]
    assert set(laid) == set(names)
