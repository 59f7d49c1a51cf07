"""`make run`: from nothing to an open service desk, and a clean stop."""

import time
import urllib.error
import urllib.request
from pathlib import Path

from itsm.run import environment, launch, places, ports, prepare, programs, relief
from itsm.run.child import Child
from itsm.run.say import GiveUp, plain, say
from itsm.run.servers import Servers
from itsm.run.supervisor import Supervisor

PATIENCE = 90.0


def serve(folder: Path = places.RUN) -> None:
    port = ports.wanted()
    launch.hear_signals()
    with launch.only_one(folder):
        launch.stop_orphans(folder)
        ports.insist_free(port)
        desk = Desk(folder, port)
        relief.listen(folder)
        try:
            launch.run(Servers(folder), desk.prepare, desk.ready)
        finally:
            # It names servers that are gone now.
            (folder / "env").unlink(missing_ok=True)
            relief.forget(folder)


class Desk:
    """What is particular to serving: the programs, and what is said when they are up."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.settings: dict[str, str] = {}

    def prepare(self, servers: dict[str, str]) -> list[Child]:
        self.settings = environment.complete(self.folder, self.port, servers)
        environment.write(self.folder, self.settings)
        prepare.prepare(self.folder, self.settings)
        say("starting web, workers, scheduler and watch")
        made = programs.programs(self.folder, self.port, self.settings)
        self.listener = ports.listening(self.port)
        relief.give_socket(made, self.listener)
        return made

    def ready(self, supervisor: Supervisor) -> None:
        supervisor.relief = relief.Relief(self.folder, self.port, self.settings, self.listener, answers=answers)
        web = supervisor.programs[0]
        deadline = time.monotonic() + PATIENCE
        while not answers(self.port):
            if not web.is_running() or time.monotonic() > deadline:
                raise GiveUp(f"The web server did not come up; its last words:\n{web.last_lines()}")
            time.sleep(0.1)
        say("ready")
        plain(self.welcome())

    def welcome(self) -> str:
        lines = ["", f"  Headroom is open at {self.settings['HEADROOM_BASE_URL']}"]
        lines += self.demo_logins() if self.settings["HEADROOM_DEMO"] == "on" else self.way_in()
        logs = self.folder.name + "/{web,worker,beat,paging,outward,watch,postgres,valkey}.log"
        lines += [f"  Logs: {logs}", "  Stop with Ctrl-C.", ""]
        return "\n".join(lines)

    def demo_logins(self) -> list[str]:
        """Those of the demo company, where it is: it stays away from a desk that has people of its own."""
        logins = prepare.words_of(self.settings, "seed_demo", "--logins")
        if not logins:
            return ["  The demo company is not here: this desk has people or services of its own.", *self.way_in()]
        return [f"  Demo log-ins: {logins}", "  Password of each: headroom"]

    def way_in(self) -> list[str]:
        """On a desk without people, the link by which the first one comes in."""
        link = prepare.words_of(self.settings, "setup_link", "--if-empty")
        if not link:
            return []
        return ["  Nobody is here yet. The first administrator comes in here (good once, for a day):", f"  {link}"]


def answers(port: int) -> bool:
    """Ready, by its own judgement."""
    try:
        with urllib.request.urlopen(f"http://{ports.HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
