"""Where somebody moved the nodes of an item's graph."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.models.items import CI


class Layout(models.Model):
    """`positions`: reference (or the key of a group of nodes) -> [x, y], of one viewer and one item's graph."""

    subject = models.ForeignKey(CI, models.CASCADE, related_name="+", verbose_name=_("configuration item"))
    viewer = models.ForeignKey("accounts.User", models.CASCADE, related_name="+", verbose_name=_("person"))
    positions = models.JSONField(_("positions"), default=dict)

    class Meta:
        app_label = "catalog"
        verbose_name = _("layout of a graph")
        verbose_name_plural = _("layouts of graphs")
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["subject", "viewer"], name="one_layout_of_a_viewer")]

    def __str__(self) -> str:
        return f"{self.viewer_id} of {self.subject_id}"
