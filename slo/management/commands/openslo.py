"""OpenSLO files from the command line.

./manage.py openslo validate [--lenient] FILE...    one line a document; exit 1 when one is invalid
./manage.py openslo import [--source NAME] [--create-services [--team NAME]] [--lenient] [--set NAME] [--prune]
                           [--adopt] [--diff] [--as USERNAME] PATH...
                                                    declared as the files say; exit 1 with an error, nothing written
./manage.py openslo export [--service SLUG] [--output FILE]
"""

from argparse import _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from catalog.services.queries import every_service
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.slugs import slug_refusal
from slo.openslo import formats, operations
from slo.openslo.formats.definitions import DocumentRef, Finding, Mode
from slo.openslo.formats.reading import BOUNDS
from slo.openslo.formats.writing import yaml_of
from slo.openslo.operations.apply_terms import NOTHING, Change
from slo.openslo.operations.applying import USUAL_SET
from slo.openslo.operations.outcome import MAX_FINDINGS
from slo.openslo.queries import exported

_ENDINGS = {".yaml", ".yml", ".json"}


class Command(BaseCommand):
    help = "Work with OpenSLO files."
    # Files are read without a database or settings that are fit for service.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        subcommands = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        _add_validate(subcommands)
        _add_import(subcommands)
        _add_export(subcommands)

    def handle(self, *args: Any, **options: Any) -> None:
        options["run"](self, options)


def _add_validate(subcommands: "_SubParsersAction[Any]") -> None:
    parser = subcommands.add_parser("validate", help="Say of every document whether it follows OpenSLO v1.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file, or a directory to look through")
    parser.add_argument(
        "--lenient", action="store_true", help="warn where the official tools are stricter than the text"
    )
    parser.set_defaults(run=validate)


def _add_import(subcommands: "_SubParsersAction[Any]") -> None:
    parser = subcommands.add_parser("import", help="Make objectives be as the files say; all or nothing.")
    parser.add_argument("files", nargs="+", type=Path, metavar="PATH", help="a file, or a directory to look through")
    parser.add_argument("--lenient", action="store_true", help="warn where strict mode refuses, pass over other kinds")
    parser.add_argument("--source", default="", metavar="NAME", help="the data source of queries that name none")
    parser.add_argument("--create-services", action="store_true", help="make the services that the catalog lacks")
    parser.add_argument("--team", default="", metavar="NAME", help="who owns the services that are made")
    parser.add_argument("--set", default=USUAL_SET, help="the name under which these files declare (%(default)s)")
    parser.add_argument("--prune", action="store_true", help="retire objectives of the set that are declared no more")
    parser.add_argument("--adopt", action="store_true", help="take over objectives that are kept by hand")
    parser.add_argument("--diff", action="store_true", help="only show what would change")
    parser.add_argument("--as", dest="username", metavar="USERNAME", help="act as this account; else as Headroom")
    parser.set_defaults(run=import_files)


def _add_export(subcommands: "_SubParsersAction[Any]") -> None:
    parser = subcommands.add_parser("export", help="Write the objectives in force as OpenSLO documents.")
    parser.add_argument("--service", metavar="SLUG", help="of this service only")
    parser.add_argument("--output", type=Path, metavar="FILE", help="a file instead of the standard output")
    parser.set_defaults(run=export)


def import_files(command: BaseCommand, options: dict[str, Any]) -> None:
    """Print what became of everything, then what is wrong."""
    if sentence := slug_refusal(options["set"]):
        raise CommandError(sentence)
    try:
        files = {str(path): _content(path) for path in _files(options["files"])}
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
    try:
        outcome = operations.apply(
            files, actor=_actor(options["username"]), at=timezone.now(),
            mode="lenient" if options["lenient"] else "strict", set_name=options["set"],
            prune=options["prune"], adopt=options["adopt"], dry_run=options["diff"], source=options["source"],
            create_services=options["create_services"], team=options["team"],
        )  # fmt: skip
    except (NotPermitted, InvalidInput) as error:
        raise CommandError(error.detail) from error
    lines = [line for change in outcome.changes for line in _change(change)] + [
        _remark(one) for one in outcome.first_findings
    ]
    if (left := len(outcome.findings) - len(outcome.first_findings)) > 0:
        lines.append(gettext("… and %d more findings.") % left)
    for line in lines:
        command.stdout.write(_printable(line))
    if wrong := len(outcome.errors):
        message = ngettext("%d error; nothing was written.", "%d errors; nothing was written.", wrong)
        raise CommandError(message % wrong)
    if options["diff"]:
        command.stdout.write(gettext("Nothing was written: this only shows what would change."))


def export(command: BaseCommand, options: dict[str, Any]) -> None:
    service = options["service"]
    if service and not every_service().filter(slug=service).exists():
        raise CommandError(gettext("There is no service of this name in the catalog."))
    text = yaml_of(exported(_actor(None), service))
    if options["output"] is None:
        command.stdout.write(text, ending="")
        return
    try:
        options["output"].write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{options['output']}: {error.strerror}") from error


def _actor(username: str | None) -> Actor:
    if username is None:
        return Actor.system("openslo", Door.COMMAND)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(gettext("There is no account %s.") % username)
    return actor_for(user, Door.COMMAND)


def _change(change: Change) -> Iterator[str]:
    words = {
        "created": gettext("created"), "updated": gettext("updated"), "unchanged": gettext("unchanged"),
        "pruned": gettext("pruned"), "waits": gettext("waits for a second person:"),
    }  # fmt: skip
    yield f"{words[change.action]} {change.kind.replace('_', ' ')} {change.slug}"
    for name, (old, new) in change.fields.items():
        yield f"    {name}: {new}" if old == NOTHING else f"    {name}: {old} -> {new}"


def _remark(one: Finding) -> str:
    severity = gettext("error") if one.severity == "error" else gettext("warning")
    return f"{severity} {one.document or '-'} {one.path or '-'}: {one.message} ({one.rule})"


def validate(command: BaseCommand, options: dict[str, Any]) -> None:
    """Exit 0 when every file can be read and every document is valid."""
    mode: Mode = "lenient" if options["lenient"] else "strict"
    wrong = 0
    for path in _files(options["files"]):
        for line, valid in _verdicts(path, mode):
            wrong += not valid
            command.stdout.write(_printable(line))
    if wrong:
        raise CommandError(ngettext("%d document is not valid.", "%d documents are not valid.", wrong) % wrong)


def _verdicts(path: Path, mode: Mode) -> Iterator[tuple[str, bool]]:
    """A line for each document of the file, and whether it is valid."""
    try:
        content = _content(path)
    except OSError as error:
        yield f"{path}: " + gettext("unreadable") + f" - {error.strerror or error}", False
        return
    checked = formats.check({str(path): content}, mode)
    if not checked:
        yield f"{path}: " + gettext("no document"), True
    for place, kind, name, findings in checked:
        valid = not any(finding.severity == "error" for finding in findings)
        yield _line(place, kind, name, findings, valid), valid


def _files(paths: list[Path]) -> list[Path]:
    """Directories looked through, in a stable order."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in _ENDINGS) if path.is_dir() else [path]
        found += [one for one in inside if one == path or one.is_file()]
    return found


def _content(path: Path) -> bytes:
    """No more than what is certain to be refused as too large."""
    with path.open("rb") as file:
        return file.read(BOUNDS.largest + 1)


def _line(place: DocumentRef, kind: str, name: str, findings: list[Finding], valid: bool) -> str:
    title = " ".join(word for word in (str(place), kind, name) if word)
    if not findings:
        return f"{title}: " + gettext("valid")
    verdict = gettext("valid, with a warning") if valid else gettext("invalid")
    said = "; ".join(f"{one.path or '-'}: {one.message} ({one.rule})" for one in findings[:MAX_FINDINGS])
    if (left := len(findings) - MAX_FINDINGS) > 0:
        said += "; " + gettext("… and %d more findings.") % left
    return f"{title}: {verdict} - {said}"


def _printable(text: str) -> str:
    """What a file says may not reach the terminal as control characters."""
    return "".join(character if character.isprintable() else " " for character in text)
