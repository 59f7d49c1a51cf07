"""What identifies an item, said by people."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb.models import CI, CIClass, Identifier
from catalog.cmdb.operations.editing import require_editor, require_living
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from catalog.engine.identifiers import normalised_of
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput

MOST = 50


def set_identifiers(
    item: CI, wanted: Iterable[tuple[str, str]], *, actor: Actor, version: int | None, origin: Origin = BY_HAND
) -> CI:
    """These (scheme, value) and no others, in the form in which imports compare them, so that these find the item.

    The value of a joined scheme is written part by part: "4711 | Dell" of serial+vendor. Raises NotPermitted,
    InvalidInput (it identifies nothing), WrongState, Conflict (a value is another item's), StaleVersion and
    VersionRequired.
    """
    require_editor(item, actor)
    family = _family(item)
    after = sorted({_compared(scheme.strip().lower(), value, family) for scheme, value in wanted})
    if len(after) > MOST:
        raise InvalidInput.about("identifiers", gettext("Send at most %(most)s identifiers.") % {"most": MOST})
    with lifecycle.edit(item, actor=actor, version=version) as current:
        require_living(current)
        before = sorted(current.identifiers.values_list("scheme", "value"))
        if before == after:
            return current
        gone = set(before) - set(after)
        for scheme, value in gone:
            current.identifiers.filter(scheme=scheme, value=value).delete()
        _add(current, [one for one in after if one not in before])
        pair = {"identifiers": ([list(one) for one in before], [list(one) for one in after])}
        record(current, pair, actor=actor, at=timezone.now(), origin=origin)
        lifecycle.announce(current, "identified", actor=actor, changes={"identifiers": [len(before), len(after)]})
        current.version += 1
        current.save(update_fields=["version"])
    return current


def _add(item: CI, wanted: list[tuple[str, str]]) -> None:
    for scheme, value in wanted:
        try:
            with transaction.atomic():
                Identifier.objects.create(ci=item, scheme=scheme, value=value)
        except IntegrityError as error:
            words = gettext("Another item has the %(scheme)s %(value)s.") % {"scheme": scheme, "value": value[:80]}
            raise Conflict(words, scheme=scheme) from error


def _compared(scheme: str, value: str, family: str) -> tuple[str, str]:
    """As imports compare it. InvalidInput for what identifies nothing."""
    try:
        found = normalised_of(scheme, value, family)
    except ValueError as error:
        parts = {"scheme": scheme[:80], "parts": " | ".join(scheme.split("+"))[:80]}
        words = gettext("Write the value of %(scheme)s as: %(parts)s.") % parts
        raise InvalidInput.about("identifiers", words) from error
    if not scheme or found is None:
        words = gettext("%(scheme)s %(value)s tells nothing apart: send a scheme and a value of this one thing.")
        raise InvalidInput.about("identifiers", words % {"scheme": scheme[:80], "value": value[:80]})
    return scheme, found[:500]


def _family(item: CI) -> str:
    """The class whose schemes the item's class goes by."""
    classes = CIClass.objects.in_bulk(item.ci_class.lineage)
    lineage = [classes[pk] for pk in item.ci_class.lineage]
    return next((one.slug for one in reversed(lineage) if one.schemes), lineage[0].slug)
