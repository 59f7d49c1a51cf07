"""What a provider wrote here by SCIM. Who somebody is here, and what they may, is the identity's (`itsm.identity`)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ScimResource(models.Model):
    """`id`: what the provider calls it here. `external_id`: what it calls it at home."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(
        "identity.IdentityProvider", models.PROTECT, related_name="+", db_index=False, verbose_name=_("provider")
    )
    external_id = models.CharField(_("id there"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"))
    changed_at = models.DateTimeField(_("changed at"))
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        abstract = True


class ScimUser(ScimResource):
    """Somebody as the provider wrote them. `subject`: by what the identity knows them; it stays as it was at first.

    `document`: name, displayName and emails as they were sent. `user_key`, `addresses`: in folded case, to be asked by.
    """

    kind = "scim_user"

    subject = models.CharField(_("called there"), max_length=300)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    user_name = models.CharField(_("user name there"), max_length=254)
    user_key = models.CharField(max_length=300, editable=False)
    active = models.BooleanField(_("active there"), default=True)
    document = models.JSONField(_("as it was sent"), default=dict)
    addresses = ArrayField(models.CharField(max_length=300), default=list, editable=False)

    class Meta:
        verbose_name = _("person written by SCIM")
        verbose_name_plural = _("people written by SCIM")
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["provider", "user_key"], name="a_scim_user_name_is_one_person"),
            models.UniqueConstraint(fields=["provider", "subject"], name="a_scim_subject_is_one_person"),
            models.UniqueConstraint(fields=["provider", "user"], name="an_account_is_one_scim_user"),
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=~Q(external_id=""),
                name="a_scim_external_id_is_one_person",
            ),
        ]
        indexes = [models.Index(fields=["provider", "created_at", "id"], name="scim_users_in_order")]

    def __str__(self) -> str:
        return self.user_name


class ScimGroup(ScimResource):
    """A group of the provider; `display_name` is what a mapping names. `name_key`: in folded case."""

    kind = "scim_group"

    display_name = models.CharField(_("name"), max_length=300)
    name_key = models.CharField(max_length=400, editable=False)
    members: "models.ManyToManyField[ScimUser, ScimMembership]" = models.ManyToManyField(
        ScimUser, through="ScimMembership", related_name="groups", verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("group written by SCIM")
        verbose_name_plural = _("groups written by SCIM")
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["provider", "name_key"], name="a_scim_group_name_is_one_group"),
            models.UniqueConstraint(
                fields=["provider", "external_id"], condition=~Q(external_id=""), name="a_scim_external_id_is_one_group"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class ScimMembership(models.Model):
    """Who is in which group."""

    group = models.ForeignKey(ScimGroup, models.CASCADE, related_name="memberships", db_index=False)
    member = models.ForeignKey(ScimUser, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("membership written by SCIM")
        verbose_name_plural = _("memberships written by SCIM")
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="a_scim_member_is_in_a_group_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.group_id}"


class Owed(models.Model):
    """Somebody whose groups changed among many: what that gives or takes follows in a moment."""

    member = models.OneToOneField(ScimUser, models.CASCADE, primary_key=True, related_name="owed")
    at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("person whose groups are to follow")
        verbose_name_plural = _("people whose groups are to follow")

    def __str__(self) -> str:
        return str(self.member_id)
