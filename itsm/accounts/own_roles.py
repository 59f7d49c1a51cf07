"""What own roles give, as SQL and as conditions: read in the statement that reads the account."""

from collections.abc import Collection

from django.db.models import Q

from itsm.accounts.models import OwnRole, Role, User
from itsm.accounts.named_rights import named_rights

# Of a statement over accounts_user: the names in all standing own roles of the account.
NAMES_OF_ACCOUNT = (
    "ARRAY(SELECT unnest(rights) FROM accounts_ownrole"
    " WHERE retired_at IS NULL AND slug = ANY (accounts_user.own_roles))"
)


def roles_known() -> dict[str, str]:
    """Every own role that may be given, by what it is called in mappings: the slug after `own:`."""
    return {f"{OWN}{slug}": name for slug, name in OwnRole.objects.standing().values_list("slug", "name")}


OWN = "own:"


def role_label(role: str) -> str:
    """A role's name for people, built in or own (`own:<slug>`); a word that is neither, as it stands."""
    if not role.startswith(OWN):
        return str(dict(Role.choices).get(role, role))
    slug = role.removeprefix(OWN)
    return OwnRole.objects.filter(slug=slug).values_list("name", flat=True).first() or slug


def roles_of(user: User) -> frozenset[str]:
    """Built-in and own ones, as mappings name them."""
    return frozenset(user.roles) | {f"{OWN}{slug}" for slug in user.own_roles}


def told_apart(roles: Collection[str]) -> tuple[list[str], list[str]]:
    """The built-in ones, and the slugs of own ones."""
    own = sorted(one.removeprefix(OWN) for one in roles if one.startswith(OWN))
    return sorted(one for one in roles if not one.startswith(OWN)), own


def lent_to(user: User) -> frozenset[str]:
    """The built-in roles whose words their own roles lend: who holds one may do things of that role, and whatever is
    asked of who has the role is asked of them."""
    if not user.own_roles:
        return frozenset()
    rows = OwnRole.objects.standing().filter(slug__in=user.own_roles).values_list("rights", flat=True)
    return frozenset(role for rights in rows for role in _lent_by(rights))


def lending(roles: Collection[str]) -> list[str]:
    """The slugs of the standing own roles that lend one of these built-in roles."""
    wanted = set(roles)
    rows = OwnRole.objects.standing().values_list("slug", "rights")
    return sorted(slug for slug, rights in rows if wanted & _lent_by(rights))


def _lent_by(rights: Collection[str]) -> set[str]:
    known = named_rights()
    return {known[one].lends.value for one in rights if one in known}


def holding(right: str) -> Q:
    """The condition on accounts that some standing own role of theirs gives this right. An own role holds what its
    rights include, so its name is looked for as it is."""
    slugs = OwnRole.objects.standing().filter(rights__contains=[right]).values_list("slug", flat=True)
    return Q(own_roles__overlap=slugs)
