"""How people and teams are found: by those who work here, with the records that are theirs."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Team, User
from itsm.search.offers import Entry

PERSON = _("person")


def person(user: User) -> Entry | None:
    """Nobody finds an account that was deactivated, nor anybody by an address: it could be guessed letter by letter."""
    if not user.is_active:
        return None
    return Entry(user.name or user.username, _page_of(user, user.username), user.username)


def team(one: Team) -> Entry:
    return Entry(one.name, _page_of(one, one.slug), one.slug)


def _page_of(record: User | Team, name: str) -> str:
    """Its own page where there is one; else all that is found under its name."""
    own = getattr(record, "get_absolute_url", None)
    return str(own()) if own is not None else f"/search/?q={quote(name)}"
