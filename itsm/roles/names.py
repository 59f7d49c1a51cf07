"""What an own role may be called: pages and mappings say its name alone, beside those of built-in roles."""

from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from itsm.accounts.models import OwnRole, Role
from itsm.kernel.errors import Conflict, InvalidInput
from itsm.kernel.texts import is_blank, read_alike

MAX_NAME = 100


def checked_name(name: str, mine: int | None = None) -> str:
    """As it is kept. One query. Raises InvalidInput (its length; a built-in role is read as the same), Conflict (an own
    role that stands is, and is not `mine`)."""
    if is_blank(name) or len(name.strip()) > MAX_NAME:
        raise InvalidInput.about("name", _("A name has 1 to %(most)s characters.") % {"most": MAX_NAME})
    key = read_alike(name)
    if key in _built_in():
        raise InvalidInput.about("name", _("A built-in role is called so; nobody could tell them apart."))
    if OwnRole.objects.standing().filter(name_key=key).exclude(pk=mine or 0).exists():
        raise taken(name)
    return name.strip()


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
