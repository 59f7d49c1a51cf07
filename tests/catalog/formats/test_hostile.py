"""No file raises, costs much, or brings a secret in: bombs, depth, half files, odd characters, and any bytes at all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import limits
from catalog.formats.documents import File, Read
from catalog.formats.options import FORMATS, Options
from catalog.formats.reading import read
from tests.catalog.formats.samples import SECRET, entity, facts, in_yaml, kubernetes, netbox, pods, reading, reasons

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
BETWEEN = [entity("Component", "before"), entity("Component", "after")]


def between(text: str) -> str:
    """A document among two good ones."""
    return in_yaml(BETWEEN[0]) + "---\n" + text + "\n---\n" + in_yaml(BETWEEN[1])


ONE_ALONE = {
    "an alias bomb": (BOMB, "aliases written out"),
    "depth 300": ("a: " + "[" * 300 + "]" * 300, "deeper than 32"),
    "depth by aliases": ("a: &a " + "[" * 30 + "]" * 30 + "\nb: [[[[*a]]]]", "deeper than 32"),
    "a loop": ("&a {b: *a}", "inside of what it names"),
    "a key twice": ("kind: System\nkind: Domain", "given twice"),
    "a tag": ("a: !!python/object/apply:os.system [ls]", "means nothing here"),
    "many anchors": ("\n".join(f"a{n}: &x{n} y" for n in range(2_001)), "anchors"),
    "too many values": ("a: [" + "x," * limits.STRUCTURED.most_nodes + "]", "more than 200000 values"),
    "a key that is a list": ("? [a]\n: 1", "has to be a word"),
}
WHOLE_FILE = {
    "half of it": ('kind: System\nmetadata: {name: "x', "Line"),
    "a zero byte": ("a: \x00", "cannot be kept"),
    "no UTF-8": (b"a: \xff", "UTF-8"),
    "NaN in JSON": ('{"kind": "System", "x": NaN}', "NaN"),
    "a number nobody means": ('{"x": ' + "9" * 100 + "}", "no number"),
    "too many values in many documents": (f"--- [{'x,' * 30}]\n" * 9_000, "values"),
    "too many documents": ("--- {}\n" * (limits.MOST_DOCUMENTS + 1), "split the file"),
    "too large": (b"#" * (limits.STRUCTURED.largest + 1), "larger than"),
    "too many hosts": (b"{" + b",".join(b'"h%d":1' % n for n in range(10_001)) + b"}", "split the file"),
    "very many values in JSON": ("[" + "[]," * 1_100_000 + "[]]", "values"),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_ALONE)
def test_a_hostile_document_is_refused_alone(name: str) -> None:
    text, part = ONE_ALONE[name]
    found = reading("backstage", between(text))
    assert [one.name for one in found.documents] == ["before", "after"]
    assert (list(reasons(found)), found.count, found.broken) == (["file-0, document 2"], 3, False)
    assert part in found.refused[0].reason
    assert "Line" in found.refused[0].reason


@pytest.mark.parametrize("name", WHOLE_FILE)
def test_a_file_that_cannot_be_read_to_its_end_applies_nothing(name: str) -> None:
    text, part = WHOLE_FILE[name]
    text = between(text) if isinstance(text, str) and name == "half of it" else text
    format_ = "ansible" if name == "too many hosts" else "backstage"
    found = reading(format_, in_yaml(BETWEEN[0]), text)
    assert (found.broken, found.documents, found.teams) == (True, (), ())
    assert found.refused[-1].document == "file-1"
    assert part in found.refused[-1].reason


def test_what_is_allowed_is_read() -> None:
    deep: Any = "x"
    for _ in range(28):
        deep = [deep]
    many = in_yaml(*[entity("Component", f"c{n}") for n in range(1_000)])
    assert reading("backstage", in_yaml(entity("Component", "deep", extra=deep))).refused == ()
    assert len(reading("backstage", many).documents) == 1_000
    large = [
        netbox("dcim/devices", n, name=f"d{n}", comments="x" * 300, status={"value": "active"}) for n in range(9_000)
    ]
    assert len(reading("netbox", large).documents) == 9_000


# What a reading may cost is measured where nothing else is: in a process of its own, in bytes.
_MEASURE = r"""
import re, sys, json
from django.conf import settings
settings.configure(USE_I18N=False)
from catalog.formats.documents import File
from catalog.formats.options import Options
from catalog.formats.reading import read
exec(sys.argv[2])
found = read(sys.argv[1], [File("f", content)], Options(cluster="c", endpoint="dcim.device"))
# Not getrusage: its figure outlives exec and would be that of the process that forked this one.
most = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) * 1024
print(json.dumps([most, len(found.documents), len(found.refused)]))
"""
COSTLY = {
    "an alias bomb": ("backstage", f"content = {BOMB.encode()!r}"),
    "depth 300": ("backstage", "content = b'a: ' + b'[' * 300 + b']' * 300"),
    "depth of millions": ("backstage", "content = b'[' * 9_000_000"),
    "depth of millions in mappings": ("ansible", "content = b'{\"a\":' * 1_900_000"),
    "empty lists in JSON": ("netbox", "content = b'[' + b'[],' * 3_300_000 + b'[]]'"),
    "decimals in JSON": ("netbox", "content = b'[' + b'0.1,' * 790_000 + b'1]'"),
    "wide characters": ("backstage", "content = ('a: \"' + 'x' * 9_000_000 + '\\U0001f600' + '\"').encode()"),
    "bombs in every document": ("kubernetes", f"content = (b'---\\n' + {BOMB.encode()!r}) * 5_000"),
}  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory of a process is told by Linux")
@pytest.mark.parametrize("name", COSTLY)
def test_what_is_hostile_is_refused_under_200_megabytes(name: str) -> None:
    format_, source = COSTLY[name]
    done = subprocess.run([sys.executable, "-c", _MEASURE, format_, source], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    most, documents, refused = json.loads(done.stdout)
    assert most < 200_000_000
    assert refused >= 1
    assert documents <= 1  # the cluster that was named


PLANTED: dict[str, Any] = {
    "backstage": entity("Component", "x", {"annotations": {"vault": SECRET}}, definition={"$text": SECRET}, password=SECRET),
    "netbox": [netbox("dcim/devices", 1, name="x", comments=SECRET, custom_fields={"pw": SECRET}, config_context={"pw": SECRET})],
    "kubernetes": {"kind": "List", "apiVersion": "v1", "items": [
        kubernetes("Secret", "s", data={"a": SECRET}), kubernetes("ConfigMap", "s", data={"a": SECRET}),
        kubernetes("Deployment", "d", metadata={"annotations": {"last": SECRET}, "labels": {"x": SECRET}}, spec={"template": pods("d")}),
    ]},
    "ansible": facts(),
}  # fmt: skip


@pytest.mark.parametrize("format_", PLANTED)
def test_planted_secrets_are_in_nothing_that_is_read(format_: str) -> None:
    found = reading(format_, PLANTED[format_], cluster="c")
    assert found.documents
    assert SECRET not in str(found)


def test_a_format_that_there_is_not_is_the_only_thing_raised() -> None:
    with pytest.raises(LookupError):
        read("xml", [])
    for format_ in FORMATS:
        assert not read(format_, [], Options(cluster="c")).refused


OPTIONS = Options(cluster="c", endpoint="dcim.device", class_slug="server")
words = st.sampled_from(
    ["kind", "apiVersion", "metadata", "spec", "name", "items", "results", "id", "url", "status", "value", "ansible_facts",
     "fqdn", "mounts", "backstage.io/v1alpha1", "Component", "Node", "Deployment", "List", "Service", "selector", "labels",
     "owner", "rack", "site", "device", "https://x/api/dcim/devices/1/", "https://x/api/dcim/cables/2/", "a_terminations"]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=4), inner, max_size=6),
    max_leaves=25,
)


def _is_sound(found: Read) -> None:
    """Texts where texts are promised, and nothing applied of what is broken."""
    assert all(one.document and one.reason for one in found.refused)
    assert not (found.broken and found.documents)
    for one in found.documents:
        assert min(one.key, one.class_slug, one.name.strip())
        assert all(isinstance(value, str) for value in one.identifiers.values())
        json.dumps(one.attributes, allow_nan=False).encode()
    assert found.count >= len(found.refused) - found.broken


@given(st.sampled_from(FORMATS), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(format_: str, content: bytes) -> None:
    _is_sound(read(format_, [File("f", content)], OPTIONS))


@given(st.sampled_from(FORMATS), st.text(alphabet="ab:-[]{}&*!?|>#'\",;\n\t =%@0~", max_size=60))
def test_any_text_of_the_grammar_is_read_or_refused(format_: str, content: str) -> None:
    _is_sound(read(format_, [File("f", content.encode())], OPTIONS))


@given(st.sampled_from(FORMATS), values)
def test_any_value_where_another_is_meant_is_read_or_refused(format_: str, value: Any) -> None:
    _is_sound(read(format_, [File("netbox_devices.csv", json.dumps(value).encode())], OPTIONS))


@given(st.sampled_from(sorted(PLANTED)), st.data())
def test_a_good_file_with_one_odd_value_is_read_or_refused(format_: str, data: st.DataObject) -> None:
    """Somewhere in a sound file another value stands."""
    value = json.loads(json.dumps(PLANTED[format_]))
    places = list(_places(value))
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(values)
    _is_sound(read(format_, [File("f", json.dumps(value).encode())], OPTIONS))


def _places(value: Any) -> Any:
    for key, inner in list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield value, key
        yield from _places(inner)
