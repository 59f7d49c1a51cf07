"""Who becomes which account, and what a provider's groups give and take."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.models import EmailAddress, Session, Team, User
from itsm.accounts.operations import add_user, deactivate, edit_person, invite, reactivate
from itsm.accounts.raised import raised_by
from itsm.identity import operations
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import AllowedLink, ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations import deprovision, preview, provision, restore
from itsm.identity.operations.settling import settle
from itsm.identity.vocabulary import How, SignUp
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from tests.itsm.identity.conftest import ada

pytestmark = pytest.mark.django_db
Trusted = Callable[..., IdentityProvider]
Mapped = Callable[..., GroupMapping]
SYSTEM = Actor.system("tests")


def come(provider: IdentityProvider, said: Any) -> User:
    return provision(provider, said, at=timezone.now())


def the_roles(user: User) -> set[str]:
    return set(User.objects.get(pk=user.pk).roles)


def team(slug: str) -> Team:
    return Team.objects.create(slug=slug, name=slug.title())


def test_a_newcomer_gets_an_account_once(trusted: Trusted) -> None:
    provider = trusted()
    user = come(provider, ada())
    assert (user.username, user.name, user.email, user.roles) == ("ada", "Ada L.", "ada@acme.test", ["requester"])
    assert user.addresses.get().verified_at is not None
    assert come(provider, ada(email="other@acme.test", name="Ada Lovelace")) == user
    assert ExternalIdentity.objects.count() == 1


def test_an_unverified_address_is_nobodys(trusted: Trusted) -> None:
    user = come(trusted(), ada(email_verified=False))
    assert user.email == ""
    assert not EmailAddress.objects.exists()
    assert ExternalIdentity.objects.get().email_said == "ada@acme.test"


def test_two_providers_with_one_address_make_two_accounts(trusted: Trusted) -> None:
    first = come(trusted("one"), ada())
    second = come(trusted("two"), ada(subject="b-2"))
    assert first != second
    assert (first.email, second.email) == ("ada@acme.test", "")


@pytest.mark.parametrize("how", ["a password", "known elsewhere", "never invited", "unverified", "another domain"])
def test_an_address_lets_nobody_into_an_account_in_use(how: str, trusted: Trusted, admin: User) -> None:
    provider = trusted(domains=["elsewhere.test"] if how == "another domain" else [])
    there = add_user(actor=SYSTEM, username="lovelace", roles=["admin"], email="ada@acme.test")
    if how != "never invited":
        User.objects.filter(pk=there.pk).update(invited_at=timezone.now())
    if how == "a password":
        there.set_password("long and known to ada")
        there.save()
    if how == "known elsewhere":
        other = trusted("other")
        at = timezone.now()
        ExternalIdentity.objects.create(provider=other, subject="x", user=there, first_at=at, said_at=at)
    came = come(provider, ada(email_verified=how != "unverified"))
    assert came != there
    assert came.roles == ["requester"]


def test_a_verified_address_leads_to_who_was_invited(trusted: Trusted, admin: User, as_actor: Any) -> None:
    provider = trusted(sign_up=SignUp.INVITED)
    with pytest.raises(SignUpRefused, match="No account here waits") as refused:
        come(provider, ada())
    assert refused.value.extra == {"reason": "not_invited"}
    there = add_user(actor=SYSTEM, username="lovelace", roles=["engineer"], email="ADA@acme.test")
    invite(there, actor=as_actor(admin))
    assert preview(provider, ada()).people[0].how is How.LINKED
    assert come(provider, ada()) == there
    assert come(provider, ada(email="", email_verified=False)) == there
    assert the_roles(there) == {"engineer"}


def test_beside_somebody_verified_who_only_says_the_same_address_is_nobody_here(
    trusted: Trusted, admin: User, as_actor: Any
) -> None:
    there = add_user(actor=SYSTEM, username="lovelace", roles=["engineer"], email="ada@acme.test")
    invite(there, actor=as_actor(admin))
    people = preview(trusted(), [ada(), ada(subject="eve", email_verified=False)]).people
    assert [one.how for one in people] == [How.LINKED, How.NEW]


def test_an_administrator_allows_a_link_once(trusted: Trusted, admin: User, as_actor: Any) -> None:
    provider = trusted(sign_up=SignUp.INVITED)
    there = add_user(actor=SYSTEM, username="lovelace", roles=["engineer"], email="ada@acme.test", password="x" * 20)
    operations.allow_links(
        provider, [there], actor=replace(as_actor(admin), proved_at=timezone.now()), at=timezone.now()
    )
    assert AllowedLink.objects.get().user == there
    assert come(provider, ada()) == there
    assert not AllowedLink.objects.exists()
    with pytest.raises(SignUpRefused):
        come(provider, ada(subject="another"))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (ada(email="eve@evil.test"), "domain"),
        (ada(email="eve@acme.test.evil.test"), "domain"),
        (ada(email_verified=False), "unverified"),
        (ada(subject=" "), "incomplete"),
    ],
)
def test_sign_up_by_domain(said: Any, reason: str, trusted: Trusted) -> None:
    provider = trusted(sign_up=SignUp.DOMAINS, domains=["acme.test"])
    assert come(provider, ada()).username == "ada"
    with pytest.raises(SignUpRefused) as refused:
        come(provider, replace(said, subject=said.subject.replace("a-1", "e-1")))
    assert refused.value.reason == reason


def test_a_name_that_is_taken_gets_a_number(trusted: Trusted, admin: User) -> None:
    came = come(trusted(), ada(login_hint="ACME\\Admin"))
    assert (admin.username, came.username) == ("admin", "admin2")


def test_groups_give_and_take_what_they_gave(trusted: Trusted, mapped: Mapped) -> None:
    provider, shop, web = trusted(), team("shop"), team("web")
    mapped(provider, "engineers", "engineer")
    mapped(provider, "approvers", "approver")
    mapped(provider, "shop", team=shop, lead=True)
    mapped(provider, "web", team=web)
    user = come(provider, ada("engineers", "shop", "unknown"))
    assert the_roles(user) == {"requester", "engineer"}
    assert list(user.memberships.values_list("team__slug", "lead")) == [("shop", True)]
    edit_person(
        user,
        actor=SYSTEM,
        version=None,
        version_required=False,
        roles=["agent", *user.roles],
        memberships={shop: True, web: False},
    )
    come(provider, ada("approvers"))
    assert the_roles(user) == {"requester", "agent", "approver"}, "what was given by hand stays"
    assert list(user.memberships.values_list("team__slug", flat=True)) == ["web"]
    come(provider, ada(groups=None))
    assert the_roles(user) == {"requester", "agent", "approver"}, "nothing said, nothing taken"


def test_groups_that_decide_take_what_they_do_not_give(trusted: Trusted, mapped: Mapped) -> None:
    provider, web = trusted(manages_roles=True, manages_teams=True), team("web")
    mapped(provider, "engineers", "engineer")
    user = come(provider, ada("engineers"))
    edit_person(user, actor=SYSTEM, version=None, version_required=False, roles=["admin"], memberships={web: True})
    come(provider, ada("engineers"))
    assert the_roles(user) == {"engineer"}
    assert not user.memberships.exists()


def test_the_last_administrator_stays_one(trusted: Trusted, mapped: Mapped, admin: User) -> None:
    provider = trusted(manages_roles=True)
    at = timezone.now()
    ExternalIdentity.objects.create(provider=provider, subject="a-1", user=admin, first_at=at, said_at=at)
    assert preview(provider, ada()).people[0].keeps_desk
    assert "admin" in the_roles(come(provider, ada()))
    add_user(actor=SYSTEM, username="second", roles=["admin"])
    assert "admin" not in the_roles(come(provider, ada()))
    with pytest.raises(Conflict):
        deactivate(User.objects.get(username="second"), actor=SYSTEM)


def test_what_another_provider_gives_is_not_taken(trusted: Trusted, mapped: Mapped) -> None:
    one, two = trusted("one"), trusted("two")
    mapped(one, "e", "engineer")
    mapped(two, "e", "engineer")
    user = come(one, ada("e"))
    at = timezone.now()
    ExternalIdentity.objects.create(provider=two, subject="b", user=user, first_at=at, said_at=at)
    come(two, ada("e", subject="b"))
    come(one, ada())
    assert "engineer" in the_roles(user), "two gave it by the same right, and still does"


def test_who_left_there_is_out_here_and_may_come_back(trusted: Trusted, mapped: Mapped) -> None:
    provider = trusted()
    mapped(provider, "e", "engineer")
    user = come(provider, ada("e"))
    Session.objects.create(
        key_hash="0" * 64, user=user, data="", created_at=timezone.now(), last_seen_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert not deprovision(provider, "a-1", at=timezone.now()).is_active
    assert not deprovision(provider, "a-1", at=timezone.now()).is_active, "twice is once"
    assert not Session.objects.filter(user=user).exists()
    with pytest.raises(SignUpRefused, match="closed"):
        come(provider, ada("e"))
    assert restore(provider, "a-1", at=timezone.now()).is_active
    assert the_roles(come(provider, ada("e"))) == {"requester", "engineer"}


def test_whom_an_administrator_closed_no_provider_opens(trusted: Trusted, admin: User, as_actor: Any) -> None:
    provider = trusted()
    user = come(provider, ada())
    deactivate(user, actor=as_actor(admin))
    assert not restore(provider, "a-1", at=timezone.now()).is_active
    with pytest.raises(SignUpRefused, match="closed"):
        come(provider, ada())


def test_a_withdrawn_provider_lets_nobody_in(trusted: Trusted, admin: User, as_actor: Any) -> None:
    provider = trusted()
    come(provider, ada())
    operations.withdraw(provider, actor=as_actor(admin), version=1, at=timezone.now())
    with pytest.raises(SignUpRefused, match="lets nobody in"):
        come(provider, ada())


def test_whom_a_mapping_raised_counts_as_raised_by_who_mapped(trusted: Trusted, mapped: Mapped, admin: User) -> None:
    User.objects.update(created_at=timezone.now() - timedelta(days=30))
    provider = trusted()
    mapped(provider, "a", "approver")
    user = come(provider, ada())
    assert raised_by(user.pk, [admin.pk]) is None
    come(provider, ada("a"))
    assert raised_by(user.pk, [admin.pk]) == str(admin)
    assert raised_by(user.pk, [user.pk]) is None


def test_the_preview_says_what_happens_and_writes_nothing(trusted: Trusted, mapped: Mapped) -> None:
    provider, shop = trusted(), team("shop")
    mapped(provider, "e", "engineer")
    user = come(provider, ada("e"))
    drafts = [mapped(provider, "shop", team=shop, trusted_at=None), *GroupMapping.objects.filter(group="e")]
    plan = preview(provider, [ada("shop"), ada("e", subject="b", email="bob@acme.test")], mappings=drafts)
    first, second = plan.people
    assert (first.roles_lost, first.teams_joined, second.how, second.username) == (
        ["engineer"],
        [shop.pk],
        How.NEW,
        "bob",
    )
    assert (plan.gained, plan.lost, plan.widens) == ({"engineer": 1, "requester": 1}, {"engineer": 1}, True)
    assert the_roles(user) == {"requester", "engineer"}
    assert User.objects.filter(username="bob").count() == 0


def test_an_ended_mapping_takes_back_what_it_gave(trusted: Trusted, mapped: Mapped, admin: User, as_actor: Any) -> None:
    provider = trusted()
    mapping = mapped(provider, "e", "engineer")
    user = come(provider, ada("e"))
    operations.end_mapping(mapping, actor=as_actor(admin), version=1, at=timezone.now())
    assert settle(timezone.now()) == 1
    assert the_roles(user) == {"requester"}
    assert settle(timezone.now()) == 0


def test_an_address_that_somebody_only_named_brings_them_nobody(trusted: Trusted, mapped: Mapped, admin: User) -> None:
    """Bo may be known by the provider, and names the address of who comes tomorrow: they are not made one."""
    provider = trusted()
    mapped(provider, "keepers", role="admin")
    bo = add_user(actor=SYSTEM, username="bo", roles=["requester"], email="bo@acme.test", password="long and bo's own")
    EmailAddress.objects.create(user=bo, email="ada@acme.test")
    AllowedLink.objects.create(provider=provider, user=bo, allowed_by=admin, at=timezone.now())
    assert come(provider, ada("keepers")) != bo
    assert the_roles(bo) == {"requester"}
    EmailAddress.objects.filter(email="ada@acme.test").delete()
    assert come(provider, ada(subject="b-2", email="bo@acme.test")) == bo, "what an administrator wrote is theirs"


@pytest.mark.parametrize("before", ["never theirs to close", "closed and opened before"])
def test_taking_away_and_giving_back_opens_nothing_that_an_administrator_closed(
    before: str, trusted: Trusted, admin: User, as_actor: Any
) -> None:
    provider, at = trusted(), timezone.now()
    user = come(provider, ada())
    if before == "closed and opened before":
        deprovision(provider, "a-1", at=at)
        reactivate(User.objects.get(pk=user.pk), actor=as_actor(admin))
    deactivate(User.objects.get(pk=user.pk), actor=as_actor(admin))
    deprovision(provider, "a-1", at=at)
    assert not restore(provider, "a-1", at=at).is_active
    assert not User.objects.get(pk=user.pk).is_active


def test_only_the_provider_that_closed_an_account_opens_it(trusted: Trusted) -> None:
    one, other, at = trusted("one"), trusted("two"), timezone.now()
    user = come(one, ada())
    ExternalIdentity.objects.create(provider=other, subject="x", user=user, first_at=at, said_at=at)
    deprovision(one, "a-1", at=at)
    deprovision(other, "x", at=at)
    assert not restore(other, "x", at=at).is_active
    assert restore(one, "a-1", at=at).is_active


def test_an_account_that_was_opened_by_hand_is_told_the_remedy_and_let_in_by_it(
    trusted: Trusted, mapped: Mapped, admin: User, as_actor: Any
) -> None:
    """The provider still says that they have left: opening the account is not enough, and the refusal says what is."""
    provider = trusted()
    user = come(provider, ada())
    deprovision(provider, "a-1", at=timezone.now())
    reactivate(user, actor=as_actor(admin))
    with pytest.raises(SignUpRefused, match=r"said that you have left.*be known by"):
        come(provider, ada())
    proven = replace(as_actor(admin), proved_at=timezone.now())
    operations.allow_links(provider, [user], actor=proven, at=timezone.now())
    assert come(provider, ada()) == user
    assert not provider.allowed_links.exists()
