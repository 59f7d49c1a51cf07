"""Who is told by mail. No token lies here: the links of mails are signed as they leave."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itsm.statuspage.models.pages import Component, StatusPage
from itsm.statuspage.vocabulary import Channel


class Subscriber(models.Model):
    """An address that asked to be told; it is told once it has said so by the link that was sent to it.

    `everything`: of all components, also of those to come. `asks` were made since `asks_since`; `asked_from` is a keyed
    hash of where the last came from, emptied once it is confirmed.
    """

    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="subscribers", verbose_name=_("page"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.MAIL)
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(_("language"), max_length=10, default="en")
    everything = models.BooleanField(_("of everything"), default=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    asks = models.PositiveSmallIntegerField(_("asks"), default=1)
    asks_since = models.DateTimeField(_("asks counted since"))
    asked_from = models.CharField(_("asked from"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        indexes = [
            models.Index(fields=["asked_from", "asked_at"], condition=~Q(asked_from=""), name="subscriber_asks"),
            models.Index(fields=["asked_at"], condition=Q(confirmed_at=None), name="subscriber_unconfirmed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["page", "channel", "address"], name="an_address_subscribes_once_to_a_page")
        ]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class Subscription(models.Model):
    """One component that a subscriber is told of."""

    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, related_name="subscriptions", verbose_name=_("subscriber")
    )
    component = models.ForeignKey(Component, models.CASCADE, related_name="+", verbose_name=_("component"))

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "component"], name="a_component_is_subscribed_to_once")
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"
