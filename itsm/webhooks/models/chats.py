"""Chats: the message that is kept up to date, whose account that is, what they called."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.webhooks.models.endpoints import WebhookEndpoint


class ChatMessage(models.Model):
    """The message in which a chat shows a record, where that platform lets one be changed. `thread`: its name there."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="messages", db_index=False)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    thread = models.CharField(_("message there"), max_length=255)
    at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("chat message")
        verbose_name_plural = _("chat messages")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "record_kind", "record_id"], name="one_message_of_a_record_in_each_chat"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id}: {self.thread}"


class ChatAccount(models.Model):
    """Whose commands somebody's commands in a chat are: linked by themselves, signed in.

    It counts while `access_version` is the person's: a new password and a departure end it, as they end every way in.
    """

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="accounts", db_index=False)
    chat_user = models.CharField(_("user there"), max_length=150)
    name = models.CharField(_("name there"), max_length=100)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    access_version = models.PositiveIntegerField(_("version of the ways in"))
    linked_at = models.DateTimeField(_("linked at"))

    class Meta:
        verbose_name = _("chat account")
        verbose_name_plural = _("chat accounts")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["endpoint", "chat_user"], name="a_chat_account_is_one_persons")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.name}"


class SlashCall(models.Model):
    """A command that was heard, or a link that was used: neither is good a second time. Kept for a day."""

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(_("key"), max_length=80, unique=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("slash command")
        verbose_name_plural = _("slash commands")
        ordering = ("id",)
        indexes = [models.Index(fields=["endpoint", "at"], name="slash_call_by_time")]

    def __str__(self) -> str:
        return self.key
