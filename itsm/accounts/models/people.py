"""People, programs that belong to people, and teams."""

from typing import Any, Self
from urllib.parse import quote

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from itsm.accounts import permissions
from itsm.accounts.ownership import OWN_ROLES_ARE_KNOWN, PROGRAMS_BELONG_TO_PEOPLE, REMEMBERS_OWNERS
from itsm.kernel.actors import Actor
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


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, actor: Actor) -> Self:
        """Everybody who works here sees every team, retired ones too."""
        return self if permissions.colleagues(actor) else self.none()

    def standing(self) -> Self:
        """Those that take members and assignments."""
        return self.filter(retired_at=None)

    def queues(self) -> Self:
        """Those that take work."""
        return self.filter(retired_at=None, takes_work=True)


class Team(models.Model):
    """Who runs services together. A retired team keeps what is written about it and takes nothing new.

    A team that was merged is retired, and says into which one. One that `takes_work` is a queue of the service desk;
    the records of a `confidential` one are there for its members and whom it was granted to, for nobody else. `tier`:
    1 to 3, the higher ones are escalated to. `triage`: the one queue for what nothing else places.
    `asks_shared_since`: what its members ask for themselves from then on, its other members see in the portal; None:
    nobody does.
    """

    kind = "team"

    slug = models.SlugField(_("slug"), max_length=63, unique=True)
    name = models.CharField(_("name"), max_length=100)
    takes_work = models.BooleanField(_("takes work"), default=False)
    confidential = models.BooleanField(_("confidential"), default=False)
    triage = models.BooleanField(_("takes what no rule places"), default=False, editable=False)
    tier = models.PositiveSmallIntegerField(_("tier of support"), default=1)
    close_after_days = models.PositiveSmallIntegerField(_("closes what is resolved after working days"), default=3)
    # When its people work: for closing what is resolved, and for time where no agreement holds. None: always.
    calendar = models.ForeignKey(
        "clocks.Calendar", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("calendar")
    )
    asks_shared_since = models.DateTimeField(
        _("members see what each of them asks for, since"), null=True, blank=True, editable=False
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(retired_at__isnull=False), name="a_merged_team_is_retired"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="no_team_is_merged_into_itself"),
            models.CheckConstraint(condition=Q(tier__range=(1, 3)), name="team_tier_is_1_to_3"),
            models.CheckConstraint(condition=Q(close_after_days__range=(1, 20)), name="team_closes_after_1_to_20_days"),
            models.CheckConstraint(
                condition=Q(confidential=False) | Q(takes_work=True), name="a_confidential_team_is_a_queue"
            ),
            models.CheckConstraint(
                condition=Q(triage=False) | Q(takes_work=True, confidential=False, retired_at=None),
                name="triage_is_an_open_queue",
            ),
            models.UniqueConstraint(fields=["triage"], condition=Q(triage=True), name="one_triage_queue"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    @property
    def shares_asks(self) -> bool:
        return self.asks_shared_since is not None

    def get_absolute_url(self) -> str:
        return f"/teams/{self.slug}/"


class People(BaseUserManager["User"]):
    """Creates accounts; `get_by_natural_key` is case-insensitive so that Ada and ada are one."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def active_people(self) -> "models.QuerySet[User]":
        """People whose account works: no program, no agent, nobody who left or was merged."""
        return self.filter(is_active=True, account_type=User.AccountType.HUMAN)

    def administrators(self) -> "models.QuerySet[User]":
        """Who keeps the desk, in person: people whose account works. Programs keep nothing, whatever role they hold."""
        return self.active_people().filter(roles__contains=[Role.ADMIN.value])

    def visible_to(self, actor: Actor) -> "models.QuerySet[User]":
        """Everybody who works here sees every account; others see their own."""
        return self.all() if permissions.colleagues(actor) else self.filter(pk=actor.id or 0)


class User(AbstractBaseUser):
    """A person, a service account or a software agent. Service accounts (pipelines) sign in by token only.

    A software agent (`itsm.agents`) acts for its owner with what they may do, and holds no role of its own.

    A service account has an `owner`, the person who answers for it and as whom it counts for four eyes,
    review and interest (`itsm.accounts.interest`); a person has none. A trigger keeps owners human. What it measures or
    vouches for is the word of all who ever owned it (`former_owners`): who hands it over may go on holding its token.

    `email` is the primary one of `addresses`, kept so by a trigger. `access_version` is raised when every way in ends:
    sessions, invitations and reset links of an older one are void for ever.
    """

    kind = "user"

    class AccountType(models.TextChoices):
        HUMAN = ActorKind.HUMAN.value, _("person")
        SERVICE = ActorKind.SERVICE.value, _("service account")
        AGENT = ActorKind.AGENT.value, _("software agent")

    username = models.CharField(_("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    account_type = models.CharField(_("account type"), max_length=10, choices=AccountType, default=AccountType.HUMAN)
    owner = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="service_accounts", verbose_name=_("owner")
    )
    # Who owned a service account before; a trigger adds to it and takes nothing away.
    former_owners = ArrayField(models.BigIntegerField(), default=list, editable=False)
    manager = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("manager")
    )
    location = models.ForeignKey(
        "accounts.Location", models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("location")
    )
    # Whom this account turned out to be: it is inactive for good, and counts as that person ever after.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged",
        verbose_name=_("merged into"),
    )  # fmt: skip
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list, blank=True)
    # Slugs of roles that the desk made itself (`OwnRole`), beside the built-in ones; a trigger knows them.
    own_roles = ArrayField(models.CharField(max_length=63), verbose_name=_("own roles"), default=list, blank=True)
    teams: "models.ManyToManyField[Team, Membership]" = models.ManyToManyField(
        Team, through="Membership", related_name="members", verbose_name=_("teams")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, blank=True)  # of what is told them; "": as the desk
    # Single keys of the pages (`itsm.accounts.keyboard`): {"off": true}, {"map": {"a": "q"}}; {} means as usual.
    keyboard = models.JSONField(_("keys"), default=dict, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    access_version = models.PositiveIntegerField(_("version of the ways in"), default=1, editable=False)
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    # The teams as they were read along with the account, by who signs it in; None: ask the database. With them the
    # rights that its own roles name.
    teams_known: frozenset[int] | None = None
    rights_known: frozenset[str] = frozenset()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    objects = People()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("username",)
        triggers = [PROGRAMS_BELONG_TO_PEOPLE, REMEMBERS_OWNERS, OWN_ROLES_ARE_KNOWN]
        indexes = [
            models.Index(fields=["id"], condition=~Q(former_owners=[]), name="programs_handed_over"),
            # Few among thousands who only ask: every record that somebody works on offers them.
            models.Index(
                fields=["name", "username"],
                include=["id"],
                condition=Q(is_active=True, account_type=ActorKind.HUMAN.value)
                & ~Q(roles__contained_by=["requester"], own_roles=[]),
                name="user_assignable",
            ),
        ]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_names_differ_by_more_than_case"),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="one_account_per_primary_address"),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="nobody_is_their_own_manager"),
            models.CheckConstraint(
                condition=Q(merged_into=None)
                | (Q(is_active=False, account_type=ActorKind.HUMAN.value) & ~Q(merged_into=F("id"))),
                name="who_was_merged_is_a_person_and_inactive",
            ),
            models.CheckConstraint(
                condition=Q(roles__contained_by=[role.value for role in ActorRole]), name="user_roles_are_known"
            ),
            models.CheckConstraint(
                condition=Q(account_type__in=[ActorKind.SERVICE.value, ActorKind.AGENT.value], owner__isnull=False)
                | Q(account_type=ActorKind.HUMAN.value, owner__isnull=True),
                name="programs_have_an_owner_and_people_none",
            ),
            models.CheckConstraint(
                condition=~Q(account_type=ActorKind.AGENT.value) | Q(roles=[], own_roles=[], password__startswith="!"),  # noqa: S106 - none that opens anything
                name="agents_hold_nothing_of_their_own",
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

    @property
    def may_sign_in(self) -> bool:
        """A person with a password; who was only invited has none yet."""
        return self.is_active and self.is_human and bool(self.password) and self.has_usable_password()

    def get_absolute_url(self) -> str:
        return f"/people/{quote(self.username, safe='@+')}/"

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What a session must carry: it ends with the password, and with `access_version`."""
        said = f"{self.access_version}:{self.password}"
        return salted_hmac("itsm.accounts.session", said, secret=secret, algorithm="sha256").hexdigest()


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    lead = models.BooleanField(_("leads the team"), default=False)
    # What somebody asked for before is theirs alone, also where the team shares.
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_per_user_and_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class EmailAddress(models.Model):
    """One address of a person. Verified: somebody who reads its mail has followed a link from it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses", verbose_name=_("person"))
    email = models.EmailField(_("e-mail"))
    is_primary = models.BooleanField(_("primary"), default=False)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        ordering = ("-is_primary", "email")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_primary=True), name="one_primary_address"),
        ]

    def __str__(self) -> str:
        return self.email
