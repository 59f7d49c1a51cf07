"""Names across all objectives of a bundle: each once, and one meaning each."""

import re
from dataclasses import replace

from django.utils.translation import gettext

from slo.openslo.formats.definitions import Finding, IndicatorDefinition, ObjectiveDefinition
from slo.openslo.formats.shapes import is_dns_label


def without_clashes(objectives: list[ObjectiveDefinition], findings: list[Finding]) -> list[ObjectiveDefinition]:
    """Each slug once; one indicator of a name, except that thresholds compared differently get names of their own."""
    names = _threshold_names(objectives)
    named = [_with_indicators(one, names) for one in objectives]
    slugs: set[str] = set()
    indicators: dict[str, IndicatorDefinition] = {}
    kept = []
    for objective in named:
        if sentence := _clash(objective, slugs, indicators):
            findings.append(
                Finding(str(objective.document), objective.document.place("metadata.name"), *sentence, severity="error")
            )
            continue
        slugs.add(objective.slug)
        indicators |= {one.slug: one for one in _indicators(objective)}
        kept.append(objective)
    return kept


def _clash(
    objective: ObjectiveDefinition, slugs: set[str], indicators: dict[str, IndicatorDefinition]
) -> tuple[str, str] | None:
    if objective.slug in slugs:
        return "headroom-duplicate-slug", gettext("Two objectives would be called “%s”.") % objective.slug
    seen = dict(indicators)
    for one in _indicators(objective):
        if not is_dns_label(one.slug):
            message = gettext("The indicator's name with its threshold, “%s”, is longer than 63 characters.")
            return "headroom-name-length", message % one.slug
        if seen.setdefault(one.slug, one) != one:
            message = gettext("Two different indicators are called “%s”.")
            return "headroom-indicator-conflict", message % one.slug
    return None


def _indicators(objective: ObjectiveDefinition) -> list[IndicatorDefinition]:
    own = [objective.indicator] if objective.indicator else []
    return own + [member.indicator for member in objective.members]


def _threshold_names(objectives: list[ObjectiveDefinition]) -> dict[IndicatorDefinition, str]:
    """New slugs for thresholds that share a name but not the comparison: latency-lt-500, latency-lt-2000."""
    by_slug: dict[str, set[IndicatorDefinition]] = {}
    for objective in objectives:
        for one in _indicators(objective):
            by_slug.setdefault(one.slug, set()).add(one)
    sharing = [group for group in by_slug.values() if len({(one.op, one.threshold) for one in group}) > 1]
    return {one: _threshold_name(one) for group in sharing for one in group if one.kind == "threshold"}


def _threshold_name(indicator: IndicatorDefinition) -> str:
    value = format(indicator.threshold or 0, "f").replace("-", "minus-")
    return f"{indicator.slug}-{indicator.op}-{re.sub('[^a-z0-9]+', '-', value)}"


def _with_indicators(objective: ObjectiveDefinition, names: dict[IndicatorDefinition, str]) -> ObjectiveDefinition:
    def named(one: IndicatorDefinition) -> IndicatorDefinition:
        return replace(one, slug=names[one]) if one in names else one

    members = tuple(replace(member, indicator=named(member.indicator)) for member in objective.members)
    indicator = named(objective.indicator) if objective.indicator else None
    return replace(objective, indicator=indicator, members=members)
