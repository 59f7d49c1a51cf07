"""SLI: alone, or inside of an SLO."""

from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import shapes
from slo.openslo.formats.documents import Report, below
from slo.openslo.formats.rules_metadata import METADATA
from slo.openslo.formats.shapes import DESCRIPTION, exclusive, record

_METRIC = record(
    {
        "metricSource": record(
            {"metricSourceRef": shapes.optional(shapes.dns_label), "type": shapes.text, "spec": shapes.free_mapping},
            required=("spec",),
        )
    },
    required=("metricSource",),
)


def _ratio_parts(report: Report, path: str, value: Any) -> None:
    """Fields of a ratio: total with good or bad, or raw with its type."""
    exclusive("total", "raw")(report, path, value)
    exclusive("raw", "good", "bad", required=False)(report, path, value)
    if value.get("total") is not None and value.get("raw") is None:
        if value.get("good") is None and value.get("bad") is None:
            report.error(path, "exclusive", gettext("One of these has to be given: %s.") % "good, bad")
    elif value.get("raw") is not None and not shapes.is_given(value.get("rawType")):
        report.error(below(path, "rawType"), "required", gettext("“%s” has to be given.") % "rawType")


_RATIO = record(
    {
        "counter": shapes.boolean,
        "good": _METRIC,
        "bad": _METRIC,
        "total": _METRIC,
        "raw": _METRIC,
        "rawType": shapes.optional(shapes.one_of("success", "failure")),
    },
    rules=(_ratio_parts,),
)
SLI_SPEC = record(
    {"description": DESCRIPTION, "thresholdMetric": _METRIC, "ratioMetric": _RATIO},
    rules=(exclusive("thresholdMetric", "ratioMetric"),),
)
INDICATOR = record({"metadata": METADATA, "spec": SLI_SPEC}, required=("metadata", "spec"))
