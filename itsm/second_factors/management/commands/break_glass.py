"""The sealed administrator, by who operates the server."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.second_factors.models import BreakGlass
from itsm.second_factors.operations import break_glass
from itsm.second_factors.queries import untested_break_glass


class Command(BaseCommand):
    help = "Seal, renew, try, end or list the administrator for when nobody else comes in. Each use alarms everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=["seal", "rotate", "drill", "end", "list"])
        parser.add_argument("login", nargs="?", default="break-glass")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, now, login = Actor.system("break_glass", Door.COMMAND), timezone.now(), options["login"]
        said: Any = {"login": login}
        try:
            if options["do"] == "seal":
                said |= {"password": break_glass.seal(login, actor=actor, at=now)[1], "shown": "once: seal it"}
            elif options["do"] == "rotate":
                said |= {"password": break_glass.rotate(login, actor=actor, at=now), "shown": "once: seal it"}
            elif options["do"] == "drill":
                break_glass.begin_drill(login, actor=actor, at=now)
                said |= {"drill": "sign in within an hour"}
            elif options["do"] == "end":
                break_glass.end(login, actor=actor, at=now)
                said |= {"ended": True}
            else:
                stale = {one.pk for one in untested_break_glass(now)}
                said = [_line(one, one.pk in stale) for one in BreakGlass.objects.select_related("user")]
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(json.dumps(said))


def _line(one: BreakGlass, stale: bool) -> dict[str, Any]:
    tested = one.tested_at.isoformat() if one.tested_at else None
    return {"login": one.user.username, "sealed_at": one.sealed_at.isoformat(), "tested_at": tested, "untested": stale}
