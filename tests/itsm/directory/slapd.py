"""A real directory: Debian's slapd on free loopback ports, filled beforehand, over plain LDAP, StartTLS and LDAPS.

Two trees: `PLAIN` as OpenLDAP has people and groups, `AD` with the names of Active Directory (Debian's msuser.schema). Who
reads them (`READER`) is given 1,000 entries at most by one search that is not paged, as Active Directory does.
"""

import base64
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection, socket
from typing import Any

import ldap3
import pytest

PROGRAM = "/usr/sbin/slapd"
PATIENCE = 60
PLAIN, AD = "dc=example,dc=org", "dc=ad,dc=example"
READER, READER_PASSWORD = "cn=reader,dc=example,dc=org", "reads-only"
_ROOT_PASSWORD = "root-of-the-tests"
_SCHEMAS = ("core", "cosine", "inetorgperson", "nis", "msuser")
_CONF = """
{schemas}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {home}/pid
TLSCACertificateFile {home}/ca.pem
TLSCertificateFile {home}/crt
TLSCertificateKeyFile {home}/key
TLSVerifyClient never
allow bind_anon_cred bind_anon_dn
loglevel 0
"""
_DATABASE = """
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
rootpw {password}
directory {home}/{folder}
maxsize 268435456
dbnosync
index objectClass,entryUUID,uid eq
limits dn.exact="{reader}" size.soft=1000 size.hard=1000 size.pr=1000 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by self read by anonymous auth by * none
"""
_AD_MUST = {"instanceType": "4", "nTSecurityDescriptor": "0", "objectCategory": f"cn=person,{AD}"}
Entry = tuple[str, Mapping[str, Any]]  # its DN and attributes: a text, bytes, or several of them


class Slapd:
    """`url`, `tls_url` and entries changed behind the desk's back, by `root` (a connection that may do everything)."""

    def __init__(self, port: int, tls_port: int) -> None:
        self.port, self.tls_port = port, tls_port
        self.url, self.tls_url = f"ldap://127.0.0.1:{port}", f"ldaps://127.0.0.1:{tls_port}"

    @contextmanager
    def root(self, suffix: str = PLAIN) -> Iterator[ldap3.Connection]:
        server = ldap3.Server("127.0.0.1", self.port, get_info=ldap3.NONE)
        with ldap3.Connection(server, f"cn=root,{suffix}", _ROOT_PASSWORD, check_names=False) as connection:
            yield connection

    def change(self, dn: str, **attributes: Any) -> None:
        """Each attribute is what it says now; None or an empty list takes it away."""
        said = {
            name: [(ldap3.MODIFY_REPLACE, value if isinstance(value, list) else [value] if value is not None else [])]
            for name, value in attributes.items()
        }
        with self.root(_suffix(dn)) as connection:
            assert connection.modify(dn, said), connection.result

    def remove(self, *dns: str) -> None:
        for dn in dns:
            with self.root(_suffix(dn)) as connection:
                assert connection.delete(dn), connection.result

    def add(self, *entries: Entry) -> None:
        for dn, attributes in entries:
            with self.root(_suffix(dn)) as connection:
                classes = attributes["objectClass"]
                rest = {name: value for name, value in attributes.items() if name != "objectClass"}
                assert connection.add(dn, classes, rest), connection.result

    def move(self, dn: str, rdn: str) -> None:
        with self.root(_suffix(dn)) as connection:
            assert connection.modify_dn(dn, rdn), connection.result


def person(uid: str, *, name: str = "", mail: str | None = "", password: str = "", ou: str = "people") -> Entry:
    """Somebody as OpenLDAP has them. `mail`: theirs at example.org if empty, none if None."""
    said: dict[str, Any] = {
        "objectClass": ["inetOrgPerson"], "uid": uid, "cn": name or uid.title(), "sn": uid.title(),
        "displayName": name or uid.title(),
    }  # fmt: skip
    if mail is not None:
        said["mail"] = mail or f"{uid}@example.org"
    if password:
        said["userPassword"] = password
    return f"uid={uid},ou={ou},{PLAIN}", said


def group(name: str, *members: str) -> Entry:
    """A group of DNs; an entry of that class has a member at least."""
    return f"cn={name},ou=groups,{PLAIN}", {
        "objectClass": ["groupOfNames"], "cn": name, "member": [*members] or [f"cn=nobody,{PLAIN}"],
    }  # fmt: skip


def ad_person(name: str, *, control: int = 512, password: str = "", guid: uuid.UUID | None = None) -> Entry:
    """Somebody as Active Directory has them; `control` 514: disabled."""
    said: dict[str, Any] = {
        "objectClass": ["user", "simpleSecurityObject", "extensibleObject"], **_AD_MUST, "cn": name.title(), "sn": name.title(),
        "sAMAccountName": name,
        "displayName": name.title(), "mail": f"{name}@ad.example", "userAccountControl": str(control),
        "userPassword": password or "x", "objectGUID": (guid or uuid.uuid4()).bytes_le,
        "userPrincipalName": f"{name}@ad.example",
    }  # fmt: skip
    return f"cn={name.title()},ou=people,{AD}", said


def ad_group(name: str, *members: str) -> Entry:
    return f"cn={name},ou=groups,{AD}", {
        "objectClass": ["group", "extensibleObject"], **_AD_MUST, "cn": name, "sAMAccountName": name, "groupType": "2",
        **({"member": [*members]} if members else {}),
    }  # fmt: skip


def needed() -> None:
    """Skip where slapd is not installed; in CI that is a failure."""
    if Path(PROGRAM).is_file() and shutil.which("openssl"):
        return
    complaint = "slapd is not installed (Debian: apt-get install slapd, and let none run)"
    if os.environ.get("CI"):
        pytest.fail(complaint)
    pytest.skip(complaint)


@contextmanager
def slapd(entries: Iterable[Entry], *, authority: Path, certificate: tuple[Path, Path]) -> Iterator[Slapd]:
    """Runs until the end, with these entries below the trees' own. `authority`: a PEM file that signed the certificate."""
    needed()
    home = Path(tempfile.mkdtemp(prefix="slapd-", dir="/tmp"))
    made = Slapd(_free_port(), _free_port())
    try:
        _prepare(home, entries, authority, certificate)
        with _running(home, made):
            yield made
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _prepare(home: Path, entries: Iterable[Entry], authority: Path, certificate: tuple[Path, Path]) -> None:
    for source, name in ((authority, "ca.pem"), (certificate[0], "crt"), (certificate[1], "key")):
        shutil.copy(source, home / name)
    conf = _CONF.format(schemas="\n".join(f"include /etc/ldap/schema/{one}.schema" for one in _SCHEMAS), home=home)
    for folder, suffix in (("plain", PLAIN), ("ad", AD)):
        (home / folder).mkdir()
        conf += _DATABASE.format(suffix=suffix, password=_ROOT_PASSWORD, home=home, folder=folder, reader=READER)
    (home / "slapd.conf").write_text(conf)
    every = [*_trunk(), *entries]
    for number, suffix in ((1, PLAIN), (2, AD)):
        file = home / f"{number}.ldif"
        file.write_text("".join(_ldif(one) for one in every if _suffix(one[0]) == suffix))
        subprocess.run(
            ["/usr/sbin/slapadd", "-q", "-n", str(number), "-f", str(home / "slapd.conf"), "-l", str(file)],
            check=True, timeout=PATIENCE, capture_output=True,
        )  # fmt: skip
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (home, *home.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _trunk() -> Iterator[Entry]:
    for suffix in (PLAIN, AD):
        yield suffix, {"objectClass": ["dcObject", "organization"], "o": "Example", "dc": suffix[3:].split(",")[0]}
        for unit in ("people", "groups", "others"):
            yield f"ou={unit},{suffix}", {"objectClass": ["organizationalUnit"], "ou": unit}
    yield READER, {
        "objectClass": ["organizationalRole", "simpleSecurityObject"], "cn": "reader", "userPassword": READER_PASSWORD,
    }  # fmt: skip


def _ldif(entry: Entry) -> str:
    dn, attributes = entry
    lines = [_line("dn", dn)]
    for name, value in attributes.items():
        values: Sequence[Any] = value if isinstance(value, list) else [value]
        lines += [_line(name, one) for one in values]
    return "\n".join(lines) + "\n\n"


def _line(name: str, value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode()
    return f"{name}:: {base64.b64encode(raw).decode()}"


def _suffix(dn: str) -> str:
    return AD if dn.endswith(AD) else PLAIN


@contextmanager
def _running(home: Path, made: Slapd) -> Iterator[None]:
    as_nobody = ["-u", "nobody"] if os.getuid() == 0 else []
    with (home / "log").open("wb") as log:
        addresses = f"{made.url}/ {made.tls_url}/"
        program = subprocess.Popen(
            [PROGRAM, "-d", "0", "-h", addresses, "-f", str(home / "slapd.conf"), *as_nobody], stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError), create_connection(("127.0.0.1", made.tls_port), timeout=1):
                break
            assert program.poll() is None, (home / "log").read_text()
            time.sleep(0.05)
        yield
    finally:
        program.terminate()
        program.wait(PATIENCE)


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
