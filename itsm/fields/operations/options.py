"""The options of a choice."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.fields.models import Field, Option
from itsm.fields.vocabulary import WITH_OPTIONS
from itsm.kernel.errors import Conflict, InvalidInput

MAX_OPTIONS = 200


def set_options(field: Field, sent: Sequence[Any]) -> None:
    """Put the options in this order: new ones begin, named ones take their label, the others are retired."""
    if field.type not in WITH_OPTIONS:
        if sent:
            raise InvalidInput.about("options", _("Only choices have options."))
        return
    keys = [one["key"] for one in sent]
    if not keys or len(keys) > MAX_OPTIONS or len(set(keys)) != len(keys):
        words = _("A choice has 1 to %(most)s options, each with a key of its own.") % {"most": MAX_OPTIONS}
        raise InvalidInput.about("options", words)
    known = {one.key: one for one in Option.objects.filter(field=field)}
    if len(known.keys() | set(keys)) > 2 * MAX_OPTIONS:
        raise Conflict(_("Too many options were retired; add another field."))
    for place, one in enumerate(sent):
        option = known.pop(one["key"], None) or Option(field=field, key=one["key"])
        option.label, option.position, option.retired_at = one["label"], place, None
        try:
            option.clean_fields(exclude={"field"})
        except ValidationError as error:
            said = [f"{one['key'][:40]}: {sentence}" for sentence in error.messages]
            raise InvalidInput(_("An option cannot be saved like this."), {"options": said}) from error
        option.save()
    for place, option in enumerate(known.values()):
        option.position, option.retired_at = len(keys) + place, option.retired_at or timezone.now()
        option.save(update_fields=["position", "retired_at"])


def labels_of(field: Field) -> list[str]:
    """Of the options that may be chosen."""
    return [one.label for one in field.options.all() if one.retired_at is None]
