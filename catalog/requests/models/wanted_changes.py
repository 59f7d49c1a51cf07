"""Changes that fulfilment tasks ask for. What opens them lies above: it is named by its number."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.requests.models.items import RequestItem
from catalog.requests.vocabulary import WantedState


class WantedChange(models.Model):
    """A standard change of `model` (its slug) that a task waits for, once. `values`: what it is opened with, answers
    put in. `said`: why none could be opened, or how it ended; for those who work here."""

    task = models.OneToOneField("work.Task", models.CASCADE, related_name="+", verbose_name=_("task"))
    item = models.ForeignKey(RequestItem, models.CASCADE, related_name="changes", verbose_name=_("requested item"))
    model = models.CharField(_("change model"), max_length=80)
    values = models.JSONField(_("values"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=WantedState, default=WantedState.WANTED)
    change_number = models.BigIntegerField(_("change"), null=True, unique=True)
    said = models.TextField(_("what was said"), blank=True, max_length=2000)
    at = models.DateTimeField(_("at"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("change that a task waits for")
        verbose_name_plural = _("changes that tasks wait for")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WantedState.values), name="wanted_change_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[WantedState.OPENED, WantedState.DONE]) | Q(change_number__isnull=False),
                name="an_opened_change_has_its_number",
            ),
            models.CheckConstraint(
                condition=~Q(state=WantedState.FAILED) | ~Q(said=""), name="a_failed_change_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} for {self.item_id}"
