"""The register of environments and the words by which each may be called."""

from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.environments.vocabulary import DEFAULT

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation

MAX_LENGTH = 40

name_shape = RegexValidator(
    r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\Z", _("Use lower-case letters, digits and '-', at most 40.")
)


class Environment(models.Model):
    """Where software runs. `is_production`: the gate judges changes here as production.

    `name` never changes: records keep it as a text. Other spellings are words (`EnvironmentWord`), which no record
    keeps.
    """

    kind = "environment"

    name = models.CharField(_("name"), max_length=MAX_LENGTH, unique=True, validators=[name_shape])
    description = models.CharField(_("description"), max_length=200, blank=True)
    is_production = models.BooleanField(_("judged as production"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)

    # What a second person must confirm first: filled by operations, not stored.
    awaits: "Confirmation | None" = None

    class Meta:
        app_label = "catalog"
        verbose_name = _("environment")
        verbose_name_plural = _("environments")
        ordering = ("position", "name")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_production=True) | ~Q(name=DEFAULT), name="production_is_judged_as_production"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/environments/{self.name}/"

    @property
    def aliases(self) -> list[str]:
        """Its other words, in order."""
        return sorted(one.word for one in self.words.all() if one.word != self.name)


class EnvironmentWord(models.Model):
    """A word by which an environment may be called: its name, or an alias. No word stands for two."""

    word = models.CharField(_("word"), max_length=MAX_LENGTH, unique=True, validators=[name_shape])
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="words", verbose_name=_("environment"))

    class Meta:
        app_label = "catalog"
        verbose_name = _("word for an environment")
        verbose_name_plural = _("words for environments")
        ordering = ("word",)

    def __str__(self) -> str:
        return self.word
