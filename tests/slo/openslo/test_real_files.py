"""The specification's own examples and its validator's inputs, found valid or not as by the official tools."""

from pathlib import Path

import pytest

from slo.openslo import formats

REAL = Path(__file__).parents[4] / "shared" / "data" / "openslo"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data/openslo is not here")

SLICE = "spec.objectives[0].timeSliceTarget required"
VERSION = "apiVersion unsupported-version"
NAME = "metadata.name dns-label"
# File -> for each document (what strict finds wrong, what stays wrong in lenient mode).
VERDICTS = {
    "examples/budgeting-method/occurences-slo.yaml": [([], [])],
    "examples/budgeting-method/ratio-timeslices.yaml": [([], [])],
    "examples/budgeting-method/timeslices-slo.yaml": [([], [])],
    "examples/treat-low-traffic-as-equally-important/timeslices-slo.yaml": [([], [])],
    "validate/v1.yaml": [([], []), ([], []), ([NAME], [NAME])],
    "validate/invalid-apiversion.yaml": [([VERSION], [VERSION])],
    "validate/unknown-field.yaml": [([NAME, "spec.markdown unknown-field"],) * 2],
    "validate/v1alpha.yaml": [([NAME], [NAME]), ([], []), ([SLICE], [SLICE]), ([], [])],
    "validate/v2alpha.yaml": [([VERSION], [VERSION])] * 3,
    "validate/mix/1.yaml": [([NAME], [NAME])],
    "validate/mix/2.yaml": [([NAME], [NAME])],
    "validate/mix/3.yaml": [([VERSION], [VERSION])],
    "validate/recursive/1.yaml": [([NAME], [NAME])],
    "validate/recursive/nested/2.yaml": [([VERSION], [VERSION])],
    "validate/recursive/nested/nested2/nested3/3.yaml": [([VERSION], [VERSION])],
}


def errors(findings: list[formats.Finding]) -> list[str]:
    return [f"{one.path} {one.rule}" for one in findings if one.severity == "error"]


def test_every_real_file_has_its_verdict_here() -> None:
    assert {str(path.relative_to(REAL)) for path in REAL.rglob("*.yaml")} == set(VERDICTS)


@pytest.mark.parametrize("file", VERDICTS)
def test_the_verdicts(file: str) -> None:
    content = {file: (REAL / file).read_bytes()}
    strict, lenient = formats.check(content), formats.check(content, "lenient")
    assert [(errors(a[3]), errors(b[3])) for a, b in zip(strict, lenient, strict=True)] == VERDICTS[file]
    # What lenient mode lets pass, it says.
    assert [len(a[3]) for a in strict] == [len(b[3]) for b in lenient]


def test_the_examples_that_can_be_imported() -> None:
    files = {str(path): path.read_bytes() for path in sorted(REAL.glob("examples/*/*.yaml"))}
    # Two of them use one name; take the budgeting methods only.
    bundle = formats.read({name: text for name, text in files.items() if "budgeting" in name}, "lenient")
    found = {one.slug: one for one in bundle.objectives}
    assert set(found) == {"search-slo", "main-page"}
    assert [one.op for one in (found["search-slo"].indicator,) if one] == ["lt"]
    assert found["main-page"].method == "ratio_timeslices"
    assert found["main-page"].time_slice_minutes == 1
    # `duration: 1m` is one minute, whatever its comment says.
    assert "headroom-calendar-unit" in {one.rule for one in bundle.findings}


def test_the_low_traffic_example_is_a_calendar_week_in_new_york() -> None:
    path = REAL / "examples/treat-low-traffic-as-equally-important/timeslices-slo.yaml"
    [objective] = formats.read({path.name: path.read_bytes()}, "lenient").objectives
    assert objective.calendar == formats.CalendarDefinition("week", 1, "America/New_York", "2022-01-01 12:00:00")
    assert str(objective.target) == "0.9995"
    assert str(objective.time_slice_target) == "0.95"
