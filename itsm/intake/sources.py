"""A source of what comes in is kept as it was said, or refused in words."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from itsm.intake.reading import NotOurs
from itsm.kernel.errors import Conflict, InvalidInput


def keep(source: Any, *, taken: str) -> None:
    """Store a new one. Raises InvalidInput (field by field) and Conflict with the sentence `taken`."""
    try:
        with transaction.atomic():
            source.full_clean(validate_unique=False, validate_constraints=False)
            source.save()
    except ValidationError as error:
        raise InvalidInput(gettext("The source cannot be kept like this."), error.message_dict) from error
    except IntegrityError as error:
        raise Conflict(taken) from error


def kept_mapping(mapping: Any, checked: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A mapping of JSON pointers as it is kept; none, or an empty one: nothing is mapped. `checked`: what it may say,
    by whoever reads it. Raises InvalidInput."""
    if mapping in (None, {}):
        return {}
    try:
        return checked(mapping)
    except NotOurs as error:
        raise InvalidInput.about("mapping", str(error)) from error
