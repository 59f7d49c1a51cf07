"""CSV: found out or as told; a row is refused by its line, a table that cannot be read applies nothing."""

from decimal import Decimal

import pytest

from catalog.formats import csv_rows, csv_table
from catalog.formats.documents import File
from catalog.formats.options import Column, Options
from catalog.formats.units import converted
from tests.catalog.formats.samples import reading, reasons

TABLE = "key;name;class;ram;serial;relation:runs_on;owner;env\nv1;web-01;virtual_machine;16384;4711;e1|e2;payments;production\n"


def test_a_table_is_read_by_its_headings() -> None:
    [one] = reading("csv", TABLE).documents
    assert (one.key, one.name, one.class_slug, one.owner, one.environment) == (
        "v1",
        "web-01",
        "virtual_machine",
        "payments",
        "production",
    )
    assert one.attributes == {"memory_mib": 16384, "serial_number": "4711"}
    assert one.identifiers == {"name": "web-01", "serial": "4711"}
    assert [(claim.type, claim.target) for claim in one.relations] == [("runs_on", "e1"), ("runs_on", "e2")]
    assert one.place == "file-0, line 2"


@pytest.mark.parametrize("heading", ["vendor", "manufacturer", "identifier:vendor"])
def test_a_serial_number_and_its_vendor_tell_apart_and_are_fields_too(heading: str) -> None:
    [one] = reading("csv", f"name,class,serial,{heading}\na,server,4711,Nordhaus\n").documents
    assert one.attributes == {"serial_number": "4711", "vendor": "Nordhaus"}
    assert one.identifiers == {"name": "a", "serial": "4711", "vendor": "Nordhaus"}


def test_columns_that_say_field_and_identifier_apart_stay_apart() -> None:
    table = (
        "name,class,field:serial_number,field:asset_tag,identifier:vendor,field:vendor\na,server,4711,7,Dell,Dell EMC\n"
    )
    [one] = reading("csv", table).documents
    assert one.attributes == {"serial_number": "4711", "asset_tag": "7", "vendor": "Dell EMC"}
    assert one.identifiers == {"name": "a", "vendor": "Dell"}


def test_a_relation_names_a_key_or_an_identifier() -> None:
    [one] = reading("csv", "name,class,relation:runs_on\na,server,e1|fqdn=e2.shop.example|odd=x\n").documents
    assert [(claim.by, claim.target) for claim in one.relations] == [
        ("key", "e1"),
        ("fqdn", "e2.shop.example"),
        ("key", "odd=x"),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_code_pages_are_found_out_or_told(delimiter: str, encoding: str) -> None:
    text = f'name{delimiter}class{delimiter}description\r\nMünchen{delimiter}site{delimiter}"a{delimiter}b"\r\n'
    told = {"encoding": encoding} if encoding == "cp1252" else {}
    [one] = reading("csv", text.encode(encoding), **told).documents
    assert (one.name, one.description) == ("München", f"a{delimiter}b")


def test_the_wrong_code_page_is_said_and_not_guessed() -> None:
    found = reading("csv", "name,class\nMünchen,site\n".encode("cp1252"))
    assert (found.broken, "code page" in found.refused[0].reason) == (True, True)
    assert reading("csv", TABLE, encoding="ebcdic").broken


def test_what_a_table_looks_like_is_shown_first() -> None:
    look = csv_table.look_at(File("t.csv", TABLE.encode()), Options())
    assert (look.delimiter, look.encoding, len(look.sample)) == (";", "utf-8", 1)
    assert [one.becomes for one in look.columns] == [
        "key", "name", "class", "field:memory_mib", "identifier:serial", "relation:runs_on", "owner", "environment",
    ]  # fmt: skip


def test_units_need_a_rule() -> None:
    table = "name,class,ram\na,server,16 GB\nb,server,16384\n"
    assert "not the number" in reasons(reading("csv", table))["file-0, line 2"]
    columns = (Column("name", "name"), Column("class", "class"), Column("ram", "field:memory_mib", unit="GB"))
    table = "name,class,ram\na,server,16 GB\nb,server,16\nc,server,lots\nd,server,NaN\ne,server,-1\n"
    found = reading("csv", table, columns=columns)
    assert [one.attributes["memory_mib"] for one in found.documents] == [16384, 16384]
    assert len(found.refused) == 3


@pytest.mark.parametrize(
    ("cell", "said", "wanted", "value"),
    [
        ("16", "GB", "MiB", 16384), ("16 GiB", "GB", "MiB", 16384), ("512 MB", "GB", "MiB", 512), ("16", "", "MiB", 16), ("16 GB", "", "MiB", None),
        ("100", "GiB", "GiB", 100), ("2", "TiB", "GiB", 2048), ("1,5", "kW", "kW", Decimal("1.5")), ("500", "W", "kW", Decimal("0.5")), ("42 U", "U", "U", 42),
        ("8", "", "", 8), ("8 GB", "GB", "", None), ("x", "GB", "MiB", None), ("5 parsec", "GB", "MiB", None), ("inf", "", "MiB", None),
    ],
)  # fmt: skip
def test_numbers_come_into_the_unit_of_the_field(cell: str, said: str, wanted: str, value: object) -> None:
    assert converted(cell, said, wanted) == value


def test_a_disk_of_a_gigabyte_has_fewer_gibibytes() -> None:
    assert converted("1000", "GB", "GiB") == Decimal(10**12) / 2**30


def test_an_empty_cell_leaves_or_clears() -> None:
    columns = (Column("name", "name"), Column("os", "field:os", empty="clear"), Column("cpus", "field:cpus"))
    [one] = reading("csv", "name,os,cpus\na,,\n", columns=columns, class_slug="server").documents
    assert (one.attributes, one.cleared) == ({}, frozenset({"os"}))


HOSTILE = {
    "zero bytes": "name,class\na\x00,server\n",
    "no text": b"\xff\xfe\x00",
    "an open quote": 'name,class\n"a,server\n',
    "nothing": "",
    "no name": "class\nserver\n",
    "no class": "name\na\n",
    "a column twice": "name,hostname,class\na,b,server\n",
    "a wide cell": "name,class\n" + "x" * 30_000 + ",server\n",
    "many columns": ",".join(f"c{n}" for n in range(300)) + "\n",
    "an unknown field": "name,class,field:nope\na,server,1\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_table_that_cannot_be_read_applies_nothing(name: str) -> None:
    found = reading("csv", HOSTILE[name], names=("t.csv",))
    if name == "an unknown field":  # a heading that means nothing is passed over
        assert len(found.documents) == 1
        return
    assert (found.broken, found.documents, [one.document for one in found.refused]) == (True, (), ["t.csv"])


def test_rows_of_a_wrong_width_or_shape_are_refused_by_line() -> None:
    found = reading(
        "csv",
        'name,class,state\na,server\nb,server,active,x\n"  ",server,active\nc,"no class!",active\nd,server,odd\nd2,server,ACTIVE\n',
    )
    assert [one.name for one in found.documents] == ["d2"]
    assert list(reasons(found)) == [f"file-0, line {line}" for line in (2, 3, 4, 5, 6)]


def test_a_formula_stays_the_text_that_it_is() -> None:
    [one] = reading("csv", 'name,class,description\n"=cmd|calc!A1",server,"@SUM(1+1)"\n').documents
    assert (one.name, one.description) == ("=cmd|calc!A1", "@SUM(1+1)")


def test_rows_beyond_the_limit_break_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MOST_ROWS", 3)
    assert len(reading("csv", "name,class\n" + "".join(f"a{n},server\n" for n in range(3))).documents) == 3
    found = reading("csv", "name,class\n" + "".join(f"a{n},server\n" for n in range(4)))
    assert (found.broken, "3 rows" in found.refused[0].reason) == (True, True)


def test_a_key_twice_is_refused_where_it_stands_again() -> None:
    found = reading("csv", "name,class\na,server\na,server\n")
    assert "line 2" in reasons(found)["file-0, line 3"]
