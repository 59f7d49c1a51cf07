"""The servers of one run: embedded ones, or those that the user named.

`DATABASE_URL` and `REDIS_URL` in the environment switch to servers of your own, each for
itself; then nothing is started for that part.
"""

from dataclasses import dataclass, field
from pathlib import Path

from itsm.run import archive, environment, roles
from itsm.run.child import Child
from itsm.run.postgres import Postgres
from itsm.run.say import say
from itsm.run.valkey import Valkey


@dataclass
class Servers:
    folder: Path
    throw_away: bool = False
    started: list[Postgres | Valkey] = field(default_factory=list)

    def start(self) -> dict[str, str]:
        """Everything up; where to find it, by the names that settings.py reads."""
        return self.database() | self.broker()

    def database(self) -> dict[str, str]:
        url = environment.given("DATABASE_URL")
        return self.database_of_the_user(url) if url else self.embedded()

    def embedded(self) -> dict[str, str]:
        """Our own PostgreSQL, whatever the user has."""
        kept = None if self.throw_away else archive.wanted()
        server = Postgres(self.folder, self.throw_away, keeps_log_in=kept)
        self.started.append(server)
        fresh = server.start()
        application, owner = roles.make_ours(server)
        auditor = roles.make_auditor(server)
        made = "new database" if fresh else "database"
        say(f"PostgreSQL is up on port {server.port} ({made} in {shown(server.data)})")
        return {"DATABASE_URL": application, "DATABASE_OWNER_URL": owner, "DATABASE_AUDITOR_URL": auditor}

    def database_of_the_user(self, url: str) -> dict[str, str]:
        say("using the PostgreSQL of DATABASE_URL")
        owner = environment.given("DATABASE_OWNER_URL")
        auditor = environment.given("DATABASE_AUDITOR_URL")
        named = {"DATABASE_AUDITOR_URL": auditor} if auditor else {}
        if owner:
            return {"DATABASE_URL": url, "DATABASE_OWNER_URL": owner, **named}
        application = roles.beside_owner(url, self.folder)
        if application and not auditor and (made := roles.beside_owner(url, self.folder, "auditor")):
            named = {"DATABASE_AUDITOR_URL": made}
        return {"DATABASE_URL": application or url, "DATABASE_OWNER_URL": url, **named}

    def broker(self) -> dict[str, str]:
        url = environment.given("REDIS_URL")
        if url:
            say("using the Redis of REDIS_URL")
            return {"REDIS_URL": url}
        server = Valkey(self.folder)
        self.started.append(server)
        server.start()
        say(f"Valkey is up on port {server.port}")
        return {"REDIS_URL": server.url}

    def children(self) -> list[Child]:
        return [server.child for server in self.started]

    def stop(self) -> None:
        """Last started, first stopped: Valkey, then PostgreSQL."""
        for server in reversed(self.started):
            if hasattr(server, "child"):
                server.stop()


def shown(path: Path) -> str:
    """Short where it lies below the working folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
