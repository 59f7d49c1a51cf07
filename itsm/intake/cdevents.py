"""CDEvents, whatever they tell of: bare, or carried by a CloudEvent. https://cdevents.dev"""

from typing import Any

from itsm.intake.reading import one_of


def event_in(document: Any) -> Any:
    """The CDEvent itself: what a CloudEvent carries as its data, or the document."""
    data = one_of(document, "data")
    return data if isinstance(one_of(data, "context"), dict) else document
