"""People, teams, and the tokens by which programs sign in."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from itsm.accounts.ownership import PROGRAMS_BELONG_TO_PEOPLE
from itsm.kernel.actors import Kind as ActorKind
from itsm.kernel.actors import Role as ActorRole


class Role(models.TextChoices):
    """The kernel's roles with their names for people."""

    REQUESTER = ActorRole.REQUESTER.value, _("Requester")
    AGENT = ActorRole.AGENT.value, _("Service-desk agent")
    ENGINEER = ActorRole.ENGINEER.value, _("Engineer")
    APPROVER = ActorRole.APPROVER.value, _("Approver")
    MANAGER = ActorRole.MANAGER.value, _("Change manager")
    OWNER = ActorRole.OWNER.value, _("Service owner")
    AUDITOR = ActorRole.AUDITOR.value, _("Auditor")
    ADMIN = ActorRole.ADMIN.value, _("Administrator")


class Team(models.Model):
    """Who runs services together."""

    kind = "team"

    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=100)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug


class People(BaseUserManager["User"]):
    """Creates accounts; `get_by_natural_key` is case-insensitive so that Ada and ada are one."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person or a service account. Service accounts (pipelines) sign in by token only.

    A service account has an `owner`, the person who answers for it and as whom it counts for four eyes,
    review and interest (`itsm.accounts.interest`); a person has none. A trigger keeps owners human.
    """

    kind = "user"

    class AccountType(models.TextChoices):
        HUMAN = ActorKind.HUMAN.value, _("person")
        SERVICE = ActorKind.SERVICE.value, _("service account")

    username = models.CharField(_("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    account_type = models.CharField(_("account_type"), max_length=10, choices=AccountType, default=AccountType.HUMAN)
    owner = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="service_accounts", verbose_name=_("owner")
    )
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list, blank=True)
    teams: "models.ManyToManyField[Team, Membership]" = models.ManyToManyField(
        Team, through="Membership", related_name="members", verbose_name=_("teams")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Single keys of the pages (`itsm.accounts.keyboard`): {"off": true}, {"map": {"a": "q"}}; {} means as usual.
    keyboard = models.JSONField(_("keys"), default=dict, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    # The teams as they were read along with the account, by who signs it in; None: ask the database.
    teams_known: frozenset[int] | None = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    objects = People()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("username",)
        triggers = [PROGRAMS_BELONG_TO_PEOPLE]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_names_differ_by_more_than_case"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[role.value for role in ActorRole]), name="user_roles_are_known"
            ),
            models.CheckConstraint(
                condition=Q(account_type=ActorKind.SERVICE.value, owner__isnull=False)
                | Q(account_type=ActorKind.HUMAN.value, owner__isnull=True),
                name="programs_have_an_owner_and_people_none",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def reference(self) -> str:
        return self.username

    @property
    def is_human(self) -> bool:
        return self.account_type == self.AccountType.HUMAN


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_per_user_and_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Token(models.Model):
    """A way in for programs: `hr_<prefix>.<secret>`. Only a keyed hash of the secret is kept."""

    kind = "token"

    prefix = models.CharField(_("id"), max_length=16, unique=True)
    secret_hash = models.CharField(_("hash"), max_length=64)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=100)
    # null: no narrowing, the owner's rights; an empty list would be a token that may do nothing.
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="token_expires_after_birth")
        ]

    def __str__(self) -> str:
        return f"{self.name} (hr_{self.prefix})"

    @property
    def reference(self) -> str:
        return f"hr_{self.prefix}"
