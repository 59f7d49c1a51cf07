"""Providers of identity, whom each of them knows here, and what its groups mean."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.own_roles import role_label
from itsm.administration import trust
from itsm.alike import ReadAlike
from itsm.identity.permissions import readers
from itsm.identity.vocabulary import Protocol, Refusal, SignUp, Standing
from itsm.kernel.actors import Actor

MAX_SUBJECT = 300  # characters of how a provider calls somebody
MAX_GROUP = 300
MAX_GROUPS = 500  # of one person, as far as they are kept
MAX_DOMAINS = 50


class OfKeepers(trust.OfKeepers):
    def may_read(self, actor: Actor) -> bool:
        """Administrators and auditors."""
        return readers(actor)


class Trust(trust.Trust):
    """A provider, or what a group of it means."""

    stands = (Standing.DRAFT, Standing.TRUSTED, Standing.WITHDRAWN)

    objects = OfKeepers.as_manager()

    class Meta:
        abstract = True


class IdentityProvider(Trust):
    """Who says who somebody is, and how that is asked.

    `configuration`: what the protocol's module takes (`itsm.identity.protocols`); secrets stand in it by name, they lie
    in HEADROOM_SECRETS_DIR. `domains`: of mail addresses, for `sign_up` by domain; where there are some, an account
    that waits is linked by an address of theirs alone. `manages_roles`, `manages_teams`: the mapping decides all of
    them, what is not given is taken; else only what the mapping gave is taken back by it.
    """

    kind = "identity_provider"

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_key = ReadAlike(of="name", unique=True)  # the history and pages call it by its name alone
    protocol = models.CharField(_("protocol"), max_length=8, choices=Protocol)
    sign_up = models.CharField(_("accounts are made for"), max_length=10, choices=SignUp, default=SignUp.INVITED)
    domains = ArrayField(models.CharField(max_length=253), verbose_name=_("domains"), default=list, blank=True)
    configuration = models.JSONField(_("configuration"), default=dict)
    manages_roles = models.BooleanField(_("its groups decide all roles"), default=False)
    manages_teams = models.BooleanField(_("its groups decide all teams"), default=False)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("set up by"))
    # What was read of it, as its protocol keeps it: keys, metadata, how far a sync came.
    known = models.JSONField(_("known of it"), default=dict, editable=False)
    known_at = models.DateTimeField(_("known since"), null=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    # Its mappings changed: whom it knows is still to be given what they mean now.
    settling_owed = models.BooleanField(_("mappings are still to be applied"), default=False, editable=False)

    class Meta:
        verbose_name = _("identity provider")
        verbose_name_plural = _("identity providers")
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(sign_up=SignUp.DOMAINS) | ~Q(domains=[]), name="sign_up_by_domain_names_one"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/settings/identity/{self.slug}/"


class ExternalIdentity(models.Model):
    """Whom a provider knows, and which account that is here: by what the provider calls them, never by an address.

    `email_said`, `name_said`, `groups`: as the provider said last, at `said_at`. `given`: what its mapping gave and may
    take back: `{"roles": [...], "teams": {"<id>": leads}}`. `ended_at`: the provider took them away. `closed_as`: the
    account's `access_version` where that closed the account; what was closed by anybody else it does not open.
    """

    kind = "external_identity"

    provider = models.ForeignKey(IdentityProvider, models.PROTECT, related_name="identities", db_index=False)
    subject = models.CharField(_("called there"), max_length=MAX_SUBJECT)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="identities", verbose_name=_("person"))
    email_said = models.CharField(_("address there"), max_length=254, blank=True)
    name_said = models.CharField(_("name there"), max_length=150, blank=True)
    groups = ArrayField(models.CharField(max_length=MAX_GROUP), verbose_name=_("groups there"), default=list)
    given = models.JSONField(_("given by its groups"), default=dict)
    first_at = models.DateTimeField(_("first at"))
    said_at = models.DateTimeField(_("said at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    closed_as = models.PositiveIntegerField(_("account closed by it"), null=True)

    class Meta:
        verbose_name = _("identity at a provider")
        verbose_name_plural = _("identities at providers")
        ordering = ("provider", "id")
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="a_subject_is_one_account"),
            models.UniqueConstraint(fields=["provider", "user"], name="an_account_is_one_subject_of_a_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.provider_id}"


class AllowedLink(models.Model):
    """An administrator let this account be known by this provider: by who has its address, verified, there. Once."""

    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="allowed_links", db_index=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    allowed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("allowed by"))
    at = models.DateTimeField(_("allowed at"))

    class Meta:
        verbose_name = _("allowed link")
        verbose_name_plural = _("allowed links")
        ordering = ("provider", "id")
        constraints = [models.UniqueConstraint(fields=["provider", "user"], name="a_link_is_allowed_once")]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.provider_id}"


class GroupMapping(Trust):
    """Who is in this group of the provider has this role here, or is in this team."""

    kind = "group_mapping"

    provider = models.ForeignKey(IdentityProvider, models.PROTECT, related_name="mappings", verbose_name=_("provider"))
    group = models.CharField(_("group"), max_length=MAX_GROUP)
    role = models.CharField(_("role"), max_length=70, blank=True)  # a built-in one, or own:<slug>
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    lead = models.BooleanField(_("leads the team"), default=False)
    mapped_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("mapped by"))

    class Meta:
        verbose_name = _("group mapping")
        verbose_name_plural = _("group mappings")
        ordering = ("provider", "group", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(role="", team__isnull=False) | (~Q(role="") & Q(team=None, lead=False)),
                name="a_group_means_a_role_or_a_team",
            ),
            models.UniqueConstraint(
                fields=["provider", "group", "role"],
                condition=Q(withdrawn_at=None) & ~Q(role=""),
                name="a_group_is_a_role_once",
            ),
            models.UniqueConstraint(
                fields=["provider", "group", "team"],
                condition=Q(withdrawn_at=None, team__isnull=False),
                name="a_group_is_a_team_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.means}"

    @property
    def means(self) -> str:
        """The role or the team, in words."""
        if self.team is None:
            return role_label(self.role)
        return str(_("%(team)s, as lead") % {"team": self.team.name}) if self.lead else self.team.name

    @property
    def reference(self) -> str:
        return f"group-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"/settings/identity/{self.provider.slug}/"


class RefusedSignIn(models.Model):
    """Somebody who wanted to come in by a provider and was not let in: why. Kept for thirty days."""

    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="refused", db_index=False)
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=20, choices=Refusal)
    sentence = models.CharField(_("in words"), max_length=500)
    said = models.CharField(_("who"), max_length=MAX_SUBJECT, blank=True)

    class Meta:
        verbose_name = _("refused sign-in")
        verbose_name_plural = _("refused sign-ins")
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["provider", "-at"], name="refused_sign_ins_by_time")]

    def __str__(self) -> str:
        return f"{self.reason} at {self.at}"
