"""Formats speak the catalog's words: each class, relation and attribute that one writes is there."""

import re
from pathlib import Path

import pytest

from catalog import formats
from catalog.cmdb.operations.built_in import CLASSES, RELATION_TYPES
from catalog.formats import backstage, kubernetes_kinds, netbox_kinds
from catalog.formats.vocabulary import KEYS
from tests.catalog.formats.samples import reading

SOURCES = "\n".join(path.read_text() for path in sorted(Path(str(formats.__file__)).parent.glob("*.py")))
CONCRETE = {one.slug for one in CLASSES if not one.abstract}


def written() -> set[str]:
    """The classes that readers name."""
    found = {
        backstage._KINDS[kind](type_) for kind in backstage._KINDS for type_ in ("", "service", *backstage._RESOURCES)
    }
    found |= {class_slug for class_slug, _ in (*netbox_kinds.KINDS.values(), *kubernetes_kinds.KINDS.values())}
    found |= {class_slug for _, class_slug in netbox_kinds._ROLES}
    return (
        found
        | set(re.findall(r'class_slug = "(\w+)"', SOURCES))
        | {"virtual_machine", "physical_server", "kubernetes_cluster"}
    )


def test_every_class_is_one_that_items_can_have() -> None:
    assert len(written()) > 20
    assert written() <= CONCRETE


def test_every_relation_is_a_type() -> None:
    said = set(re.findall(r'(?:relate|_related)\((?:draft, )?"(\w+)"', SOURCES)) | {
        one[2] for one in backstage._RELATIONS
    }
    assert said >= {"runs_on", "member_of", "part_of", "powered_by", "connects_to"}
    assert said <= {one.slug for one in RELATION_TYPES}


def test_every_attribute_has_its_kind_and_unit() -> None:
    assert set(re.findall(r'\.say\("(\w+)"', SOURCES)) <= set(KEYS)


@pytest.mark.parametrize("format_", ["backstage", "netbox", "kubernetes", "ansible", "csv"])
def test_an_empty_file_says_nothing(format_: str) -> None:
    found = reading(format_, "", cluster="c", names=("netbox_devices.csv",))
    assert not [one for one in found.documents if one.key != "c"]
