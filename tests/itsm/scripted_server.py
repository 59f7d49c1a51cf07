"""A small real HTTP server that answers what a test wrote down for it, plain or over TLS, and keeps what it was asked."""

import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest


@dataclass
class Asked:
    """One request as it came in; the client's certificate by its common name, if it showed one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client: str = ""


@dataclass
class Reply:
    """`pieces` are sent with `pause` seconds between them; `head_pause` before each line of the head."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] | None = None
    pause: float = 0.0
    head_pause: float = 0.0


@dataclass
class Scripted:
    port: int
    scheme: str
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Reply] = lambda asked: Reply()
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


class _Server(socketserver.ThreadingTCPServer):
    """Shakes hands in the connection's thread and closes quietly on clients that leave."""

    daemon_threads = block_on_close = True
    allow_reuse_address = True
    context: ssl.SSLContext | None = None

    def finish_request(self, request, client_address) -> None:
        if self.context:
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError):
                return
        try:
            super().finish_request(request, client_address)
        except OSError:
            pass
        finally:
            request.close()


@contextmanager
def scripted(context: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            shown = self.connection.getpeercert() if context else None
            names = dict(pair for group in (shown or {}).get("subject", ()) for pair in group)
            asked = Asked(self.command, self.path, dict(self.headers), body, names.get("commonName", ""))
            script.asked.append(asked)
            self._send(script.answer(asked))

        def do_GET(self) -> None:
            self._do()

        def do_HEAD(self) -> None:
            self._do()

        def do_POST(self) -> None:
            self._do()

        def do_PUT(self) -> None:
            self._do()

        def do_DELETE(self) -> None:
            self._do()

        def _send(self, reply: Reply) -> None:
            pieces = [reply.body] if reply.pieces is None else reply.pieces
            head = [f"HTTP/1.1 {reply.status} Said", "Connection: close"]
            head += [f"{name}: {value}" for name, value in reply.headers.items()]
            for line in [*head, ""]:
                self.wfile.write(f"{line}\r\n".encode())
                script.over.wait(reply.head_pause)
            for piece in pieces if self.command != "HEAD" else []:
                self.wfile.write(piece)
                if script.over.wait(reply.pause):
                    return

        def log_message(self, format: str, *args: object) -> None:
            """Requests are kept, not printed."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        server.context = context
        script = Scripted(server.server_address[1], "https" if context else "http")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            script.over.set()
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Authority:
    """A private authority in a folder: ca.pem, and pairs of .crt and .key that it signed."""

    folder: Path

    def sign(self, name: str, alternative: str) -> tuple[Path, Path]:
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        extension = self.folder / f"{name}.ext"
        extension.write_text(f"subjectAltName={alternative}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", key, "-out", request)  # fmt: skip
        _openssl("x509", "-req", "-in", request, "-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key",
                 "-CAcreateserial", "-days", "2", "-extfile", extension, "-out", certificate)  # fmt: skip
        return certificate, key

    def server_context(self, *, wants_certificate: bool = False, alternative: str = "IP:127.0.0.1") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.sign(f"server-{abs(hash(alternative))}", alternative))
        if wants_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.folder / "ca.pem")
        return context


def an_authority(folder: Path) -> Authority:
    """Skips where openssl is not installed."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed (Debian: apt-get install openssl)")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=Test authority", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")  # fmt: skip
    return Authority(folder)


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)
