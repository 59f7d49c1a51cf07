"""What a directory says of somebody, as the identity takes it."""

from collections.abc import Collection

from itsm.directory.configured import Directory
from itsm.directory.people import Person
from itsm.identity.models import MAX_GROUP, GroupMapping, IdentityProvider
from itsm.identity.protocols import Identified


def identified(
    provider: IdentityProvider,
    directory: Directory,
    person: Person,
    groups: tuple[str, ...],
    mapped: Collection[str] | None = None,
) -> Identified:
    """`mapped`: the groups that mean something here; None: they are read. They come first, as of very many groups some
    are not kept."""
    meant = mapped_groups(provider) if mapped is None else mapped
    ordered = sorted((one[:MAX_GROUP] for one in groups), key=lambda one: (one not in meant, one))
    return Identified(
        person.subject, person.mail, directory.believes_addresses and bool(person.mail), person.name or person.login,
        tuple(ordered), person.login,
    )  # fmt: skip


def mapped_groups(provider: IdentityProvider) -> frozenset[str]:
    rows = GroupMapping.objects.filter(provider=provider, withdrawn_at=None)
    return frozenset(rows.values_list("group", flat=True))
