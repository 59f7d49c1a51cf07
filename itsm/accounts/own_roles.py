"""What own roles give, as SQL and as conditions: read in the statement that reads the account."""

from django.db.models import Q

from itsm.accounts.models import OwnRole

# Of a statement over accounts_user: the names in all standing own roles of the account.
NAMES_OF_ACCOUNT = (
    "ARRAY(SELECT unnest(rights) FROM accounts_ownrole"
    " WHERE retired_at IS NULL AND slug = ANY (accounts_user.own_roles))"
)


def roles_known() -> dict[str, str]:
    """Every role that may be given, by what it is called in files and mappings: of own ones the slug after `own:`."""
    return {f"own:{slug}": name for slug, name in OwnRole.objects.standing().values_list("slug", "name")}


def holding(right: str) -> Q:
    """The condition on accounts that some standing own role of theirs gives this right. An own role holds what its
    rights include, so its name is looked for as it is."""
    slugs = OwnRole.objects.standing().filter(rights__contains=[right]).values_list("slug", flat=True)
    return Q(own_roles__overlap=slugs)
