"""Watch over what may never be late, beside the workers and without them, and tell somebody outside that we do."""

import logging
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection

from itsm.clocks import heartbeat, late
from itsm.clocks.keeping import now_there
from itsm.kernel import garbage
from itsm.notifications import outgoing

logger = logging.getLogger("headroom.watch")

EVERY = 20.0  # seconds


class Command(BaseCommand):
    help = (
        "Do what is more than a minute late and should wake people (paging, intake), every 20 seconds. After each "
        "round that leaves nothing late, HEADROOM_HEARTBEAT_URL is asked: where that stays away, alarm from there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round; exit code 1 where something was late")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            done = late.look(now_there())
            for name, number in done.found.items():
                self.stdout.write(f"{name}: {f'{number} late' if number else 'on time'}")
            if done.was_late:
                sys.exit(1)
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
        garbage.spare_what_is_loaded()
        while not stopping.is_set():
            self.one_round()
            stopping.wait(EVERY)

    def one_round(self) -> None:
        """Nothing that goes wrong ends the watch; without the database, the missing heartbeat says so outside."""
        try:
            done = late.look(now_there())
            heartbeat.swept(heartbeat.watch_here())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("no database (%s)", type(error).__name__)
            connection.close()
            return
        if done.is_well:
            self.beat()

    def beat(self) -> None:
        url = settings.HEARTBEAT_URL
        if not url:
            return
        try:
            status, _body = outgoing.request("GET", url, timeout=8)
        except (outgoing.OutgoingRefused, outgoing.OutgoingFailed) as error:
            logger.warning("HEADROOM_HEARTBEAT_URL: %s", error)
            return
        if not 200 <= status < 300:
            logger.warning("HEADROOM_HEARTBEAT_URL answered %s", status)
