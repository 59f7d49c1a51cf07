"""How each person is reached: their contact points and their own rules."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.paging.vocabulary import PHONE_CHOICES, Channel, Urgency

MAX_AFTER = 3600


class ContactPoint(models.Model):
    """A phone of a person: `address` is its number as E.164 has it. Until it is verified nothing but a code goes there.

    Mail and push need none: those go to their account's address, and to their devices.
    """

    kind = "contact_point"

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="contact_points", verbose_name=_("person"))
    channel = models.CharField(_("channel"), max_length=5, choices=PHONE_CHOICES)
    address = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=60, blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True, editable=False)
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(_("code sent at"), null=True, blank=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(_("wrong codes"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["person", "channel", "address"], name="a_number_once_a_channel"),
            models.CheckConstraint(condition=Q(address__regex=r"^\+[1-9][0-9]{6,14}$"), name="a_number_is_e164"),
            models.CheckConstraint(
                condition=Q(channel__in=[Channel.SMS, Channel.VOICE]), name="a_contact_point_is_a_phone"
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def reference(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The number as others may see it."""
        return f"{self.address[:3]}…{self.address[-3:]}"

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None


class PersonalRule(models.Model):
    """Of a page of this urgency: so many seconds after it began, by this way. `contact`: which phone; else all devices,
    or the account's mail address."""

    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="paging_rules", db_index=False)
    urgency = models.CharField(_("urgency"), max_length=4, choices=Urgency)
    position = models.PositiveSmallIntegerField(_("position"))
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    contact = models.ForeignKey(ContactPoint, models.CASCADE, null=True, blank=True, related_name="rules")
    after_s = models.PositiveIntegerField(_("seconds after it began"), default=0)

    class Meta:
        verbose_name = _("personal rule")
        verbose_name_plural = _("personal rules")
        ordering = ("person", "urgency", "position")
        constraints = [
            models.UniqueConstraint(fields=["person", "urgency", "position"], name="one_rule_at_each_position"),
            models.CheckConstraint(condition=Q(after_s__lte=MAX_AFTER), name="a_rule_begins_within_an_hour"),
            models.CheckConstraint(
                condition=Q(channel__in=["push", "mail"], contact=None)
                | Q(channel__in=["sms", "voice"], contact__isnull=False),
                name="a_rule_for_a_phone_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.channel} after {self.after_s} s"
