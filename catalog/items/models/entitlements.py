"""Who may ask for an item, and who may not."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

SHAPE = r"^(all|staff|(team|user):[1-9][0-9]{0,17}|role:[a-z]{1,20}|location:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$"


class Entitlement(models.Model):
    """Whom a token means may ask for an item, or may not: a deny wins over every allow. Where an item has none that
    allows, everybody may whom none denies.

    Tokens: `all`, `staff`, `team:<id>`, `user:<id>`, `role:<role>`, `location:<slug>`.
    """

    item = models.ForeignKey("catalog.CatalogItem", models.CASCADE, related_name="entitlements", db_index=False)
    token = models.CharField(_("token"), max_length=80)
    allow = models.BooleanField(_("may ask for it"), default=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        ordering = ("token",)
        indexes = [models.Index(fields=["token", "allow", "item"], name="entitlement_by_token")]
        constraints = [
            models.UniqueConstraint(fields=["item", "token"], name="one_word_of_a_token_on_an_item"),
            models.CheckConstraint(condition=Q(token__regex=SHAPE), name="token_of_an_entitlement_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.token}"
