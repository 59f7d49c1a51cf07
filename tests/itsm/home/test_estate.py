"""The demo's estate: some four hundred items from three files that the catalog reads, and that disagree a little."""

from datetime import UTC, datetime

from catalog.formats.documents import Document, File
from catalog.formats.options import Options
from catalog.formats.reading import read
from itsm.home.demo.estate import files

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


def documents() -> dict[str, list[Document]]:
    found = {}
    for format_, (name, content) in files(AT).items():
        one = read(format_, [File(name, content)], Options(api_version=(4, 2)))
        assert not one.broken
        assert len(one.refused) == (2 if format_ == "ansible" else 0)  # hosts that could not be reached
        assert [note.kind for note in one.noted] == (["deprecated"] if format_ == "netbox" else [])
        found[format_] = list(one.documents)
    return found


def known_as(one: Document) -> str:
    return one.identifiers.get("fqdn") or one.identifiers.get("serial") or f"{one.class_slug} {one.name}"


def test_three_files_tell_of_some_four_hundred_items() -> None:
    found = documents()
    assert 380 <= len({known_as(one) for all_ in found.values() for one in all_}) <= 460


def test_the_same_instant_gives_the_same_bytes() -> None:
    assert files(AT) == files(AT)


def test_they_disagree_a_little_and_each_knows_something_that_others_do_not() -> None:
    found = {format_: {known_as(one): one for one in all_} for format_, all_ in documents().items()}
    shared = found["netbox"].keys() & found["ansible"].keys()
    memory = [
        key
        for key in shared
        if len({found[one][key].attributes.get("memory_mib") for one in ("netbox", "ansible")} - {None}) > 1
    ]
    assert len(shared) > 180
    assert 5 <= len(memory) <= 15
    assert found["ansible"].keys() - found["netbox"].keys()
    assert found["csv"].keys() - found["ansible"].keys() - found["netbox"].keys()
    assert any(one.name.startswith("old-") for one in found["netbox"].values())
