"""The values of a record's fields: judged as they are written, and read as the reader may see them.

Whoever writes a record calls `changed` (or `begun`) and `mirror` in the record's own transaction.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.fields import kinds, queries
from itsm.fields.models import Field, FieldValue
from itsm.fields.queries import Names
from itsm.fields.vocabulary import NUMBERS, REFERENCES, Required, Type
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation

MOST_BYTES = 32_000  # below what the database refuses: it counts the same text


class FieldsRefused(InvalidInput):
    """What is wrong with the values, by key: `errors` names each as /attributes/<key>."""

    def __init__(self, by_key: Mapping[str, str]) -> None:
        said = "; ".join(f"{key}: {sentence}" for key, sentence in list(by_key.items())[:5])
        super().__init__(_("Fields cannot be filled in like this. %(said)s") % {"said": said})
        nested: Any = {"attributes": {key: [sentence] for key, sentence in by_key.items()}}
        self.errors = nested


def begun(owner: str, sent: Mapping[str, Any], *, actor: Actor, works_here: bool) -> dict[str, Any]:
    """The values of a new record: what was sent, and defaults for what was not.

    Raises FieldsRefused, and MissingInformation with the list of what is required to open one.
    """
    own = {one.key: one.default for one in queries.live(owner, actor) if one.default is not None}
    kept = changed(owner, {k: v for k, v in own.items() if k not in sent}, sent, actor=actor, works_here=works_here)
    if not actor.is_system:
        wanted = queries.fillable(owner, actor, works_here=works_here)
        _require([one for one in wanted if one.required == Required.CREATE], kept)
    return kept


def changed(
    owner: str, attributes: Mapping[str, Any], sent: Mapping[str, Any], *, actor: Actor, works_here: bool
) -> dict[str, Any]:
    """The values after those that were sent were put in their place; null takes one away. The others are not judged.

    Raises FieldsRefused for an unknown key (with near ones), a value that does not fit, and too much of all.
    """
    known = {one.key: one for one in queries.fillable(owner, actor, works_here=works_here)}
    kept, wrong = dict(attributes), {}
    for key, raw in sent.items():
        if key not in known:
            wrong[str(key)[:80]] = _unknown(str(key), known)
            continue
        try:
            kept[key] = judged(known[key], raw, actor=actor, before=attributes.get(key))
        except ValueError as error:
            wrong[key] = str(error)
        else:
            if kept[key] is None and known[key].required == Required.CREATE and attributes.get(key) is not None:
                wrong[key] = _("This may not be empty.")
    kept = {key: value for key, value in kept.items() if value is not None}
    if wrong:
        raise FieldsRefused(dict(list(wrong.items())[:20]))
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MOST_BYTES:
        raise FieldsRefused({next(iter(sent), ""): _("All fields together hold too much; shorten the long ones.")})
    return kept


def judged(field: Field, raw: Any, *, actor: Actor, before: Any = None) -> Any:
    """What to keep of a value that the actor sends. ValueError with a sentence where it does not fit."""
    at = kinds.Moment(timezone.now(), timezone.localdate(), before)
    return kinds.parse(field.defined(), raw, at=at, look_up=lambda one, name: queries.chosen(one, name, actor))


def _unknown(key: str, known: Collection[str]) -> str:
    words = _("Known are %(known)s.") % {"known": ", ".join(known) or "–"}
    return f"{_('Unknown field.')}{did_you_mean(key, known)} {words}"


def require_to_resolve(owner: str, attributes: Mapping[str, Any], *, actor: Actor) -> None:
    """Raise MissingInformation with the list of what a record needs before it is resolved. Headroom itself is let."""
    if not actor.is_system:
        _require([one for one in queries.live(owner, actor) if one.required != Required.NEVER], attributes)


def _require(wanted: list[Field], attributes: Mapping[str, Any]) -> None:
    missing = [one.label for one in wanted if attributes.get(one.key) is None]
    if missing:
        words = _("Fill in first: %(missing)s.") % {"missing": ", ".join(missing)}
        raise MissingInformation(words, missing=missing)


_SHARED = "SELECT id FROM fields_fieldset WHERE owner = %s FOR SHARE"


def mirror(owner: str, record_id: int, attributes: Mapping[str, Any], touched: Collection[str]) -> None:
    """Write the touched numbers and times of filterable fields to the side table, in the record's transaction."""
    if not touched:
        return
    with connection.cursor() as cursor:  # whoever changes what is mirrored holds the set alone
        cursor.execute(_SHARED, [owner])
    rows = [one for one in queries.all_fields(owner) if one.key in touched and one.is_mirrored]
    if not rows:
        return
    FieldValue.objects.filter(record_id=record_id, field__in=rows).delete()
    FieldValue.objects.bulk_create(
        FieldValue(field=one, record_id=record_id, **side(one.type, attributes[one.key]))
        for one in rows
        if attributes.get(one.key) is not None
    )


def side(type_: str, kept: Any) -> dict[str, Any]:
    """A value as the side table holds it: a day is its first instant in UTC."""
    if type_ in NUMBERS:
        return {"number": Decimal(str(kept))}
    if type_ == Type.DATE:
        return {"instant": datetime.combine(datetime.fromisoformat(kept).date(), time(), UTC)}
    return {"instant": kinds.instant_in(kept)}


_FILL = """
INSERT INTO fields_fieldvalue (field_id, record_id, number, instant)
SELECT %s, id,
       CASE WHEN %s THEN (attributes ->> %s)::numeric END,
       CASE WHEN NOT %s THEN ((attributes ->> %s)::timestamp AT TIME ZONE 'UTC') END
FROM ({records}) held
ON CONFLICT (field_id, record_id) DO NOTHING
"""


def mirror_all(field: Field, records: QuerySet[Any]) -> None:
    """Write every value of a field of these records to the side table, by one statement in the caller's transaction."""
    held = records.filter(attributes__has_key=field.key).order_by().values("id", "attributes")
    text, parameters = held.query.sql_with_params()
    numbers = field.type in NUMBERS
    with connection.cursor() as cursor:
        cursor.execute(_FILL.format(records=text), [field.pk, numbers, field.key, numbers, field.key, *parameters])


def for_rest(fields: Collection[Field], attributes: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The values as REST shows them: by key, what they point to by its name (null where it may not be seen)."""
    shown = {}
    for one in fields:
        kept = attributes.get(one.key)
        shown[one.key] = names.slug(one.type, kept) or None if one.type in REFERENCES and kept is not None else kept
    return shown


def in_words(field: Field, kept: Any, names: Names) -> str:
    """A value as people read it; options by their label, also retired ones."""
    if kept is None:
        return ""
    if isinstance(kept, bool):
        return _("yes") if kept else _("no")
    if field.type in REFERENCES:
        return names.label(field.type, kept)
    labels = {one.key: one.label for one in field.options.all()} if field.type in {Type.CHOICE, Type.CHOICES} else {}
    if isinstance(kept, list):
        return ", ".join(labels.get(one, str(one)) for one in kept)
    return labels.get(kept, str(kept))
