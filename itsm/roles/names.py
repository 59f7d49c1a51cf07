"""What an own role may be called: pages and mappings say its name alone, beside those of built-in roles, and a table of
people its name or its slug."""

from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from itsm.accounts.models import OwnRole, Role
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.kernel.texts import is_blank, read_alike
from itsm.locks import AdvisoryLock, one_at_a_time
from itsm.slugs import slug_of

MAX_NAME = 100
_BETWEEN_NAMES = frozenset(",;|\n")  # of a cell (`itsm.accounts.roster`)
_RESERVED = frozenset({"new", "why", "look", "built-in", "rights", *Role.values})  # other pages, and built-in roles


def checked_name(name: str, mine: int | None = None) -> str:
    """As it is kept, in the caller's transaction. Three queries. Raises InvalidInput (its length; a sign that parts
    names; a built-in role is read as the same), Conflict (an own role that stands is, or its slug, not `mine`)."""
    if is_blank(name) or len(name.strip()) > MAX_NAME:
        raise InvalidInput.about("name", _("A name has 1 to %(most)s characters.") % {"most": MAX_NAME})
    if set(name.strip()) & _BETWEEN_NAMES:
        raise InvalidInput.about("name", _("No comma, semicolon or bar: they part names in tables of people."))
    one_at_a_time(AdvisoryLock.OWN_ROLES)  # of its name and the slugs of others no constraint knows
    key = read_alike(name)
    if key in _built_in():
        raise InvalidInput.about("name", _("A built-in role is called so; nobody could tell them apart."))
    others = OwnRole.objects.standing().exclude(pk=mine or 0)
    if others.filter(name_key=key).exists() or key in map(read_alike, others.values_list("slug", flat=True)):
        raise taken(name)
    return name.strip()


def checked_slug(slug: str, name: str) -> str:
    """As it is kept; made of the name where none is said. One query. Raises InvalidInput (another page's address; about
    the name where it gave the slug), Conflict (an own role that stands is called so)."""
    made = (slug or slug_of(name))[:63].strip("-") or "role"
    if made in _RESERVED:
        sentence = _("%(slug)s is the address of another page; say another.")
        raise InvalidInput.about("slug" if slug else "name", sentence % {"slug": made})
    if OwnRole.objects.standing().filter(name_key=read_alike(made)).exists():
        raise taken(made)
    return made


def taken(name: str) -> Conflict:
    """Also for what the database refuses, where another was quicker."""
    return Conflict(_("There is a role called %(name)s already.") % {"name": name.strip()})


@cache
def _built_in() -> frozenset[str]:
    """Keys of their names in every language of the desk, and of the words that programs say."""
    found = {read_alike(word) for word in Role.values}
    for tongue, _name in settings.LANGUAGES:
        with translation.override(tongue):
            found |= {read_alike(str(label)) for label in Role.labels}
    return frozenset(found)
