"""How people show who they are: providers, second factors, sealed administrators; and roles that hold too much."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.models import OwnRole, Role
from itsm.accounts.named_rights import named_rights
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import SignUp
from itsm.second_factors import queries as factors
from itsm.security.findings import MOST_SHOWN, Area, Finding, Gravity, listed

WIDE_SHARE = 0.5  # of all named rights, that one role holds
DRAFT_FOR = timedelta(days=14)
_DECIDE = (Role.ADMIN, Role.MANAGER, Role.APPROVER, Role.OWNER)


def providers() -> Iterator[Finding]:
    """Whom this desk believes about who somebody is."""
    path = reverse("identity:list")
    trusted = list(IdentityProvider.objects.standing().order_by("name"))
    if trusted:
        yield Finding(
            "single-sign-on",
            Area.WAYS_IN,
            Gravity.GOOD,
            _("People come in by their company's provider"),
            _("Who leaves there is out here, and what is asked of them there holds here."),
            path=path,
            **listed(trusted),
        )
    else:
        yield Finding(
            "single-sign-on",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("No identity provider is connected"),
            _("Passwords are kept here, and who leaves the company has to be deactivated here by somebody."),
            _("Connect one: OpenID Connect, SAML, LDAP or SCIM."),
            path,
        )
    if everybody := [one for one in trusted if one.sign_up == SignUp.EVERYBODY]:
        yield Finding(
            "sign-up-of-everybody",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("Everybody of a provider gets an account"),
            _("Also its guests and test accounts: they may ask for things, and read what everybody reads."),
            _("Let in those of your domains, or who is invited."),
            path,
            **listed(everybody),
        )
    failing = [one for one in trusted if one.last_error]
    if failing:
        yield Finding(
            "providers-fail",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("A provider did not answer as it should"),
            failing[0].last_error,
            _("Open it and test the connection."),
            path,
            **listed(failing),
        )
    old = timezone.now() - DRAFT_FOR
    drafts = IdentityProvider.objects.filter(trusted_at=None, withdrawn_at=None, asked_at__lt=old)
    if rows := list(drafts.order_by("asked_at")[:MOST_SHOWN]):
        yield Finding(
            "untrusted-providers",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("A provider was set up and never verified"),
            _("Nobody comes in by it, and nobody knows why it is there."),
            _("Test it and trust it, or withdraw it."),
            path,
            **listed(rows, drafts.count()),
        )


def second_factors() -> Iterator[Finding]:
    """Who decides with nothing but a password."""
    path = reverse("factor_rules:rules")
    without = factors.without_factor(factors.people_with(*(role.value for role in _DECIDE)))
    if count := without.count():
        admins = factors.without_factor(factors.people_with(Role.ADMIN.value)).exists()
        yield Finding(
            "deciders-without-factor",
            Area.PEOPLE,
            Gravity.WEAK if admins else Gravity.OPEN,
            _("People who decide have nothing but a password"),
            _("A password that was fished approves changes and opens this desk wider."),
            _("Ask for a second factor by role, with some days of grace."),
            path,
            **listed(list(without.order_by("username")[:MOST_SHOWN]), count),
        )
    else:
        yield Finding(
            "deciders-without-factor",
            Area.PEOPLE,
            Gravity.GOOD,
            _("Everybody who decides has a second factor"),
            _("Administrators, change managers, approvers and service owners."),
            path=path,
        )
    if not any(one.role == Role.ADMIN and one.rule is not None and one.rule.required for one in factors.standings()):
        yield Finding(
            "no-factor-rule",
            Area.PEOPLE,
            Gravity.OPEN,
            _("No rule asks administrators for a second factor"),
            _("Who has one may take it away again, and the next administrator has none."),
            _("Ask for it by role."),
            path,
        )


def sealed() -> Iterator[Finding]:
    """Whether somebody gets in when every provider is down."""
    path = reverse("factor_rules:break_glass")
    if not factors.sealed_accounts():
        yield Finding(
            "no-break-glass",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("There is no sealed administrator"),
            _("When the provider is down, or the last administrator's key is lost, nobody gets in."),
            _("./manage.py break_glass makes one; put its password into a safe."),
            path,
        )
    elif rows := factors.untested_break_glass(timezone.now()):
        yield Finding(
            "break-glass-untested",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("A sealed administrator was not tried for ninety days"),
            _("What was never tried does not work on the day when it is needed."),
            _("Sign in with it once, as a drill."),
            path,
            **listed([one.user for one in rows]),
        )


def wide_roles() -> Iterator[Finding]:
    """Own roles that hold half of everything are no narrower than a built-in one."""
    most = len(named_rights()) * WIDE_SHARE
    wide = [one for one in OwnRole.objects.standing() if len(one.rights) > most]
    if wide:
        yield Finding(
            "wide-roles",
            Area.PEOPLE,
            Gravity.OPEN,
            _("Roles of your own hold more than half of all rights"),
            _("A role is narrow or it protects nothing."),
            _("Take what its people do not need; what was taken is gone with the next request."),
            reverse("roles:list"),
            **listed(wide),
        )


CHECKS = (providers, second_factors, sealed, wide_roles)
