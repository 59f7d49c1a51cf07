"""A provider's groups may mean an own role: given at sign-in, taken with the group, gone where the role is retired."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from itsm.accounts.models import OwnRole, User
from itsm.accounts.operations import edit_person
from itsm.identity.models import GroupMapping, IdentityProvider
from itsm.identity.operations import preview, provision
from itsm.kernel.actors import Actor
from tests.itsm.identity.conftest import ada, mapped, trusted  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(db: None) -> OwnRole:
    return OwnRole.objects.create(slug="night", name="Night desk", rights=["desk.work", "incidents.respond"])


def come(provider: IdentityProvider, *groups: str) -> User:
    return User.objects.get(pk=provision(provider, ada(*groups), at=timezone.now()).pk)


def test_a_group_gives_an_own_role_and_takes_it_again(
    trusted: Callable[..., IdentityProvider],  # noqa: F811
    mapped: Callable[..., GroupMapping],  # noqa: F811
    night: OwnRole,
) -> None:
    provider = trusted()
    mapping = mapped(provider, "partners", "own:night")
    assert mapping.means == "Night desk"
    assert preview(provider, ada("partners")).people[0].roles_gained == ["own:night", "requester"]
    user = come(provider, "partners")
    assert (user.roles, user.own_roles) == (["requester"], ["night"])
    assert come(provider).own_roles == []


def test_what_was_given_by_hand_stays_and_a_retired_role_is_not_given(
    trusted: Callable[..., IdentityProvider],  # noqa: F811
    mapped: Callable[..., GroupMapping],  # noqa: F811
    night: OwnRole,
    admin: User,
    as_actor: Callable[..., Actor],
) -> None:
    provider = trusted()
    mapped(provider, "partners", "own:night")
    user = come(provider)
    edit_person(user, actor=as_actor(admin), version=None, version_required=False, own_roles=["night"])
    assert come(provider).own_roles == ["night"]
    edit_person(user, actor=as_actor(admin), version=None, version_required=False, own_roles=[])
    night.retired_at = timezone.now()
    night.save()
    assert come(provider, "partners").own_roles == []


def test_an_auditor_gets_none_and_comes_in_all_the_same(
    trusted: Callable[..., IdentityProvider],  # noqa: F811
    mapped: Callable[..., GroupMapping],  # noqa: F811
    night: OwnRole,
) -> None:
    provider = trusted(manages_roles=True)
    mapped(provider, "partners", "own:night")
    mapped(provider, "audit", "auditor")
    user = come(provider, "audit")
    User.objects.filter(pk=user.pk).update(roles=["auditor"])
    user = come(provider, "audit", "partners")
    assert (user.roles, user.own_roles) == (["auditor"], [])
