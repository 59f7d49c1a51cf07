"""What is read of a real directory: paged, nested, escaped, over TLS, and never half."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from itsm.directory.configured import Directory
from itsm.directory.groups import _members, all_groups, groups_of, key_of
from itsm.directory.line import BindRefused, DirectoryFailed
from itsm.directory.people import Person, called, everybody
from itsm.directory.talk import Entry, Talk, bind, reading
from tests.itsm.directory.conftest import ad_dn, dn
from tests.itsm.directory.slapd import AD, PLAIN, Slapd
from tests.together import each_of

pytestmark = pytest.mark.django_db
SetUp = Callable[..., Directory]


def soon() -> float:
    return time.monotonic() + 60


@contextmanager
def talking(directory: Directory) -> Iterator[Talk]:
    with reading(directory, deadline=soon()) as talk:
        yield talk


def group(name: str, suffix: str = PLAIN) -> str:
    return f"cn={name},ou=groups,{suffix}"


def someone(directory: Directory, name: str) -> Person | None:
    with talking(directory) as talk:
        return called(talk, directory, name, timezone.now())


def test_more_people_than_one_answer_holds(set_up: SetUp) -> None:
    directory = set_up()
    with talking(directory) as talk:
        found = {one.login: one for one in everybody(talk, directory, timezone.now())}
    assert len(found) == 1600 + 4 + 3
    assert found["ada"].mail == "ada@example.org"
    assert found["zoë"].name == "Zoë Müller"
    assert found["p0007"].mail == ""
    assert len({one.subject for one in found.values()}) == len(found)
    assert len(found["ada"].subject) == 36


def test_groups_within_groups_and_in_circles(set_up: SetUp) -> None:
    directory = set_up()
    with talking(directory) as talk:
        groups = all_groups(talk, directory)
        people = {one.login: one for one in everybody(talk, directory, timezone.now())}
        asked = {name: groups_of(talk, directory, people[name]) for name in ("ada", "linus", "margaret", "p1599")}
    assert asked["ada"] == tuple(group(name) for name in ("engineering", "everybody", "sre"))
    assert asked["linus"] == (group("engineering"), group("everybody"))
    assert asked["margaret"] == (group("round-a"), group("round-b"))
    assert asked == {name: groups.of(people[name], directory) for name in asked}  # both ways say the same


def test_active_directory_calls_things_otherwise(set_up: SetUp) -> None:
    directory = set_up(make="active_directory", base_dn=f"ou=people,{AD}", group_base=f"ou=groups,{AD}",
                       people_filter="(objectClass=user)")  # fmt: skip
    with talking(directory) as talk:
        found = {one.login: one for one in everybody(talk, directory, timezone.now())}
        of_ada = groups_of(talk, directory, found["ada"])
    assert {name: one.disabled for name, one in found.items()} == {"ada": False, "bob": True, "eve": False}
    assert of_ada == (group("all", AD), group("it", AD))
    assert len(found["ada"].subject) == 36
    assert found["bob"].dn == ad_dn("bob")


def test_who_expired_is_disabled(set_up: SetUp, directory_server: Slapd) -> None:
    directory = set_up(make="active_directory", base_dn=f"ou=people,{AD}", people_filter="(objectClass=user)",
                       login_attribute="cn")  # fmt: skip
    for said, gone in (("9223372036854775807", False), ("132223104000000000", True), ("0", False)):
        directory_server.change(ad_dn("eve"), accountExpires=said)
        found = someone(directory, "eve")
        assert found is not None
        assert found.disabled is gone, said


@each_of(
    "typed",
    [
        "*",
        "a*",
        "ada)(uid=*",
        "ada))(|(uid=*",
        "\\61da",
        "ada ",
        " ada",
        "ad\u00ada",
        "ada\0",
        "",
        "x" * 151,
        "(uid=ada)",
    ],
)
def test_a_name_is_a_name_and_no_filter(set_up: SetUp, typed: str) -> None:
    assert someone(set_up(), typed) is None


@each_of("typed", ["ada", "ADA", "o'brien (the) 2nd*", "zoë", "ZOË"])
def test_names_of_people(set_up: SetUp, typed: str) -> None:
    found = someone(set_up(), typed)
    assert found is not None
    assert found.login.casefold() == typed.casefold()


def test_two_of_one_name_are_nobody(set_up: SetUp) -> None:
    assert someone(set_up(base_dn=PLAIN), "twin") is None
    assert someone(set_up(), "twin") is not None


@pytest.mark.parametrize("tls", ["ldaps", "starttls", "none"])
def test_the_password_is_asked_of_the_directory(set_up: SetUp, directory_server: Slapd, tls: str) -> None:
    port = directory_server.tls_port if tls == "ldaps" else directory_server.port
    directory = set_up(tls=tls, port=port)
    bind(directory, dn("ada"), "ada-secret", deadline=soon())
    bind(directory, dn("zoë"), "zoë-geheim", deadline=soon())
    for wrong in ("ada-secret ", "nope", "", "*"):
        with pytest.raises(BindRefused):
            bind(directory, dn("ada"), wrong, deadline=soon())
    with pytest.raises(BindRefused):  # a name without an entry, which is no password's fault
        bind(directory, dn("nobody-here"), "x", deadline=soon())


@each_of(
    ("said", "sentence"),
    [
        ({"authority": ""}, "certificate"),
        ({"host": "127.0.0.1"}, "private address"),
        ({"port": 9}, "private address"),
        ({"bind_dn": dn("ada")}, "does not take this name"),
        ({"base_dn": "dc=nowhere,dc=org"}, "did not answer in full|has nothing"),
        ({"base_dn": f"ou=gone,{PLAIN}"}, "has nothing at"),
        ({"people_filter": "(objectClass="}, "cannot be asked"),
        ({"credential": "not-there"}, "not-there"),
        ({"bind_dn": "", "credential": ""}, "did not answer in full|has nothing"),
    ],
)
def test_what_was_not_read_is_a_failure_and_never_nobody(set_up: SetUp, said: dict[str, Any], sentence: str) -> None:
    directory = set_up(**said)
    with pytest.raises(DirectoryFailed, match=sentence), talking(directory) as talk:
        list(everybody(talk, directory, timezone.now()))


def test_a_secret_that_is_bound_to_hosts_is_shown_to_no_other_directory(
    set_up: SetUp, settings: Any, tmp_path: Path
) -> None:
    """Whoever sets one up names a secret of the pipelines, and a server of their own."""
    for file in Path(settings.SECRETS_DIR).iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    settings.SECRETS_DIR = str(tmp_path)
    directory = set_up()
    (tmp_path / "reader.hosts").write_text("ci.acme.test")
    with pytest.raises(DirectoryFailed, match="may not be sent"), talking(directory):
        pass
    (tmp_path / "reader.hosts").write_text("LOCALHOST")
    with talking(directory) as talk:
        assert called(talk, directory, "ada", timezone.now())


def test_an_unpaged_reader_would_have_been_cut_off(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of these tests does cut off: what is cut off is a failure too."""
    monkeypatch.setattr("itsm.directory.talk.PAGE", 5000)
    directory = set_up()
    with pytest.raises(DirectoryFailed, match="did not answer in full"), talking(directory) as talk:
        list(everybody(talk, directory, timezone.now()))


def test_without_tls_this_machine_alone(set_up: SetUp, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itsm.directory.line.permitted_addresses", lambda name, port, within: ["192.0.2.1"])
    with pytest.raises(DirectoryFailed, match="on this machine alone"):
        bind(set_up(tls="none"), dn("ada"), "x", deadline=soon())


@pytest.mark.parametrize(
    ("written", "alike"),
    [
        ("CN=Sre , OU=Groups,DC=Example,DC=Org", "cn=sre,ou=groups,dc=example,dc=org"),
        ("cn=a\\,b,dc=x", "CN=A\\,B, dc=X"),
        ("cn=a\\2cb,dc=x", "CN=A\\2CB,dc=x"),
    ],
)
def test_a_dn_is_written_in_one_way(written: str, alike: str) -> None:
    assert key_of(written) == key_of(alike)


def test_a_group_of_more_than_active_directory_gives_at_once(set_up: SetUp) -> None:
    """As it gives them: `member;range=0-1`, and the rest when asked."""
    parts = {"member;range=2-*": Entry("cn=g", {"member;range=2-3": [b"c", b"d"]}),
             "member;range=4-*": Entry("cn=g", {"member;range=4-*": [b"e"]})}  # fmt: skip

    class Played:
        def one(self, dn: str, attributes: list[str]) -> Entry:
            return parts[attributes[0]]

    begun = Entry("cn=g", {"member": [], "member;range=0-1": [b"a", b"b"]})
    assert list(_members(Played(), begun, "member")) == ["a", "b", "c", "d", "e"]  # type: ignore[arg-type]
