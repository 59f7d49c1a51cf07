"""Mail that came in: raw first, on the disk and as a row; what it says and what became of it is filled in later."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from itsm.accounts.queues import rights_in_queues, teams_led_by
from itsm.kernel.actors import Actor, Role
from itsm.mail.reasons import FLAGS, WHY, Did, Reason, Status
from itsm.mail.record_queues import lie_in


class IncomingQuerySet(models.QuerySet["IncomingMail"]):
    def visible_to(self, actor: Actor) -> Self:
        """Administrators and managers see what came to any mailbox whose queue is not hidden from them, who leads a
        team what came to its mailboxes; nobody else sees mail that no record has, and they see none whose record lies
        in a queue that is hidden from them."""
        if actor.is_system:
            return self
        hidden = sorted(rights_in_queues(actor).hidden)
        seen = self.exclude(lie_in(hidden)) if hidden else self
        if not actor.has(Role.MANAGER):
            return seen.filter(mailbox__team__in=sorted(teams_led_by(actor)))
        return seen.exclude(mailbox__team__in=hidden)


class IncomingMail(models.Model):
    """One mail. Its bytes lie on the disk by their hash (`itsm.mail.raw`); of one above the limit its headers alone.

    `uidvalidity`, `uid`: where it lies in the mailbox; without them it came through the door for programs, where the
    same bytes are the same mail. `there`: how many, where the reason counts something. `blocks`: its text in pieces,
    each {"part": "own" | "quoted" | "signature", "text"}. `html`: what of it may be shown, cleaned.
    """

    kind = "incoming_mail"

    mailbox = models.ForeignKey(
        "mail.Mailbox", models.PROTECT, null=True, related_name="+", verbose_name=_("mailbox"), db_index=False
    )
    uidvalidity = models.BigIntegerField(_("UIDVALIDITY"), null=True)
    uid = models.BigIntegerField(_("UID"), null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    # Its writer was erased: the bytes are gone, or go with the next sweep.
    original_gone = models.BooleanField(_("its bytes are gone"), default=False)
    size = models.PositiveIntegerField(_("size"))
    received_at = models.DateTimeField(_("received at"))
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.NEW)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    there = models.PositiveIntegerField(_("how many"), default=0)
    did = models.CharField(_("what it did"), max_length=9, choices=Did, blank=True)
    record_kind = models.CharField(_("record kind"), max_length=40, blank=True)
    record_id = models.BigIntegerField(_("record"), null=True)
    note = models.ForeignKey("work.Note", models.SET_NULL, null=True, related_name="+", verbose_name=_("note"))
    person = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("person"), db_index=False
    )
    message_id = models.CharField(_("Message-ID"), max_length=255, blank=True)
    sender = models.CharField(_("sender"), max_length=254, blank=True)
    sender_name = models.CharField(_("name of the sender"), max_length=150, blank=True)
    sent_to = ArrayField(models.CharField(max_length=254), verbose_name=_("sent to"), default=list, blank=True)
    subject = models.TextField(_("subject"), max_length=2000, blank=True)
    automatic = models.CharField(_("why it counts as automatic"), max_length=20, blank=True)
    forwarded_from = models.CharField(_("forwarded from"), max_length=254, blank=True)
    flags = ArrayField(models.CharField(max_length=60), verbose_name=_("flags"), default=list, blank=True)
    blocks = models.JSONField(_("text in pieces"), default=list, blank=True)
    html = models.TextField(_("HTML"), blank=True)
    # What a person said does not matter about it: reasons, and "open" to make a record of it by its headers.
    overlooked = ArrayField(models.CharField(max_length=20), verbose_name=_("overlooked"), default=list, blank=True)
    made_guest = models.BooleanField(_("its sender got an account"), default=False)
    is_acknowledged = models.BooleanField(_("acknowledged"), default=False)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"), db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = IncomingQuerySet.as_manager()

    class Meta:
        verbose_name = _("incoming mail")
        verbose_name_plural = _("incoming mails")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["status", "-id"], name="incoming_mail_by_status"),
            models.Index(fields=["sender", "received_at"], name="incoming_mail_by_sender"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="incoming_mail_by_its_id"),
            models.Index(fields=["sha256"], name="incoming_mail_by_bytes"),
            models.Index(fields=["received_at"], condition=Q(made_guest=True), name="incoming_mail_of_new_guests"),
            models.Index(fields=["record_kind", "record_id"], name="incoming_mail_by_record"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uidvalidity", "uid"], name="one_row_for_each_mail_of_a_box"),
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(uid=None), name="one_row_for_the_same_bytes_at_the_door"
            ),
            models.CheckConstraint(
                condition=Q(uid=None, uidvalidity=None)
                | Q(uid__isnull=False, uidvalidity__isnull=False, mailbox__isnull=False),
                name="a_fetched_mail_says_where_it_lies",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_of_incoming_mail_is_known"),
            models.CheckConstraint(
                condition=Q(status="new") | Q(status="applied", record_id__isnull=False) & ~Q(did="")
                | Q(status__in=("parked", "ignored")) & ~Q(reason=""),
                name="what_became_of_a_mail_is_said",
            ),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="incoming_mail_names_its_bytes"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.subject or self.sender or self.sha256[:12]

    @property
    def reference(self) -> str:
        return f"mail-{self.pk}"

    @property
    def is_undecided(self) -> bool:
        """It lies parked, or a person put it aside: they, or somebody else, may think better of it."""
        return self.status == Status.PARKED or self.reason in (Reason.DISCARDED, Reason.BLOCKED)

    @property
    def why(self) -> Any:
        """Why it lies here, as a sentence; "" where it does not."""
        return WHY.get(Reason(self.reason), "") if self.reason else ""

    @property
    def said_flags(self) -> list[Any]:
        """What is odd about it, in words."""
        return [FLAGS[flag] for flag in self.flags if flag in FLAGS]

    def get_absolute_url(self) -> str:
        return f"/mail/in/{self.pk}/"


class MailPart(models.Model):
    """A picture that the HTML of a mail shows by its `cid`; the bytes are the attachment's."""

    mail = models.ForeignKey(IncomingMail, models.CASCADE, related_name="parts", verbose_name=_("mail"))
    cid = models.CharField(_("Content-ID"), max_length=250)
    attachment = models.ForeignKey("files.Attachment", models.CASCADE, related_name="+", verbose_name=_("file"))

    class Meta:
        verbose_name = _("part of a mail")
        verbose_name_plural = _("parts of mails")
        ordering = ("id",)

    def __str__(self) -> str:
        return self.cid


class BlockedSender(models.Model):
    """Mail from this address is ignored, until somebody lifts it: to one mailbox, or to all (`mailbox` is empty)."""

    kind = "blocked_sender"

    address = models.CharField(_("address"), max_length=254)
    mailbox = models.ForeignKey(
        "mail.Mailbox", models.CASCADE, null=True, related_name="+", verbose_name=_("mailbox"), db_index=False
    )
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("by"), db_index=False)

    class Meta:
        verbose_name = _("blocked sender")
        verbose_name_plural = _("blocked senders")
        ordering = ("address", "id")
        constraints = [
            models.UniqueConstraint(
                Lower("address"), "mailbox", nulls_distinct=False, name="a_sender_is_blocked_once_for_a_mailbox"
            )
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def reference(self) -> str:
        return self.address
