"""What text becomes, exactly; and that no text, however hostile, raises."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.openslo import formats
from slo.openslo.formats.reading import BOUNDS, documents_of
from tests.slo.openslo.samples import a_document, text_of
from tests.slo.proving import examples


def values(text: str | bytes) -> list[Any]:
    documents, findings = documents_of("f", text)
    assert findings == []
    return [one.value for one in documents]


def refused(text: str | bytes) -> str:
    documents, [finding] = documents_of("f", text)
    assert documents == []
    assert finding.message.startswith("Line ")
    return finding.rule


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.999", Decimal("0.999")), ("99.95", Decimal("99.95")), ("1e-3", Decimal("0.001")), (".5", Decimal("0.5")),
        ("5", 5), ("-5", -5), ("+5", 5), ("007", 7), ("0x10", 16), ("0o17", 15), ("1_000", "1_000"), ("12:30:45", "12:30:45"),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("true", True), ("False", False),
        ("2022-01-01 12:00:00", "2022-01-01 12:00:00"), ("2022-01-01", "2022-01-01"), ("null", None), ("~", None), ("", None),
        (".inf", ".inf"), (".nan", ".nan"), ("1e999999999", "1e999999999"), ("9" * 5000, "9" * 5000), ('"5"', "5"), ("'true'", "true"),
        ("!!str 5", "5"), ("!!float 5", 5), ("5 # a comment", 5), ("=", "="), ("٣", "٣"),
    ],
)  # fmt: skip
def test_scalars_mean_what_yaml_1_2_says(text: str, value: Any) -> None:
    [document] = values(f"x: {text}")
    assert document == {"x": value}
    assert type(document["x"]) is type(value)


def test_decimals_are_exact_in_yaml_and_json() -> None:
    exact = "0.12345678901234567890123"
    for text in (f"x: {exact}", f'{{"x": {exact}}}'):
        assert str(values(text)[0]["x"]) == exact


def test_one_object_a_list_or_several_documents() -> None:
    assert values("a: 1") == [{"a": 1}]
    assert values("- a: 1\n- b: 2\n---\nc: 3\n---\n---\n# nothing\n") == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert values('[{"a": 1}, {"b": 2}]') == [{"a": 1}, {"b": 2}]
    assert values('{"a": 1}\n---\n{"b": 2}') == [{"a": 1}, {"b": 2}]
    assert values('{\n\t"a": [1,\t2]\n}') == [{"a": [1, 2]}]
    assert values("") == values("---\n") == values("# nothing") == []
    assert values(b"\xef\xbb\xbfa: 1") == values("\ufeffa: 1") == [{"a": 1}]
    references = [str(one.ref) for one in documents_of("d/f.yaml", "- a: 1\n- b: 2\n---\nc: 3")[0]]
    assert references == ["d/f.yaml#0", "d/f.yaml#1", "d/f.yaml#2"]


def test_keys_stay_words_and_aliases_and_merges_work() -> None:
    assert values("on: 1\n1: 2\nnull: 3") == [{"on": 1, "1": 2, "null": 3}]
    assert values("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: *x") == [
        {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}, "e": {"b": 1, "c": 2}}
    ]
    assert values("x: &a 5\n---\ny: 1") == [{"x": 5}, {"y": 1}]


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
HOSTILE = {
    "not UTF-8": (b"a: \xff\xfe", "not-utf-8"),
    "UTF-16": ("a: 1".encode("utf-16"), "not-utf-8"),
    "half a pair": ("a: \ud800", "not-utf-8"),
    "half a pair in JSON": ('{"a": "\\ud800"}', "invalid-yaml"),
    "NUL": ("a: \x00", "invalid-text"),
    "NUL in bytes": (b"a: \x00b", "invalid-text"),
    "NUL in JSON": ('{"a": "\\u0000"}', "invalid-text"),
    "NUL as an escape": ('a: "\\0"', "invalid-text"),
    "an escape beyond Unicode": ('a: "\\UFFFFFFFF"', "invalid-yaml"),
    "a tab": ("a:\n\t- b", "invalid-yaml"),
    "an open bracket": ("a: [", "invalid-yaml"),
    "a key twice": ("a: 1\nb: 2\na: 3", "duplicate-key"),
    "a key twice in JSON": ('{"a": 1, "a": 2}', "duplicate-key"),
    "a key twice by quoting": ('a: 1\n"a": 2', "duplicate-key"),
    "merged twice": ("<<: {a: 1}\n<<: {b: 1}", "duplicate-key"),
    "a list for a key": ("? [a]\n: 1", "invalid-yaml"),
    "a placeholder without quotes": ("a: {{service}}", "invalid-yaml"),
    "merging text": ("<<: x", "invalid-yaml"),
    "an alias to nothing": ("a: *b", "invalid-yaml"),
    "an alias of another document": ("a: &b 1\n---\nc: *b", "invalid-yaml"),
    "an alias to itself": ("&a [*a]", "alias-loop"),
    "a mapping in itself": ("&a {b: {c: *a}}", "alias-loop"),
    "an alias bomb": (BOMB, "too-large"),
    "many values": ("[" + "1," * BOUNDS.most_nodes + "]", "too-large"),
    "deep": (nested(BOUNDS.deepest + 1), "too-deep"),
    "very deep": (nested(400_000), "too-deep"),
    "very deep, mappings": ("{a: " * 400_000, "too-deep"),
    "deep by aliases": ("a: &a " + nested(40) + "\nb: &b " + "[" * 30 + "*a" + "]" * 30, "too-deep"),
    "deep in JSON": ('{"a":' * 100 + "1" + "}" * 100, "too-deep"),
    "an object": ("!!python/object/apply:os.system ['true']", "unknown-tag"),
    "a set": ("!!set {a, b}", "unknown-tag"),
    "a binary": ("a: !!binary aGk=", "unknown-tag"),
    "too long": ("# " + "x" * BOUNDS.largest, "too-large"),
    "too many bytes": ("# " + "é" * (BOUNDS.largest // 2), "too-large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_a_finding(name: str) -> None:
    text, rule = HOSTILE[name]
    started = time.process_time()
    assert refused(text) == rule
    assert time.process_time() - started < 10  # a bomb that went off would not come back at all


def test_a_finding_names_its_line() -> None:
    _, [finding] = documents_of("f", "a: 1\nb: [\n")
    assert finding.message.startswith("Line 3: ")
    _, [finding] = documents_of("f", "a: 1\nb: 2\na: 3\n")
    assert finding.message == "Line 3: The key “a” is given twice."
    assert finding.document == "f#0"


def test_the_deepest_that_is_allowed() -> None:
    assert len(values(nested(BOUNDS.deepest))) == 1
    assert len(values(nested(BOUNDS.deepest - 1) + " # yaml")) == 1


@settings(max_examples=examples(600), deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200), st.text(alphabet="{}[]&*!|>-?: ,\n\"'#%@`<~ab1.", max_size=80)
    )
)
def test_no_text_raises(content: bytes | str) -> None:
    for mode in ("strict", "lenient"):
        formats.check({"f": content}, mode)  # type: ignore[arg-type]
        formats.read({"f": content}, mode)  # type: ignore[arg-type]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = [
    a_document(kind) for kind in ("SLO", "SLI", "DataSource", "Service", "AlertPolicy", "AlertCondition")
] + [
    {"version": "prometheus/v1", "service": "a", "slos": [{"name": "b", "objective": 99, "sli": {"events": {"error_query": "a", "total_query": "b"}}, "alerting": {"page_alert": {"disable": True}}}]},
    {"apiVersion": "pyrra.dev/v1alpha1", "kind": "ServiceLevelObjective", "metadata": {"name": "a", "labels": {"app": "b"}},
     "spec": {"target": "99", "window": "4w", "indicator": {"ratio": {"errors": {"metric": "a"}, "total": {"metric": "b"}, "grouping": ["job"]}}}},
    a_document("SLO", "$s-x", metadata__annotations={"headroom/for-each": "s", "headroom/values": "a,b"}),
]  # fmt: skip


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here] + [place for key, one in inner for place in places(one, (*here, key))]


@settings(max_examples=examples(800), deadline=None)
@given(st.data())
def test_no_value_in_any_place_raises(data: st.DataObject) -> None:
    """A good document with one or two of its parts replaced by anything at all."""
    document = json.loads(text_of(data.draw(st.sampled_from(DOCUMENTS))))[0]
    for _ in range(data.draw(st.integers(1, 2))):
        *steps, last = data.draw(st.sampled_from([place for place in places(document) if place]))
        holder = document
        for step in steps:
            holder = holder[step]
        holder[last] = data.draw(JSON)
    text = json.dumps(document)
    for mode in ("strict", "lenient"):
        formats.check({"f": text}, mode)  # type: ignore[arg-type]
        bundle = formats.read({"f": text}, mode, values_of=lambda label: [label, "x y"])  # type: ignore[arg-type]
        formats.export(bundle.objectives, services=bundle.services, data_sources=bundle.data_sources)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "NaN", "-Infinity", "9" * 70, "0." + "1" * 80])
def test_a_number_that_nobody_means_is_no_text_in_json(number: str) -> None:
    text = '{"kind": "SLO",\n "metadata": {"name": ' + number + "}}"
    documents, (finding,) = documents_of("a.json", text)
    assert (documents, finding.rule, finding.message[:7]) == ([], "unreadable-number", "Line 2:")
