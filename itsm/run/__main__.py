"""`python -m itsm.run` serves; `python -m itsm.run --tmp [--migrate] -- COMMAND` runs a command
with throw-away servers."""

import argparse
import sys

from itsm.run.serve import serve
from itsm.run.throwaway import run_with_servers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m itsm.run", description=__doc__)
    parser.add_argument("--tmp", action="store_true", help="servers that are gone afterwards")
    parser.add_argument("--migrate", action="store_true", help="with --tmp: make the tables first")
    parser.add_argument("command", nargs="*", help="with --tmp: what to run")
    chosen = parser.parse_args()
    if not chosen.tmp:
        return run_desk()
    if not chosen.command:
        parser.error("--tmp needs a command")
    return run_with_servers(chosen.command, chosen.migrate)


def run_desk() -> int:
    try:
        serve()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
