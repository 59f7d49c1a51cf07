"""Who may ask for an item, and who may not."""

import re
from typing import Any

from django.utils.translation import gettext

from catalog.items.models import CatalogItem, Entitlement
from catalog.items.vocabulary import MAX_TOKENS
from itsm.accounts.models import Location, Role, Team, User
from itsm.kernel.errors import InvalidInput

_NUMBERED = re.compile(r"(team|user):([1-9][0-9]{0,17})", re.ASCII)


def entitlements_of(item: CatalogItem) -> list[dict[str, Any]]:
    """As they are sent: {token, allow}, by token. One query."""
    rows = Entitlement.objects.filter(item=item).order_by("token").values_list("token", "allow")
    return [{"token": token, "allow": allow} for token, allow in rows]


def entitle(item: CatalogItem, wanted: list[dict[str, Any]]) -> None:
    """These and no others, in the caller's transaction, which holds the item. Raises InvalidInput."""
    said = {one["token"]: bool(one["allow"]) for one in wanted}
    if len(said) != len(wanted):
        raise _refused(gettext("Name each once: it may ask for the item, or it may not."))
    if len(said) > MAX_TOKENS:
        raise _refused(gettext("At most %(most)d of them.") % {"most": MAX_TOKENS})
    _require_known(list(said))
    Entitlement.objects.filter(item=item).delete()
    Entitlement.objects.bulk_create(Entitlement(item=item, token=token, allow=allow) for token, allow in said.items())
    note(item)


def note(item: CatalogItem) -> None:
    """Say on the item itself, for its history and for search, what its entitlements are now. Saved. Raises nothing."""
    item.entitled = [one["token"] if one["allow"] else f"-{one['token']}" for one in entitlements_of(item)]
    item.save(update_fields=["entitled"])


def _require_known(tokens: list[str]) -> None:
    ids: dict[str, set[int]] = {"team": set(), "user": set()}
    places: set[str] = set()
    roles = {f"role:{one.value}" for one in Role}
    for token in tokens:
        if found := _NUMBERED.fullmatch(token):
            ids[found[1]].add(int(found[2]))
        elif token.startswith("location:"):
            places.add(token.removeprefix("location:"))
        elif token not in ("all", "staff") and token not in roles:
            words = gettext("%(token)s is none of all, staff, team:<id>, user:<id>, role:<role>, location:<slug>.")
            raise _refused(words % {"token": token[:60]})
    if len(Team.objects.standing().filter(pk__in=ids["team"])) != len(ids["team"]):
        raise _refused(gettext("Name teams that are there and not retired."))
    if len(Location.objects.filter(slug__in=places, retired_at=None)) != len(places):
        raise _refused(gettext("Name places that are there and not retired."))
    if len(User.objects.filter(pk__in=ids["user"], is_active=True)) != len(ids["user"]):
        raise _refused(gettext("Name people who are there and active."))


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput.about("entitlements", sentence)
