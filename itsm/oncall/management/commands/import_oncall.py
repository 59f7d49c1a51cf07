"""Bring in on-call schedules of Grafana OnCall, PagerDuty or Opsgenie, and compare them with the source.

./manage.py import_oncall --from oncall|pagerduty|opsgenie FILE --dry-run    reads and compares, writes nothing
./manage.py import_oncall --from pagerduty FILE --team payments              writes; a second time finds the same again

FILE is JSON as the source's API answers it (README names the addresses), with the source's own rendering of the next
30 days: who is on call by it and by us is compared for each minute. Nobody is paged before a schedule goes live.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.accounts.models import Team
from itsm.kernel import strangers
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.oncall.importing import FORMATS, Imported, bring_in

_MOST = 50_000_000  # bytes


class Command(BaseCommand):
    help = "Bring in on-call schedules of Grafana OnCall, PagerDuty or Opsgenie, compared minute by minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSON as the source's API answers it")
        parser.add_argument("--from", dest="source", required=True, choices=sorted(FORMATS))
        parser.add_argument("--team", default="", help="whose they are, where no team has the name that the file says")
        parser.add_argument("--dry-run", action="store_true", help="read and compare, write nothing")
        parser.add_argument("--leave-out-unknown", action="store_true", help="turns of people without an account here")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(slug=options["team"]).first()
        if options["team"] and team is None:
            raise CommandError(f"There is no team {options['team']}.")
        try:
            found, lines = bring_in(
                options["source"], _read(options["file"]), actor=Actor.system("import_oncall", Door.COMMAND),
                at=timezone.now(), team=team, dry_run=options["dry_run"],
                leave_out_unknown=options["leave_out_unknown"],
            )  # fmt: skip
        except DomainError as error:
            raise CommandError(str(error.detail)) from error
        for one in found:
            self._tell(one)
        for line in lines:
            self.stdout.write(line)
        if any(one.schedule is not None and one.schedule.live_at is None for one in found):
            self.stdout.write(
                "Nobody is paged by them yet: look at each page, “Let it page”, then let a policy call it."
            )
        differing = sum(one.differing for one in found)
        self.stdout.write(
            f"{len(found)} schedules, {sum(one.minutes for one in found)} minutes compared, {differing} differ."
        )

    def _tell(self, made: Imported) -> None:
        read = made.read
        self.stdout.write(f"{read.name} ({read.key}): {made.what or 'only looked at'}; {len(read.layers)} layers")
        if made.minutes:
            self.stdout.write(f"  compared {made.minutes} minutes: {made.differing} differ")
        else:
            self.stdout.write("  not compared: the file has no rendering of it")
        for one in made.differences[:10]:
            there, here = ", ".join(one.there) or "nobody", ", ".join(one.here) or "nobody"
            self.stdout.write(
                f"    {one.start:%Y-%m-%d %H:%M} - {one.end:%Y-%m-%d %H:%M} UTC: there {there}, here {here}"
            )
        if len(made.differences) > 10:
            self.stdout.write(f"    and {len(made.differences) - 10} more")
        for email in made.unknown:
            self.stdout.write(f"  nobody here has the address {email}")
        for remark in read.remarks:
            self.stdout.write(f"  {remark}")
        if made.schedule is not None:
            self.stdout.write(f"  {made.schedule.get_absolute_url()}")


def _read(path: str) -> Any:
    file = Path(path)
    try:
        if file.stat().st_size > _MOST:
            raise CommandError(f"{path} is larger than {_MOST} bytes.")
        return strangers.read(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}") from error
