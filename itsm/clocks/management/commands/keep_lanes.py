"""Keep lanes: deliver what is owed and do what is due in them, until told to stop. It needs no broker."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from itsm.clocks.keeping import keep
from itsm.kernel import garbage
from itsm.notifications.lanes import CELERY, Lane


class Command(BaseCommand):
    help = "Keep these lanes until SIGTERM or SIGINT: what is owed and due in them, each by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [lane.value for lane in Lane if lane not in CELERY]
        parser.add_argument("lanes", nargs="+", choices=names, metavar="lane", help=", ".join(names))

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
        garbage.spare_what_is_loaded()
        keep([Lane(name) for name in options["lanes"]], stopping)
