"""Who is on call, for shells and scripts.

./manage.py on_call                                  of every schedule, now
./manage.py on_call --service checkout               of what pages for a service
./manage.py on_call --schedule payments --at 2026-12-24T18:00:00+01:00
./manage.py on_call --schedule payments --names      user names alone; ends with an error where nobody is there
"""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.oncall.queries.duty import names_of
from itsm.oncall.queries.listing import on_call_rows


class Command(BaseCommand):
    help = "Say who is on call, until when and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--service", default="", help="slug of a service")
        parser.add_argument("--schedule", default="", help="slug of a schedule")
        parser.add_argument("--at", default="", help="an instant with its zone; now by default")
        parser.add_argument("--names", action="store_true", help="only the user names")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("on_call", Door.COMMAND)
        try:
            rows = on_call_rows(actor, _at(options["at"]), service=options["service"], schedule=options["schedule"])
        except DomainError as error:
            raise CommandError(str(error.detail)) from error
        names = names_of({person for row in rows for person in row.duty.people})
        people = {row.schedule.slug: [names[one].username for one in row.duty.people] for row in rows}
        if options["names"]:
            if not any(people.values()):
                raise CommandError("Nobody is on call.")
            self.stdout.write("\n".join(dict.fromkeys(name for found in people.values() for name in found)))
            return
        for row in rows:
            until = f"until {row.duty.until:%Y-%m-%d %H:%M} UTC" if row.duty.until else ""
            who = ", ".join(people[row.schedule.slug]) or "NOBODY"
            live = "" if row.schedule.live_at else " (not live)"
            self.stdout.write(f"{row.schedule.slug}{live}: {who} {until} - {row.duty.why}")
        if not rows:
            self.stdout.write("There is no such schedule.")


def _at(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise CommandError(f"{text} is no time such as 2026-12-24T18:00:00+01:00.") from error
    if read.tzinfo is None:
        raise CommandError("Say the zone too: 2026-12-24T18:00:00+01:00.")
    return read
