"""The launcher with its real servers and one trivial program, to be started and killed by tests.

python -m tests.run.small_desk FOLDER PORT
"""

import sys
from pathlib import Path

from itsm.run import environment, launch, ports
from itsm.run.child import Child
from itsm.run.say import say
from itsm.run.servers import Servers
from itsm.run.supervisor import Supervisor


def main(folder: Path, port: int) -> None:
    def prepare(found: dict[str, str]) -> list[Child]:
        environment.write(folder, environment.complete(folder, port, found))
        command = [sys.executable, "-m", "http.server", str(port), "--bind", ports.HOST]
        return [Child("web", command, folder, workplace=folder, patience=2)]

    def ready(supervisor: Supervisor) -> None:
        say("ready")

    launch.hear_signals()
    with launch.only_one(folder):
        launch.stop_orphans(folder)
        ports.insist_free(port)
        launch.run(Servers(folder), prepare, ready)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
