"""A real IMAP server: Debian's dovecot, as an ordinary user, on a port of its own, over TLS with a certificate of ours."""

import grp
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from socket import create_connection, socket

import pytest
from imapclient import IMAPClient

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
_CONF = """
protocols = imap
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
last_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:{home}/mail/%u
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_client_require_valid_cert = no
auth_mechanisms = plain login xoauth2
disable_plaintext_auth = no
mail_max_userip_connections = 50
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {home}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """`port`, `plain` (where TLS begins by STARTTLS), and mails put into INBOX of a user behind its back."""

    def __init__(self, home: Path, port: int, plain: int) -> None:
        self.home, self.port, self.plain = home, port, plain

    @contextmanager
    def beside(self, user: str, password: str = "secret") -> Iterator[IMAPClient]:
        """Another client of the same mailbox."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with IMAPClient("127.0.0.1", self.port, ssl_context=context) as client:
            client.login(user, password)
            yield client

    def put(self, user: str, *mails: EmailMessage | bytes) -> None:
        with self.beside(user) as client:
            for mail in mails:
                client.append("INBOX", mail if isinstance(mail, bytes) else mail.as_bytes())

    def renumber(self, user: str) -> None:
        """As after a restore of the server's disk: the same mails under another UIDVALIDITY."""
        with self.beside(user) as client:
            client.select_folder("INBOX")
            client.close_folder()
        folder = self.home / "mail" / user
        head, _, rest = (folder / "dovecot-uidlist").read_text().partition("\n")
        number = next(word for word in head.split() if word.startswith("V"))
        for path in folder.glob("dovecot*index*"):
            path.unlink()
        (folder / "dovecot-uidlist").write_text(f"{head.replace(number, f'V{int(number[1:]) + 1}')}\n{rest}")


@contextmanager
def dovecot(*, certificate: Path, key: Path, introspection: str = "") -> Iterator[Dovecot]:
    """Runs until the end; `introspection`: the address that says whether an access token holds. Skips without it."""
    if not Path(PROGRAM).is_file():
        pytest.skip("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    home, port, plain = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp")), _free_port(), _free_port()
    try:
        with _running(home, (port, plain), certificate, key, introspection):
            yield Dovecot(home, port, plain)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _running(home: Path, ports: tuple[int, int], certificate: Path, key: Path, introspection: str) -> Iterator[None]:
    port, plain = ports
    # Root reads nobody's mail: it starts the server as somebody who may do nothing.
    uid = os.getuid() or pwd.getpwnam("nobody").pw_uid
    gid = pwd.getpwuid(uid).pw_gid
    user, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
    for folder in ("run", "state", "mail", "home"):
        (home / folder).mkdir()
    shutil.copy(certificate, home / "crt")
    shutil.copy(key, home / "key")
    (home / "users").write_text("payments@desk.example:{plain}secret\nops@desk.example:{plain}secret\n")
    (home / "oauth2.conf").write_text(
        f"introspection_url = {introspection or 'http://127.0.0.1:9/'}\nintrospection_mode = post\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n"
    )
    (home / "dovecot.conf").write_text(
        _CONF.format(
            home=home, user=user, group=group, certificate=home / "crt", key=home / "key", port=port, plain=plain
        )
    )
    if os.getuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, uid, gid)
    program = subprocess.Popen(
        [PROGRAM, "-F", "-c", str(home / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **({"user": uid, "group": gid, "extra_groups": []} if os.getuid() == 0 else {}),
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1):
                break
            assert program.poll() is None, (home / "log").read_text()
            time.sleep(0.05)
        yield
    finally:
        program.terminate()
        program.wait(30)


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
