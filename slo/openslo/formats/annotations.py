"""Headroom's own words in the metadata of a document: what OpenSLO has no field for."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import Unfit, fit
from slo.openslo.formats.definitions import ALERT_ROWS, BudgetBasis, MissingSlices
from slo.openslo.formats.documents import Report
from slo.openslo.formats.shapes import is_dns_label

PREFIX = "headroom/"
ENVIRONMENT, GATING, ROWS = PREFIX + "environment", PREFIX + "gating", PREFIX + "alert-rows"
TARGET, CALENDAR_START = PREFIX + "target", PREFIX + "calendar-start"
NAME, DESCRIPTION = PREFIX + "name", PREFIX + "description"
MISSING_SLICES, BUDGET_BASIS = PREFIX + "missing-slices", PREFIX + "budget-basis"
STEP_MINUTES, CHECKED, LABELS = PREFIX + "step-minutes", PREFIX + "checked", PREFIX + "labels"
FOR_EACH, VALUES = PREFIX + "for-each", PREFIX + "values"
GATES_FROM = PREFIX + "gates-from"
DEFAULT_START = "default"
DEFAULT_ENVIRONMENT = "production"
LONGEST_NAME = 120
_MISSING: dict[str, MissingSlices] = {"excluded": "excluded", "good": "good", "bad": "bad"}
_BASES: dict[str, BudgetBasis] = {"full_window": "full_window", "elapsed": "elapsed"}
_STEPS = {str(minutes): minutes for minutes in range(1, 61) if 60 % minutes == 0}
_ANSWERS = {"true": True, "false": False}
_ValueT = TypeVar("_ValueT")


def annotation(metadata: dict[str, Any], key: str) -> str | None:
    found = (metadata.get("annotations") or {}).get(key)
    return found if isinstance(found, str) else None


def name_of(report: Report, path: str, metadata: dict[str, Any]) -> str:
    """The display name, or else the name; at most LONGEST_NAME characters."""
    name = annotation(metadata, NAME) or str(metadata.get("displayName") or metadata["name"])
    if len(name) > LONGEST_NAME:
        message = gettext("A name has at most %d characters here.") % LONGEST_NAME
        report.error(f"{path}.displayName", "headroom-name-length", message)
    return name


def description_of(metadata: dict[str, Any], spec: dict[str, Any]) -> str:
    long = annotation(metadata, DESCRIPTION)
    return str(spec.get("description") or "") if long is None else long


def labels_of(report: Report, metadata: dict[str, Any]) -> dict[str, list[str]]:
    def words(value: Any) -> list[str]:
        return [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)]

    labels = (metadata.get("labels") or {}).items()
    return {key: words(value) for key, value in labels if not key.startswith(PREFIX)} | _more_labels(report, metadata)


def _more_labels(report: Report, metadata: dict[str, Any]) -> dict[str, list[str]]:
    """Those that stand in an annotation, as OpenSLO does not take their keys."""
    try:
        found = json.loads(annotation(metadata, LABELS) or "{}")
        if _is_of_lists(found):
            return {fit(key): [fit(text) for text in texts] for key, texts in found.items()}
    except (ValueError, RecursionError, Unfit):
        pass
    report.error(_path(LABELS), "headroom-labels", gettext("This has to be a JSON object with a list of texts each."))
    return {}


def _is_of_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in value.values()
    )


def annotations_of(metadata: dict[str, Any]) -> dict[str, str]:
    found = (metadata.get("annotations") or {}).items()
    return {key: value or "" for key, value in found if not key.startswith(PREFIX)}


def environment_of(report: Report, metadata: dict[str, Any]) -> str:
    label = (metadata.get("labels") or {}).get(ENVIRONMENT)
    word = label[0] if isinstance(label, list) and len(label) == 1 else label
    found = annotation(metadata, ENVIRONMENT) or word or DEFAULT_ENVIRONMENT
    if isinstance(found, str) and is_dns_label(found):
        return found
    message = gettext("An environment is one name of lower-case letters, digits and '-', at most 63.")
    report.error(_path(ENVIRONMENT), "headroom-environment", message)
    return DEFAULT_ENVIRONMENT


def _path(key: str) -> str:
    return f"metadata.annotations['{key}']"


def _chosen(
    report: Report, metadata: dict[str, Any], key: str, choices: Mapping[str, _ValueT], default: _ValueT, path: str = ""
) -> _ValueT:
    """What the annotation says, out of these words; its rule is the key with a hyphen."""
    found = annotation(metadata, key)
    if found is None or found in choices:
        return default if found is None else choices[found]
    message = gettext("This has to be one of: %s.") % ", ".join(f"“{word}”" for word in choices)
    report.error(path + _path(key), key.replace("/", "-"), message)
    return default


def missing_slices_of(report: Report, metadata: dict[str, Any]) -> MissingSlices:
    return _chosen(report, metadata, MISSING_SLICES, _MISSING, "excluded")


def budget_basis_of(report: Report, metadata: dict[str, Any]) -> BudgetBasis:
    return _chosen(report, metadata, BUDGET_BASIS, _BASES, "full_window")


def step_minutes_of(report: Report, path: str, metadata: dict[str, Any]) -> int:
    return _chosen(report, metadata, STEP_MINUTES, _STEPS, 1, f"{path}.")


def checked_of(report: Report, path: str, metadata: dict[str, Any]) -> bool:
    return _chosen(report, metadata, CHECKED, _ANSWERS, False, f"{path}.")


def gating_of(report: Report, metadata: dict[str, Any]) -> bool:
    return _chosen(report, metadata, GATING, _ANSWERS, True)


def gates_from_of(report: Report, metadata: dict[str, Any]) -> datetime | None:
    """The instant with its zone; None without one."""
    found = annotation(metadata, GATES_FROM)
    if found is None:
        return None
    try:
        instant = datetime.fromisoformat(found.strip())
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    message = gettext("This has to be an instant with its zone, such as 2026-12-24T08:00:00Z.")
    report.error(_path(GATES_FROM), "headroom-gates-from", message)
    return None


def rows_of(report: Report, metadata: dict[str, Any]) -> tuple[str, ...] | None:
    """The rows named in the annotation; None without one."""
    found = annotation(metadata, ROWS)
    if found is None:
        return None
    named = {row.strip() for row in found.split(",")} - {""}
    if not named <= set(ALERT_ROWS):
        message = gettext("The rows of burn alerts are: %s.") % ", ".join(ALERT_ROWS)
        report.error(_path(ROWS), "headroom-alert-rows", message)
    return in_order(named)


def in_order(rows: Iterable[str]) -> tuple[str, ...]:
    found = set(rows)
    return tuple(row for row in ALERT_ROWS if row in found)
