"""Who may do what in a team's queue, beside its members."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models.people import Role, Team, User
from itsm.audit.only_people import NotByAnAgent


class QueueRight(models.TextChoices):
    """What somebody may do with the records of a queue. Each includes seeing them."""

    VIEW = "view", _("see records and private notes")
    CREATE = "create", _("open records in it, and move some into it")
    CHANGE = "change", _("edit records, take steps, write notes, take work")
    ASSIGN = "assign", _("give work to others, and move records out")


class Grant(models.Model):
    """One right in a queue for a person, a role, or the members of another team, until an instant or for good."""

    kind = "grant"

    team = models.ForeignKey(Team, models.CASCADE, related_name="grants", verbose_name=_("queue"))
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="grants", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    member_of = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="granted", verbose_name=_("members of")
    )
    right = models.CharField(_("right"), max_length=10, choices=QueueRight)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("granted by"))
    granted_at = models.DateTimeField(_("granted at"))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ("team", "right", "id")
        triggers = [NotByAnAgent("user", "granted_by")]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, role="", member_of=None)
                | (Q(user=None, member_of=None) & ~Q(role=""))
                | Q(user=None, role="", member_of__isnull=False),
                name="a_grant_has_one_holder",
            ),
            models.CheckConstraint(condition=Q(right__in=QueueRight.values), name="grant_right_is_known"),
            models.UniqueConstraint(
                fields=["team", "right", "user", "role", "member_of"], nulls_distinct=False, name="one_grant_of_a_right"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="grant_by_person"),
            models.Index(fields=["member_of"], condition=Q(member_of__isnull=False), name="grant_by_team"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.right} in {self.team.slug}"

    @property
    def holder(self) -> str:
        """For people: whose right it is."""
        if self.user is not None:
            return str(self.user)
        if self.member_of is not None:
            return str(_("members of %(team)s") % {"team": self.member_of.name})
        return str(Role(self.role).label)

    @property
    def reference(self) -> str:
        return f"{self.team.slug}-{self.pk}"

    def get_absolute_url(self) -> str:
        return self.team.get_absolute_url()
