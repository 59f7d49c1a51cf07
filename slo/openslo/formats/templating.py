"""One document for many: it names a label and that label's values, and is read once for each value.

    metadata:
      name: $service-availability
      annotations:
        headroom/for-each: service
        headroom/values: web,checkout,search      # or "*": the caller is asked for the values

`$service` and `{{service}}` (quoted, as YAML needs it) stand for the value in every text of the document.
In names and references it is written as a name, in queries as inside a PromQL string.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from slo.measuring.formats.slugs import slugged
from slo.openslo.formats.annotations import FOR_EACH, VALUES, annotation
from slo.openslo.formats.definitions import Finding
from slo.openslo.formats.documents import Document, Report

ValuesOf = Callable[[str], list[str]]

MAX_DOCUMENTS = 20_000
MAX_IN_A_REQUEST = 2_000


class NoValues(Exception):
    """Raised by a `ValuesOf` that cannot say: its text is a sentence for people."""


_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z", re.ASCII)
_NAMES = frozenset(
    ("name", "service", "indicatorRef", "metricSourceRef", "alertPolicyRef", "conditionRef", "targetRef")
)
_QUERIES = frozenset(("query", "promql"))
_OURS = (FOR_EACH, VALUES)


def expand(
    documents: Iterable[Document], values_of: ValuesOf | None = None, most: int = MAX_DOCUMENTS
) -> tuple[list[Document], list[Finding]]:
    """All documents, templates replaced by what they stand for; a template with a finding gives none."""
    found: list[Document] = []
    findings: list[Finding] = []
    for document in documents:
        label = _label_of(document)
        if label is None:
            found.append(document)
            continue
        report = Report.of(document)
        values = _values(report, document, label, values_of)
        if len(found) + len(values) > most:
            message = gettext("The templates stand for more than %d documents.") % most
            report.error(_path(VALUES), "headroom-values", message)
        findings += report.findings
        if not report.failed:
            found += [_filled(document, label, value) for value in values]
    return found, findings


def _metadata(document: Document) -> dict[str, Any]:
    metadata = document.value.get("metadata") if isinstance(document.value, dict) else None
    return metadata if isinstance(metadata, dict) and isinstance(metadata.get("annotations"), dict) else {}


def _label_of(document: Document) -> str | None:
    return annotation(_metadata(document), FOR_EACH)


def _path(key: str) -> str:
    return f"metadata.annotations['{key}']"


def _values(report: Report, document: Document, label: str, values_of: ValuesOf | None) -> list[str]:
    """The values in their order, each once."""
    said = (annotation(_metadata(document), VALUES) or "").strip()
    if not _LABEL.match(label):
        report.error(_path(FOR_EACH), "headroom-for-each", gettext("This has to be the name of one label."))
        return []
    if said == "*" and values_of is None:
        message = gettext("The values of “%s” are not known here; write them down, separated by commas.") % label
        report.error(_path(VALUES), "headroom-values", message)
        return []
    try:
        listed = values_of(label) if said == "*" and values_of else said.split(",")
    except NoValues as error:
        report.error(_path(VALUES), "headroom-values", str(error))
        return []
    values = list(dict.fromkeys(value.strip() for value in listed if value.strip()))
    if not values:
        report.error(_path(VALUES), "headroom-values", gettext("There is no value to fill in for “%s”.") % label)
    return values


def _filled(document: Document, label: str, value: str) -> Document:
    placeholder = re.compile(rf"\${label}\b|\{{\{{\s*\$?{label}\s*\}}\}}", re.ASCII)
    as_name = slugged(value)
    as_string = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    def fill(found: Any, key: str) -> Any:
        if isinstance(found, str):
            written = as_name if key in _NAMES else as_string if key in _QUERIES else value
            return placeholder.sub(lambda _: written, found) if label in found else found
        if isinstance(found, dict):
            return {inner: fill(one, inner) for inner, one in found.items() if inner not in _OURS}
        if isinstance(found, list):
            return [fill(one, key) for one in found]
        return found

    return replace(document, value=fill(document.value, ""))
