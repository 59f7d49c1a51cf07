"""Folders of manifests: lists are opened, what is no objective is passed over where that was asked for."""

import pytest

from slo.openslo import formats
from tests.slo.openslo.samples import a_document, text_of

SLOTH_LIST = """
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: x}
    data: {a: b}
  - apiVersion: sloth.slok.dev/v1
    kind: PrometheusServiceLevel
    metadata: {name: a, resourceVersion: "5", managedFields: [{manager: kubectl}]}
    spec:
      service: shop
      slos:
        - name: answers
          objective: 100
          sli: {events: {errorQuery: "sum(rate(a[{{.window}}]))", totalQuery: "sum(rate(b[{{.window}}]))"}}
"""


def said(bundle: formats.Bundle) -> list[str]:
    return [f"{one.document} {one.path} {one.rule} {one.severity}" for one in bundle.findings]


def test_a_list_is_opened_and_findings_stand_in_it() -> None:
    bundle = formats.read({"f": SLOTH_LIST}, "lenient")
    assert said(bundle) == [
        "f#0 items[0] passed-over warning",
        "f#0 items[1].spec.slos[0].objective out-of-range error",
    ]
    assert bundle.findings[0].message == "ConfigMap x v1 is no objective, and was passed over."
    fixed = formats.read({"f": SLOTH_LIST.replace("100", "99.5")}, "lenient")
    assert [one.slug for one in fixed.objectives] == ["shop-answers"]


def test_strict_mode_says_of_a_foreign_kind_that_it_is_none_of_ours() -> None:
    assert "f#0 items[0].apiVersion unsupported-version error" in said(formats.read({"f": SLOTH_LIST}))


def test_a_list_in_a_list_and_a_list_of_openslo() -> None:
    slo = a_document(spec__objectives__0__target=2)
    inner = {"apiVersion": "openslo/v1", "kind": "SLOList", "items": [slo]}
    whole = {"apiVersion": "v1", "kind": "List", "items": [inner, None]}
    assert said(formats.read({"f": text_of(whole)})) == [
        "f#0 items[0].items[0].spec.objectives[0].target out-of-range error"
    ]


@pytest.mark.parametrize(
    ("text", "is_foreign"),
    [
        ("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: []}}", True),
        ("{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: web}}", True),
        ("{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, spec: {}}", True),
        ("{apiVersion: sloth.slok.dev/v1, kind: AlertWindows, spec: {sloPeriod: 7d}}", True),
        ("{services: {web: {image: x}}}", True),
        ("{apiVersion: openslo/v2, kind: SLO}", False),
        ("{apiVersion: openslo.com/v2alpha, kind: SLO}", False),
        ("{apiVersion: opensl/v1, kind: SLO, spec: {}}", False),
        ("{apiVersion: foo, kind: Service}", False),
        ("{kind: SLO, metadata: {name: x}}", False),
        ("{apiVersion: 1, kind: X}", False),
        ("just words", False),
    ],
)
def test_what_is_foreign_and_what_is_a_slip_of_the_pen(text: str, is_foreign: bool) -> None:
    found = formats.read({"f": text}, "lenient").findings
    assert [one.rule == "passed-over" for one in found] == [is_foreign]
    assert [one.severity == "warning" for one in found] == [is_foreign]
    [(_, _, _, checked)] = formats.check({"f": text}, "lenient")
    assert [one.rule for one in checked] == [one.rule for one in found]
