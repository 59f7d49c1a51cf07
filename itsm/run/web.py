"""gunicorn's configuration, the same for `make run` and for the image.

Two processes of four threads that work: measured best on two cores. Eight more wait for news there, such as pipelines
for their answer, and keep nobody from working (itsm/kernel/places.py). WEB_CONCURRENCY, WEB_THREADS and WEB_WAITERS
change it.
"""

import gc
import os
from pathlib import Path
from typing import Any

gc.set_threshold(50_000, 20, 10)  # while all is loaded, as itsm.kernel.garbage, which is not found yet, has it
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000").split(",")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4")) + int(os.environ.get("WEB_WAITERS", "8"))
worker_class = "itsm.run.sharing.SharingWorker"
preload_app = True  # read once, then forked: back the sooner after a crash
keepalive = 15
timeout = 30
graceful_timeout = 20
# Heartbeats of workers; on a disk they can block, and the image's root is read-only.
MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes and unlinks a private file there
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
# It would open a socket under the user's home.
control_socket_disable = True
errorlog = "-"
# No header of a request becomes a setting of the server (SCRIPT_NAME, PATH_INFO, the scheme), whoever the peer is:
# gunicorn trusts the loopback by default, and that is everybody on this machine. The address of a client and https
# are Headroom's to judge, by HEADROOM_TRUSTED_PROXIES.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
header_map = "drop"
# The longest that gunicorn reads: a filter of many values is a long address.
limit_request_line = 8190


def when_ready(server: Any) -> None:
    """The application is read, and no process forked yet."""
    # Found only now: gunicorn reads this file before it looks where it stands
    from itsm.kernel import garbage  # noqa: PLC0415

    garbage.spare_what_is_loaded()


def child_exit(server: Any, worker: Any) -> None:
    """The arbiter has seen a process end."""
    from itsm.run import sharing  # noqa: PLC0415 - as above

    sharing.is_gone(worker)
