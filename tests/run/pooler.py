"""A real pgbouncer in transaction mode, before a real PostgreSQL, with few connections, as README says to set it."""

import os
import shutil
from pathlib import Path
from typing import Any

from itsm.run import ports
from itsm.run.child import Child
from tests.run.desks import eventually

PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
LIMITS = "SET statement_timeout = 15000; SET lock_timeout = 4000; SET idle_in_transaction_session_timeout = 30000; SET random_page_cost = 1.1"
NOBODY = 65534


class Pooler:
    """Between whoever asks `port` and the server; whoever comes in is the user of `server` (a dict of psycopg2)."""

    def __init__(self, folder: Path, server: dict[str, Any], size: int = 3) -> None:
        self.port = ports.free()
        folder.chmod(0o711)
        for above in folder.parents:
            if above.owner() == "root" and str(above).startswith("/tmp/"):
                above.chmod(above.stat().st_mode | 0o011)
        login = " ".join(f"{key}={server[key]}" for key in ("host", "port", "user", "password"))
        file = folder / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n* = {login} connect_query='{LIMITS}'\n"
            f"[pgbouncer]\nlisten_addr = {ports.HOST}\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = transaction\ndefault_pool_size = {size}\nmax_client_conn = 200\n"
            "ignore_startup_parameters = options\nserver_reset_query_always = 0\n"
        )
        file.chmod(0o644)
        self.child = Child(
            "pgbouncer", [PROGRAM, file], folder, workplace=folder, user=NOBODY if os.geteuid() == 0 else None
        )
        self.child.start()
        eventually(lambda: not ports.is_free(self.port) or not self.child.is_running(), 20)
        assert self.child.is_running(), self.child.last_lines()

    def stop(self) -> None:
        self.child.stop()
