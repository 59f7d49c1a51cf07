"""What was published: each version stays as people read it, and nobody publishes what they wrote."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.triggers import Guard

ANOTHER_PERSON_PUBLISHES = Guard(
    name="who_wrote_it_does_not_publish_it",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.published_by_id = ANY (NEW.writers)"),
    func="""
    RAISE EXCEPTION 'who wrote a postmortem does not publish it' USING ERRCODE = 'check_violation';
    """,
)


class PostmortemVersion(models.Model):
    """A published version: `content` holds its facts, of which pages and files are made, and the fields to go back to.

    Only ever added. People stand in it by id alone: whoever is erased is erased from it too, and no row is touched.
    """

    kind = "postmortem_version"

    postmortem = models.ForeignKey(
        "incidents.Postmortem", models.PROTECT, related_name="versions", verbose_name=_("postmortem"), db_index=False
    )
    number = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"))
    published_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name=_("published by"))
    published_at = models.DateTimeField(_("published at"))

    class Meta:
        verbose_name = _("version of a postmortem")
        verbose_name_plural = _("versions of postmortems")
        ordering = ("-number",)
        triggers = [*append_only.KEPT, ANOTHER_PERSON_PUBLISHES]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "number"], name="one_version_of_a_postmortem_by_number"),
        ]

    def __str__(self) -> str:
        return f"postmortem {self.postmortem_id} v{self.number}"
