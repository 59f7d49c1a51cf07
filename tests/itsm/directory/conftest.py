"""A directory that runs for all tests of a worker, and what they set up of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from itsm.directory.configured import Directory
from tests.itsm.directory import slapd as server
from tests.itsm.directory.slapd import AD, PLAIN, READER, READER_PASSWORD, Slapd
from tests.itsm.scripted_server import an_authority


def dn(uid: str) -> str:
    return f"uid={uid},ou=people,{PLAIN}"


def ad_dn(name: str) -> str:
    return f"cn={name.title()},ou=people,{AD}"


def _entries() -> list[server.Entry]:
    few = [server.person(one, password=f"{one}-secret") for one in ("ada", "grace", "linus", "margaret")]
    many = [server.person(f"p{number:04d}", mail=None) for number in range(1600)]
    odd = [
        server.person("o'brien (the) 2nd*", password="odd-secret"),
        server.person("zoë", name="Zoë Müller", password="zoë-geheim"),
        server.person("twin", password="a"),
        (f"cn=twin,ou=others,{PLAIN}", {**server.person("twin", password="b")[1], "cn": "twin"}),
    ]
    groups = [
        server.group("sre", dn("ada"), dn("grace")),
        server.group("engineering", f"cn=sre,ou=groups,{PLAIN}", dn("linus")),
        server.group("everybody", f"CN=Engineering , ou=groups,{PLAIN}"),
        server.group("round-a", f"cn=round-b,ou=groups,{PLAIN}", dn("margaret")),
        server.group("round-b", f"cn=round-a,ou=groups,{PLAIN}"),
        server.group("many", *(dn(f"p{number:04d}") for number in range(1600))),
    ]
    there = [
        server.ad_person("ada", password="ada-there"), server.ad_person("bob", control=514, password="bob-there"),
        server.ad_person("eve", password="eve-there"), server.ad_group("it", ad_dn("ada")),
        server.ad_group("all", f"cn=it,ou=groups,{AD}"),
    ]  # fmt: skip
    return [*few, *many, *odd, *groups, *there]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Slapd, Any]]:
    server.needed()
    folder = tmp_path_factory.mktemp("directory")
    certificate = an_authority(folder).sign("directory", "DNS:localhost")
    (folder / "reader").write_text(f"{READER_PASSWORD}\n")
    (folder / "company.ca").write_bytes((folder / "ca.pem").read_bytes())
    with server.slapd(_entries(), authority=folder / "ca.pem", certificate=certificate) as made:
        yield made, folder


@pytest.fixture
def directory_server(running: tuple[Slapd, Any], settings: Any) -> Slapd:
    """As `running`, and the desk may reach it."""
    made, folder = running
    settings.SECRETS_DIR = str(folder)
    settings.OUTGOING_ALLOW = [f"127.0.0.1:{made.port}", f"localhost:{made.tls_port}", f"localhost:{made.port}"]
    return made


@pytest.fixture
def set_up(directory_server: Slapd) -> Callable[..., Directory]:
    """A directory as it may be set up: over LDAPS, unless it is said otherwise."""

    def make(**said: Any) -> Directory:
        usual = {
            "host": "localhost", "port": directory_server.tls_port, "tls": "ldaps", "base_dn": f"ou=people,{PLAIN}",
            "group_base": f"ou=groups,{PLAIN}", "bind_dn": READER, "credential": "reader", "authority": "company",
        }  # fmt: skip
        return Directory(**{**usual, **said})

    return make
