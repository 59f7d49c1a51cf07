"""Mail that left about a record: by its Message-ID an answer, or a bounce, finds its way back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """One mail to one address. It is written as the mail is handed to the server, and again for the same mail never."""

    kind = "outgoing_mail"

    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True)  # with its angle brackets
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    mailbox = models.ForeignKey(
        "mail.Mailbox", models.SET_NULL, null=True, related_name="+", verbose_name=_("from"), db_index=False
    )
    to = models.EmailField(_("to"), max_length=254)  # small letters
    person = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("person"), db_index=False
    )
    at = models.DateTimeField(_("at"))
    bounced_at = models.DateTimeField(_("bounced at"), null=True, editable=False)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["record_kind", "record_id", "to", "-id"], name="outgoing_mail_of_thread"),
            models.Index(fields=["to", "-id"], name="outgoing_mail_to"),
        ]

    def __str__(self) -> str:
        return self.message_id
