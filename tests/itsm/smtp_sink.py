"""A mail server that keeps what it is sent: enough SMTP for Django's own backend."""

import email
import socket
import ssl
import threading
from contextlib import suppress
from email.message import Message


class Sink:
    """Listens on the loopback; `mails` holds (recipients, message). With a `context` it offers STARTTLS, and takes
    nothing before; `said` are the verbs that came in the clear."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self.said: list[str] = []
        self.mails: list[tuple[list[str], Message]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Sink":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb", 0) as line:
                if self._context is None:
                    with suppress(ConnectionError):  # whoever talks may be killed
                        self._talk(line)
                elif self._until_tls(line):
                    self._talk_over_tls(self._context, connection)

    def _talk_over_tls(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(connection, server_side=True) as secure,
            secure.makefile("rwb", 0) as line,
        ):
            self._talk(line, greets=False)

    def _until_tls(self, line: object) -> bool:
        line.write(b"220 sink\r\n")
        while said := line.readline().decode().strip():
            self.said.append(said[:8].upper())
            if self.said[-1] == "STARTTLS":
                line.write(b"220 go on\r\n")
                return True
            line.write(b"250-sink\r\n250 STARTTLS\r\n" if said[:4].upper() == "EHLO" else b"530 first STARTTLS\r\n")
        return False

    def _talk(self, line: object, *, greets: bool = True) -> None:
        recipients: list[str] = []
        if greets:
            line.write(b"220 sink\r\n")
        while said := line.readline().decode().strip():
            verb = said[:4].upper()
            if verb == "RCPT":
                recipients.append(said.partition("<")[2].partition(">")[0])
            if verb == "DATA":
                line.write(b"354 go on\r\n")
                text = b""
                while (part := line.readline()) != b".\r\n":
                    text += part
                self.mails.append((recipients, email.message_from_bytes(text)))
            line.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            if verb == "QUIT":
                return
