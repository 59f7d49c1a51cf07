"""Sources begin when they are first used; administrators say whose word goes first."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.cmdb.models import CIClass
from catalog.engine.precedence import PEOPLE
from catalog.reconciliation import permissions
from catalog.reconciliation.models import Precedence, Source
from catalog.reconciliation.operations.owing import owe_renewal
from catalog.reconciliation.vocabulary import EVERY_KEY, RANKS, Format
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.slugs import slug_of


def source_for(format: str, slug: str = "", *, actor: Actor) -> Source:
    """The source of this key, by default that of the format; made where there is none yet.

    Raises NotPermitted, and InvalidInput for a format that nobody knows, or a key that is another format's or people's.
    """
    require_importer(actor)
    wanted = slug_of(slug or format)
    if format not in Format.values or format == Format.PEOPLE or wanted == PEOPLE or not wanted:
        raise InvalidInput.about("format", gettext("Choose another format or another key of a source."))
    found = Source.objects.filter(slug=wanted).first()
    if found is None:
        with transaction.atomic():
            begun = {"name": slug or str(Format(format).label), "format": format, "rank": RANKS[Format(format)]}
            found, made = Source.objects.get_or_create(slug=wanted, defaults=begun)
            if made:
                lifecycle.created(found, actor=actor, changes={"format": [None, format]})
    if found.format != format:
        words = gettext("The source %(slug)s sends %(format)s.") % {"slug": wanted, "format": found.format}
        raise InvalidInput.about("source", words)
    return found


def require_importer(actor: Actor) -> None:
    """NotPermitted for who may not bring items in."""
    if not permissions.importers(actor):
        raise NotPermitted(gettext("%(actor_name)s may not bring items in.") % {"actor_name": actor.name})


def people() -> Source:
    """The source of what is written by hand."""
    found, _ = Source.objects.get_or_create(
        slug=PEOPLE, defaults={"name": "People", "format": Format.PEOPLE, "rank": RANKS[Format.PEOPLE]}
    )
    return found


def edit_source(
    source: Source, *, actor: Actor, version: int | None, silent_after: timedelta | None = None, **fields: Any
) -> Source:
    """Its `name`, its `rank`, and after how long a silence it yields (None: never). Where one of these two is another,
    what it said before is worked out anew, beginning with the commit.

    Raises NotPermitted, InvalidInput, StaleVersion and VersionRequired.
    """
    _require_keeper(actor)
    with transaction.atomic():
        with lifecycle.edit(source, actor=actor, version=version) as current:
            before = current.rank, current.silent_after
            for name, value in fields.items():
                setattr(current, name, value)
            current.silent_after = silent_after
        if before != (current.rank, current.silent_after):
            owe_renewal(current)
    return current


def set_precedence(ci_class: CIClass, source: Source, rank: int, *, actor: Actor, key: str = EVERY_KEY) -> Precedence:
    """For a class and what inherits from it this source has this rank, on one key or on every one: its items are worked
    out anew, beginning with the commit.

    Raises NotPermitted and Conflict (there is such a rule).
    """
    _require_keeper(actor)
    try:
        with transaction.atomic():
            made = Precedence.objects.create(ci_class=ci_class, source=source, rank=rank, key=key)
            owe_renewal(source)
            return lifecycle.created(made, actor=actor, changes={"rank": [None, rank], "key": [None, key]})
    except IntegrityError as error:
        raise Conflict(gettext("There is a rule for this class, key and source; change that one.")) from error


def remove_precedence(rule: Precedence, *, actor: Actor) -> None:
    """The source's own rank holds again, and its items are worked out anew. Raises NotPermitted."""
    _require_keeper(actor)
    with transaction.atomic():
        lifecycle.announce(rule, "removed", actor=actor, changes={"rank": [rule.rank, None]})
        rule.delete()
        owe_renewal(rule.source)


def _require_keeper(actor: Actor) -> None:
    if not permissions.source_keepers(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not say whose word goes first; an administrator may.")
            % {"actor_name": actor.name}
        )
