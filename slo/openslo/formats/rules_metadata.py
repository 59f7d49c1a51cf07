"""Metadata: name, displayName, labels, annotations."""

import re
from typing import Any

from django.utils.translation import gettext

from slo.openslo.formats import shapes
from slo.openslo.formats.documents import Report, below

_LABEL_KEY = re.compile(r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\Z", re.ASCII)
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\Z", re.ASCII)
_LONGEST_PREFIX = 253


def is_label_key(key: str) -> bool:
    return bool(_LABEL_KEY.match(key))


def _is_prefixed_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= _LONGEST_PREFIX and _PREFIX.match(prefix)):
        return False
    return bool(_LABEL_KEY.match(name))


def _labels(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, dict):
        return shapes.free_mapping(report, path, value)
    for key, label in value.items():
        if not is_label_key(key):
            write = report.tolerated if _is_prefixed_key(key) else report.error
            message = gettext("A label's key has letters, digits, '-', '_' and '.' only, at most 63.")
            write(below(path, key), "label-key", message)
        words = label if isinstance(label, list) else [label]
        if not all(word is None or isinstance(word, str) for word in words):
            report.error(below(path, key), "wrong-type", gettext("A label is text or a list of texts."))


def _annotations(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, dict):
        return shapes.free_mapping(report, path, value)
    for key, annotation in value.items():
        if not _is_prefixed_key(key):
            message = gettext("An annotation's key is a name of at most 63 characters, perhaps after a domain and '/'.")
            report.error(below(path, key), "annotation-key", message)
        if annotation is not None and not isinstance(annotation, str):
            report.error(below(path, key), "wrong-type", gettext("An annotation is text."))


METADATA = shapes.record(
    {
        "name": shapes.dns_label,
        "displayName": shapes.text_up_to(63, tolerated=True),
        "labels": _labels,
        "annotations": _annotations,
    },
    required=("name",),
)
