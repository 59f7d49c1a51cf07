"""One database out to a file and back, by PostgreSQL's own programs of the right version."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from itsm.run import postgres
from itsm.run.say import GiveUp

Words = Sequence[str | Path]
_TABLES = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'public'"
# Who was signed in is not, one-time links are void, since some were used meanwhile, and what is made from now on has
# numbers that nothing had between the backup and its restore.
_HOLD_AND_COMMIT = """
INSERT INTO public.notifications_quarantine (reason) VALUES ('{reason}');
DELETE FROM public.accounts_session;
UPDATE public.accounts_user SET access_version = access_version + 1;
SELECT setval(format('%I.%I', schemaname, sequencename), last_value + 1000) FROM pg_catalog.pg_sequences
WHERE schemaname = 'public' AND data_type = 'bigint'::regtype AND last_value IS NOT NULL;
COMMIT;
SET client_min_messages = error;
ANALYZE;
"""
_COUNTS = r"""
SELECT format('SELECT %L, count(*) FROM public.%I', tablename, tablename)
FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY tablename \gexec
"""
_OVER = "-- over --"


@dataclass
class Moment:
    """One moment of a database, which stands as long as this session does."""

    name: str
    talk: "subprocess.Popen[str]"

    def counts(self) -> dict[str, int]:
        """The rows of each table, as they were at this moment."""
        return counted(self.lines(_COUNTS))

    def lines(self, statement: str) -> list[str]:
        into, out = pipes(self.talk)
        into.write(f"{statement}\n\\echo {_OVER}\n")
        into.flush()
        found = []
        while (line := out.readline()) and line.strip() != _OVER:
            found.append(line.rstrip("\n"))
        if not line:
            raise GiveUp("The database does not answer.")
        return found


@dataclass
class Place:
    """A database and the words by which its programs are called: `before` says where they run."""

    connect: Words
    before: Words = ()
    programs: Path | None = None  # None: found by name, where `before` leads
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str = ""  # who owns what is restored, where we come in as somebody else

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """What was committed until now, for as many programs as ask for it by its name."""
        words = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")
        command = self.command("psql", *words, *self.connect)
        with subprocess.Popen(
            command, env=self.surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as talk:
            stands = Moment("", talk)
            begun = stands.lines("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSELECT pg_export_snapshot();")
            yield Moment(begun[0].strip(), talk)
            pipes(talk)[0].close()

    def dump(self, file: Path, moment: Moment | None = None) -> int:
        """One moment of the whole database. Returns the server's major version."""
        self.insist_reads(self.server)
        if not int(self.answer(_TABLES)):
            raise GiveUp("There is no table in this database: nothing to back up.")
        file.touch(mode=0o600)
        with file.open("wb") as out:
            words = ("--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s", *self.connect)
            words = (*words, f"--snapshot={moment.name}") if moment else words
            result = subprocess.run(self.command("pg_dump", *words), env=self.surroundings, stdout=out)
        if result.returncode != 0 or not self.is_readable(file):
            raise GiveUp("pg_dump failed; there is no backup.")
        return self.server

    def is_readable(self, file: Path) -> bool:
        """Down to its last row: a file that was cut short has an end that cannot be found."""
        with file.open("rb") as dump:
            words = self.command("pg_restore", "--file=/dev/null")
            return subprocess.run(words, env=self.surroundings, stdin=dump).returncode == 0

    def load(self, file: Path, reason: str) -> None:
        """Everything in one transaction, which also holds what would leave the house."""
        words = self.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *self.connect)
        with (
            file.open("rb") as dump,
            subprocess.Popen(words, env=self.surroundings, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as into,
            subprocess.Popen(
                self.command("pg_restore", "--file=-", "--no-owner", "--no-privileges"),
                env=self.surroundings,
                stdin=dump,
                stdout=subprocess.PIPE,
            ) as out,
        ):
            try:
                self.pass_on(out, into, _HOLD_AND_COMMIT.format(reason=reason))
            except BrokenPipeError:
                out.kill()
        if out.returncode != 0 or into.returncode != 0:
            raise GiveUp("The rows could not be brought back; nothing was changed.")

    def pass_on(self, out: "subprocess.Popen[bytes]", into: "subprocess.Popen[bytes]", end: str) -> None:
        """All that comes out, and the end only when all of it came: without its COMMIT nothing happened."""
        if out.stdout and into.stdin:
            into.stdin.write(self.opening())
            shutil.copyfileobj(out.stdout, into.stdin, 1 << 20)
            into.stdin.write(end.encode() if out.wait() == 0 else b"")
            into.stdin.close()

    def opening(self) -> bytes:
        role = f'SET LOCAL ROLE "{self.role}";\n' if self.role else ""
        return f"BEGIN;\n{role}".encode()

    def counts(self) -> dict[str, int]:
        """The rows of each table now."""
        with self.moment() as now:
            return now.counts()

    def insist_empty(self) -> None:
        if int(self.answer(_TABLES)):
            raise GiveUp("There is data in this database already; restore into an empty one.")

    def insist_reads(self, version: int) -> None:
        """Programs at least as new as the server that a dump is of, and no server older than that."""
        ours = major(subprocess.run(self.command("pg_dump", "--version"), capture_output=True, text=True).stdout)
        if ours < version:
            raise GiveUp(
                f"pg_dump {ours} cannot do this for PostgreSQL {version}. Install the programs of version {version}\n"
                f"(Debian, Ubuntu: postgresql-client-{version} from apt.postgresql.org) and name their folder:\n"
                f"    make backup PG_BIN=/usr/lib/postgresql/{version}/bin"
            )
        if self.server < version:
            raise GiveUp(f"The backup is of PostgreSQL {version}; this server is {self.server}, which may not read it.")

    @cached_property
    def server(self) -> int:
        return int(self.answer("SHOW server_version_num")) // 10_000

    def answer(self, question: str) -> str:
        words = self.command("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", question, *self.connect)
        result = subprocess.run(
            words, env=self.surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        if result.returncode != 0:
            raise GiveUp("The database does not answer.")
        return result.stdout.strip()

    def command(self, program: str, *words: str | Path) -> list[str | Path]:
        return [*self.before, self.programs / program if self.programs else program, *words]

    @property
    def surroundings(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


def pipes(talk: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    """Into it and out of it."""
    if talk.stdin is None or talk.stdout is None:
        raise GiveUp("There is no way to talk to the database.")
    return talk.stdin, talk.stdout


def counted(lines: Sequence[str]) -> dict[str, int]:
    """Of `table|rows`."""
    return {table: int(rows) for table, _bar, rows in (line.partition("|") for line in lines) if rows}


def reached_by(url: str) -> Place:
    """The database of this address. Its password stands in the environment, not on a command line."""
    parts = urlsplit(url)
    login = quote(unquote(parts.username or ""), safe="")
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit(parts._replace(scheme="postgresql", netloc=f"{login}@{host}"))
    return Place(
        connect=("--dbname", bare),
        programs=postgres.binaries(),
        environment={"PGPASSWORD": unquote(parts.password or "")},
    )


def major(said: str) -> int:
    """Of `pg_dump (PostgreSQL) 18.6`."""
    found = re.search(r"\) (\d+)", said)
    if not found:
        raise GiveUp("There is no pg_dump; name the folder of PostgreSQL's programs in PG_BIN.")
    return int(found[1])
