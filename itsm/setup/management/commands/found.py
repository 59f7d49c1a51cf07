"""A company from one file: ./manage.py found company.yml [--dry-run]. The file's shape: itsm/setup/company.py."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.configuration.reading import outgoing_allow
from itsm.kernel.actors import Actor, Door
from itsm.setup.company import Entry, read_company
from itsm.setup.founding import Deed, found
from itsm.setup.links import has_people
from itsm.setup.trying import private_target

_MARKS = {"created": "+", "updated": "~", "waits": "?", "differs": "!", "retired": "-"}
_WORDS = {"waits": " (waits for a second person)", "differs": " (differs; changed on its page)"}
_ENDINGS = {".yaml", ".yml", ".json"}


class Command(BaseCommand):
    help = "Make teams, people, environments, services, sources and objectives be as a file says; all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            company = read_company(file.name, file.read_bytes())
            table = (file.parent / company.services_csv).read_bytes() if company.services_csv else b""
            slo_files = {
                str(path.relative_to(file.parent)): path.read_bytes()
                for said in company.objectives
                for path in _below(file.parent / said)
            }
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except ValueError as error:
            raise CommandError("Files are named below the folder of this one.") from error
        founding = found(
            company, actor=Actor.system("found", Door.COMMAND), at=timezone.now(), services_csv=table,
            slo_files=slo_files, dry_run=options["dry_run"],
        )  # fmt: skip
        for line in _lines(founding.deeds):
            self.stdout.write(line)
        for problem in founding.problems:
            self.stderr.write(problem)
        if founding.problems:
            raise CommandError(f"{len(founding.problems)} to mend; nothing was written.")
        if not founding.written:
            self.stdout.write("Nothing was written: this only shows what would happen.")
        elif not has_people():
            self.stdout.write("Nobody can sign in yet: ./manage.py setup_link lets the administrator in.")
        for line in _unreached(company.sources):
            self.stdout.write(line)


def _unreached(sources: list[Entry]) -> Iterator[str]:
    """Those whose address is private and not allowed yet, with the way to allow them."""
    targets = {target: one["slug"] for one in sources if (target := private_target(one.get("url", "")))}
    for target, slug in targets.items():
        yield f"! source {slug}: {target} is a private address, which is not asked before it is allowed."
    if targets:
        words = " ".join(dict.fromkeys([*outgoing_allow(), *targets]))
        yield f"  ./manage.py setting set outgoing_allow {words}"


def _below(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.suffix in _ENDINGS) if path.is_dir() else [path]


def _lines(deeds: list[Deed]) -> Iterator[str]:
    """What changes, one line each; then how many stay as they are."""
    for one in deeds:
        if one.action != "unchanged":
            details = f": {one.details}" if one.details else ""
            yield f"{_MARKS[one.action]} {one.kind} {one.name}{details}{_WORDS.get(one.action, '')}"
    if same := sum(one.action == "unchanged" for one in deeds):
        yield f"= {same} as they are"
