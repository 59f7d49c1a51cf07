"""What stands between servers that answer and a desk that opens: tables, files, demo.

Each step looks first whether it is needed. Tables and static files, which do not depend on
one another, are prepared side by side.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from itsm.run import environment, places
from itsm.run.say import GiveUp, say

STATIC_SOURCES = [places.ROOT / "itsm" / "ui" / "static", places.VENDOR]
STATIC_RULES = [
    places.ROOT / "requirements.txt",
    places.ROOT / "itsm" / "settings.py",
    places.ROOT / "itsm" / "ui" / "finders.py",
]
COLLECTED = places.ROOT / "staticfiles"
MANIFEST = "staticfiles.json"
Settings = dict[str, str]


def prepare(folder: Path, settings: Settings) -> None:
    with ThreadPoolExecutor() as side_by_side:
        steps = [side_by_side.submit(step, folder, settings) for step in (tables, static_files)]
        for step in steps:
            step.result()
    if settings["HEADROOM_DEMO"] == "on":
        say("bringing the demo company up to now")
        manage(settings, "seed_demo", quiet=False)


def tables(folder: Path, settings: Settings) -> None:
    """Migrated by the owner; then the application gets exactly the rights it needs."""
    if rights_stand(folder, settings) and succeeds(settings, "migrate", "--check"):
        return
    say("preparing the tables")
    role = role_of(settings["DATABASE_URL"])
    if role == role_of(settings["DATABASE_OWNER_URL"]):
        manage(settings, "migrate", "--no-input", "--verbosity=0", "--skip-checks", owner=True)
    else:
        auditor = ["--auditor", reader] if (reader := role_of(settings.get("DATABASE_AUDITOR_URL", ""))) else []
        manage(settings, "grant_application_rights", "--migrate", "--role", role, *auditor, owner=True)
    places.put_stamp(folder / "rights", identity(settings))
    say("the tables are in place")


def rights_stand(folder: Path, settings: Settings) -> bool:
    return places.is_stamped(folder / "rights", identity(settings))


def identity(settings: Settings) -> str:
    """Which roles on which database; the embedded server's port changes and does not count."""
    parts = urlsplit(settings["DATABASE_URL"])
    auditor = role_of(settings.get("DATABASE_AUDITOR_URL", ""))
    return f"{role_of(settings['DATABASE_URL'])} {parts.hostname}{parts.path} {auditor}".rstrip()


def role_of(url: str) -> str:
    return unquote(urlsplit(url).username or "")


def static_files(folder: Path, settings: Settings, *, served: bool = False) -> None:
    """`served`: a desk serves them meanwhile, and its pages go on naming those of before."""
    current = places.fingerprint([*files_below(STATIC_SOURCES), *STATIC_RULES])
    if places.is_stamped(COLLECTED / ".stamp", current):
        return
    say("collecting static files")
    fresh = collected_aside(settings)
    places.put_stamp(fresh / ".stamp", current)
    if not served:
        shutil.rmtree(COLLECTED, ignore_errors=True)
    lay(fresh, COLLECTED)
    say("static files are in place")


def collected_aside(settings: Settings) -> Path:
    """The folder in which all of them are, beside the one that is served from."""
    fresh = COLLECTED.with_name(f"{COLLECTED.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    manage(settings, "collectstatic", "--settings=itsm.settings_collecting", "--no-input", "--verbosity=0")
    return fresh


def lay(fresh: Path, target: Path) -> None:
    """Every file of one folder into the other, each whole at any moment; what else lies there stays.

    Pages are served by the manifest and the hashed names that it leads to: it comes last but one, the stamp last.
    """
    last = [MANIFEST, ".stamp"]
    files = [file.relative_to(fresh) for file in files_below([fresh])]
    for name in sorted(files, key=lambda one: last.index(str(one)) if str(one) in last else -1):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name).replace(target / name)
    shutil.rmtree(fresh)


def files_below(folders: Iterable[Path]) -> list[Path]:
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def manage(settings: Settings, *words: str, owner: bool = False, quiet: bool = True) -> None:
    """A management command of ours; its own words are shown when it fails, or if not quiet."""
    output: IO[str] | int = subprocess.PIPE if quiet else sys.stderr
    result = run(settings, words, owner, output)
    if result.returncode != 0:
        raise GiveUp(f"./manage.py {' '.join(words)} failed.\n{result.stdout or ''}")


def words_of(settings: Settings, *words: str) -> str:
    """What a management command of ours says; nothing where it fails."""
    result = run(settings, words, False, subprocess.PIPE)
    return result.stdout.strip().splitlines()[-1] if result.returncode == 0 and result.stdout.strip() else ""


def told(settings: Settings, said: str, *words: str) -> bool:
    """Whether a management command of ours took what it was told."""
    return run(settings, words, False, subprocess.DEVNULL, said).returncode == 0


def started(settings: Settings, *words: str, owner: bool = False) -> "subprocess.Popen[str]":
    """A management command of ours that is under way; what it says, line by line, is its `stdout`."""
    return subprocess.Popen(
        [sys.executable, str(places.ROOT / "manage.py"), *words],
        cwd=places.ROOT,
        env=environment.full(settings, owner),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def succeeds(settings: Settings, *words: str) -> bool:
    return run(settings, words, True, subprocess.DEVNULL).returncode == 0


def run(
    settings: Settings, words: Iterable[str], owner: bool, output: IO[str] | int, said: str = ""
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(places.ROOT / "manage.py"), *words]
    return subprocess.run(
        command,
        cwd=places.ROOT,
        env=environment.full(settings, owner),
        input=said,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )
