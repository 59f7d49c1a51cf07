"""A mail server that keeps what it is sent: enough SMTP for Django's own backend."""

import email
import socket
import threading
from email.message import Message


class Sink:
    """Listens on the loopback; `mails` holds (recipients, message)."""

    def __init__(self) -> None:
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
                self._talk(line)

    def _talk(self, line: object) -> None:
        recipients: list[str] = []
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
