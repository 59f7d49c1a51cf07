"""One SLO to its objectives: one, several of the same indicator, or a composite."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import resolve_number
from slo.measuring.formats.slugs import slugged
from slo.openslo.formats.annotations import (
    TARGET,
    annotation,
    annotations_of,
    budget_basis_of,
    description_of,
    environment_of,
    gates_from_of,
    gating_of,
    labels_of,
    missing_slices_of,
    name_of,
    rows_of,
)
from slo.openslo.formats.definitions import MemberDefinition, Method, ObjectiveDefinition
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.indicators import indicator_of
from slo.openslo.formats.rules_slo import is_composite
from slo.openslo.formats.shapes import is_dns_label
from slo.openslo.formats.targets import composite_target, fitting_target, slice_target_of, target_of
from slo.openslo.formats.windows import rows_from_policies, slice_minutes_of, window_of

_METHODS: dict[str, Method] = {
    "Occurrences": "occurrences",
    "Timeslices": "timeslices",
    "RatioTimeslices": "ratio_timeslices",
}
_ONE = Decimal(1)
_HEAVIEST = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one entry of spec.objectives promises."""

    path: str
    value: dict[str, Any]
    target: Decimal
    slice_target: Decimal | None
    slice_minutes: int | None


def objectives_of(report: Report, document: Document) -> list[ObjectiveDefinition]:
    """The objectives of a resolved SLO. Where the report has failed they are not to be used."""
    spec = document.value["spec"]
    method = _METHODS[spec["budgetingMethod"]]
    entries = [(f"spec.objectives[{index}]", one) for index, one in enumerate(spec["objectives"])]
    if not entries:
        report.error("spec.objectives", "headroom-no-objective", gettext("There is no objective."))
    terms = [found for path, one in entries if (found := _terms(report, path, one, method))]
    shared = _shared(report, document, method)
    if report.failed:
        return []
    if is_composite(spec):
        composite = _composite(report, document, method, terms, shared)
        return [composite] if composite else []
    return _singles(report, document, terms, shared)


def _terms(report: Report, path: str, value: dict[str, Any], method: Method) -> _Terms | None:
    target = target_of(report, path, value)
    slice_target = slice_target_of(report, path, value) if method == "timeslices" else None
    minutes = None
    if method != "occurrences":
        minutes = slice_minutes_of(report, f"{path}.timeSliceWindow", value["timeSliceWindow"])
    elif value.get("timeSliceTarget") is not None or value.get("timeSliceWindow"):
        message = gettext("Time slices mean nothing to the method Occurrences and are left out.")
        report.warning(path, "headroom-ignored", message)
    return _Terms(path, value, target, slice_target, minutes) if target is not None else None


def _shared(report: Report, document: Document, method: Method) -> dict[str, Any]:
    """The fields that are the same for all objectives of the document."""
    metadata, spec = document.value["metadata"], document.value["spec"]
    if not is_dns_label(spec["service"]):
        message = gettext("A service is named by lower-case letters, digits and '-', at most 63.")
        report.error("spec.service", "headroom-service-name", message)
    days, calendar = window_of(report, metadata, spec)
    rows = rows_of(report, metadata)
    return {
        "name": name_of(report, "metadata", metadata),
        "description": description_of(metadata, spec),
        "service": spec["service"],
        "environment": environment_of(report, metadata),
        "method": method,
        "window_days": days,
        "calendar": calendar,
        "gating": gating_of(report, metadata),
        "gates_from": gates_from_of(report, metadata),
        "alert_rows": rows_from_policies(report, spec["alertPolicies"]) if rows is None else rows,
        "labels": labels_of(report, metadata),
        "annotations": annotations_of(metadata),
        "document": document.ref,
        "missing_slices": missing_slices_of(report, metadata),
        "budget_basis": budget_basis_of(report, metadata),
    }


def _singles(
    report: Report, document: Document, terms: list[_Terms], shared: dict[str, Any]
) -> list[ObjectiveDefinition]:
    inline, slug = document.value["spec"]["indicator"], document.name
    found = []
    for one, suffix in zip(terms, _suffixes(terms), strict=True):
        indicator = indicator_of(report, "spec.indicator", inline, one.path, one.value)
        own_slug = f"{slug}-{suffix}" if suffix else slug
        if not is_dns_label(own_slug):
            message = gettext("The objective's name would be “%s”, longer than 63 characters.") % own_slug[:100]
            report.error(f"{one.path}.displayName", "headroom-name-length", message)
        words = str(one.value.get("displayName") or suffix)
        fields = {**shared, "name": f"{shared['name']}: {words}"[:120]} if suffix else shared
        found.append(
            ObjectiveDefinition(
                slug=own_slug, target=one.target, time_slice_target=one.slice_target,
                time_slice_minutes=one.slice_minutes, indicator=indicator, members=(), **fields,
            )
        )  # fmt: skip
    return found


def _suffixes(terms: list[_Terms]) -> list[str]:
    """ "" for an only objective; else the display names as words where they tell all apart, else numbers."""
    if len(terms) == 1:
        return [""]
    words = [slugged(str(one.value.get("displayName") or "")) for one in terms]
    if all(words) and max(Counter(words).values(), default=0) == 1:
        return words
    return [str(number) for number, _ in enumerate(terms, 1)]


def _composite(
    report: Report, document: Document, method: Method, terms: list[_Terms], shared: dict[str, Any]
) -> ObjectiveDefinition | None:
    members = [member for one in terms if (member := _member(report, one))]
    minutes = {one.slice_minutes for one in terms}
    if len(minutes) > 1:
        message = gettext("The time slices of a composite's objectives have to be equally long.")
        report.error("spec.objectives", "headroom-composite-slices", message)
    if report.failed:
        return None
    target = _whole_target(report, document.value["metadata"], method, members)
    return ObjectiveDefinition(
        slug=document.name, target=target, time_slice_target=None, time_slice_minutes=next(iter(minutes), None),
        indicator=None, members=tuple(members), **shared,
    )  # fmt: skip


def _member(report: Report, terms: _Terms) -> MemberDefinition | None:
    inline = terms.value.get("indicator")
    if not inline:
        message = gettext("Each objective of a composite needs an indicator.")
        report.error(terms.path, "headroom-member-indicator", message)
        return None
    weight = Decimal(terms.value.get("compositeWeight") or _ONE)
    if weight > _HEAVIEST or weight < 1 / _HEAVIEST:
        message = gettext("A weight lies between one millionth and one million.")
        report.error(f"{terms.path}.compositeWeight", "headroom-weight", message)
    indicator = indicator_of(report, f"{terms.path}.indicator", inline, terms.path, terms.value)
    return MemberDefinition(indicator, terms.target, weight, terms.slice_target) if indicator else None


def _whole_target(report: Report, metadata: dict[str, Any], method: Method, members: list[MemberDefinition]) -> Decimal:
    """The target that follows from the members, unless the annotation names one."""
    said = annotation(metadata, TARGET)
    if said is not None:
        number = resolve_number(said)
        path = f"metadata.annotations['{TARGET}']"
        return fitting_target(report, path, Decimal(-1 if number is None else number)) or Decimal(0)
    target = composite_target(method, members)
    if not 0 < target < 1:
        message = gettext("What the objectives allow together leaves nothing to promise: %s.") % target
        report.error("spec.objectives", "headroom-composite-target", message)
    return target
