"""A directory that runs for all tests of a worker, and what they set up of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import User
from itsm.directory.checking import checked
from itsm.directory.configured import Directory
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Protocol, SignUp
from tests.itsm.directory import slapd as server
from tests.itsm.directory.slapd import AD, PLAIN, READER, READER_PASSWORD, Slapd
from tests.itsm.scripted_server import an_authority

COMPANY = ("ada", "grace", "linus", "margaret", "alan", "edsger", "barbara", "donald", "tim", "radia")


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
def secrets_of_the_desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, Path]]:
    """A folder of secrets, and the certificate of a directory that it trusts."""
    server.needed()
    folder = tmp_path_factory.mktemp("directory")
    certificate = an_authority(folder).sign("directory", "DNS:localhost")
    (folder / "reader").write_text(f"{READER_PASSWORD}\n")
    (folder / "company.ca").write_bytes((folder / "ca.pem").read_bytes())
    return folder, certificate


@pytest.fixture(scope="session")
def running(secrets_of_the_desk: Any) -> Iterator[tuple[Slapd, Any]]:
    folder, certificate = secrets_of_the_desk
    with server.slapd(_entries(), authority=folder / "ca.pem", certificate=certificate) as made:
        yield made, folder


@pytest.fixture
def company(secrets_of_the_desk: Any, settings: Any) -> Iterator[Slapd]:
    """A directory of a test's own, with ten people in two groups, which the desk may reach."""
    folder, certificate = secrets_of_the_desk
    people = [server.person(name, password=f"{name}-secret") for name in COMPANY]
    groups = [
        server.group("sre", dn("ada"), dn("grace")),
        server.group("engineering", f"cn=sre,ou=groups,{PLAIN}", dn("linus")),
    ]
    with server.slapd([*people, *groups], authority=folder / "ca.pem", certificate=certificate) as made:
        settings.SECRETS_DIR = str(folder)
        settings.OUTGOING_ALLOW = [f"localhost:{made.tls_port}"]
        yield made


@pytest.fixture
def provider(company: Slapd, admin: User) -> IdentityProvider:
    """That directory, trusted: whom it knows gets an account by the sync."""
    at = timezone.now() - timedelta(days=1)
    said = {
        "host": "localhost", "port": company.tls_port, "base_dn": f"ou=people,{PLAIN}", "bind_dn": READER,
        "group_base": f"ou=groups,{PLAIN}", "credential": "reader", "authority": "company",
        "disabled_filter": "(description=disabled)", "believes_addresses": True, "makes_accounts": True,
    }  # fmt: skip
    return IdentityProvider.objects.create(
        slug="corp", name="Corp", protocol=Protocol.LDAP, sign_up=SignUp.EVERYBODY, asked_at=at, trusted_at=at,
        made_by=admin, configuration=checked(said),
    )  # fmt: skip


def configure(provider: IdentityProvider, **said: Any) -> IdentityProvider:
    provider.configuration = checked({**provider.configuration, **said})
    provider.save()
    return provider


def at(minutes: float) -> Any:
    """An instant: so many minutes after now."""
    return timezone.now() + timedelta(minutes=minutes)


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
