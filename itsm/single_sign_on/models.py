"""What was used up, and which of a provider's sessions are whose here."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UsedAnswer(models.Model):
    """A state, an assertion or a logout token that was used: it is good for nothing a second time.

    `key_hash`: SHA-256 of what tells it from others. Kept until it could not be used any more.
    """

    provider = models.ForeignKey("identity.IdentityProvider", models.CASCADE, related_name="+", db_index=False)
    key_hash = models.CharField(_("hash of its name"), max_length=64)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("used answer")
        verbose_name_plural = _("used answers")
        ordering = ("-id",)
        indexes = [models.Index(fields=["expires_at"], name="used_answers_by_end")]
        constraints = [models.UniqueConstraint(fields=["provider", "key_hash"], name="an_answer_is_used_once")]

    def __str__(self) -> str:
        return self.key_hash[:12]


class CameBack(models.Model):
    """What a provider posted for a browser, verified; it waits for the browser that began to fetch it.

    A browser that is sent here by a form of another site brings no cookie of ours; with the next step it does.
    `request_id`: what we asked, which the browser that began knows in its session.
    """

    provider = models.ForeignKey("identity.IdentityProvider", models.CASCADE, related_name="+", db_index=False)
    ticket_hash = models.CharField(_("hash of its ticket"), max_length=64, unique=True)
    request_id = models.CharField(_("request"), max_length=80)
    said = models.JSONField(_("what it says"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)

    class Meta:
        verbose_name = _("answer that waits")
        verbose_name_plural = _("answers that wait")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.ticket_hash[:12]


class ProviderSession(models.Model):
    """A session at the provider in which somebody came in here, so that its end can be told to us."""

    provider = models.ForeignKey("identity.IdentityProvider", models.CASCADE, related_name="+", db_index=False)
    sid_hash = models.CharField(_("hash of its name"), max_length=64)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("session at a provider")
        verbose_name_plural = _("sessions at providers")
        ordering = ("-id",)
        indexes = [models.Index(fields=["at"], name="provider_sessions_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["provider", "sid_hash", "user"], name="a_session_there_is_known_once")
        ]

    def __str__(self) -> str:
        return self.sid_hash[:12]
