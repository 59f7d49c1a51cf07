"""What other systems send, in their words, read as one thing: an alert that was told.

`read(shape, document, mapping)` does not raise for a single alert that is wrong: it stands in `Read.wrong` with the
reason.
"""

from collections.abc import Mapping
from typing import Any

from incidents.alerts_in.formats import alertmanager, cdevents, generic, pagerduty
from incidents.alerts_in.formats.told import MOST, NotOurs, Read, Told, TooMany, Wrong
from incidents.alerts_in.vocabulary import SourceKind

__all__ = ["MOST", "NotOurs", "Read", "Told", "TooMany", "Wrong", "read"]


def read(shape: str, document: Any, mapping: Mapping[str, Any]) -> Read:
    """The alerts of a parsed body. Raises NotOurs where the whole is of another shape, TooMany above 5,000 alerts."""
    if shape == SourceKind.PAGERDUTY:
        return pagerduty.read(document)
    if shape == SourceKind.CDEVENTS:
        return cdevents.read(document)
    if shape == SourceKind.GENERIC:
        return generic.read(document, mapping)
    return alertmanager.read(document)
