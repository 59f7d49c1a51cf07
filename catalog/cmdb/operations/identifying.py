"""What identifies an item, said by people."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.cmdb.models import CI, Identifier
from catalog.cmdb.operations.editing import require_editor, require_living
from catalog.cmdb.operations.histories import BY_HAND, Origin, record
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput

MOST = 50


def set_identifiers(
    item: CI, wanted: Iterable[tuple[str, str]], *, actor: Actor, version: int | None, origin: Origin = BY_HAND
) -> CI:
    """These (scheme, value) and no others, normalised.

    Raises NotPermitted, InvalidInput, WrongState, Conflict (a value is another item's), StaleVersion and
    VersionRequired.
    """
    require_editor(item, actor)
    after = sorted({(scheme.strip().lower(), normalised(value)) for scheme, value in wanted})
    if len(after) > MOST or any(not scheme or not value for scheme, value in after):
        words = gettext("Send at most %(most)s identifiers, each with a scheme and a value.") % {"most": MOST}
        raise InvalidInput(words, {"identifiers": [words]})
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


def normalised(value: str) -> str:
    """Without blanks around it, in small letters: serials and names are typed either way."""
    return " ".join(value.split()).lower()[:500]
