"""The index: one row per record that can be found."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    reference = models.CharField(_("reference"), max_length=80)
    title = models.CharField(_("title"), max_length=220)
    text = models.TextField(_("text"), blank=True)
    path = models.CharField(_("path"), max_length=200)
    # Empty: anybody who is signed in. Else the one requester who may see it beside those who work here.
    staff_only = models.BooleanField(_("staff only"), default=True)
    owner_id = models.BigIntegerField(_("owner"), null=True)
    words = models.GeneratedField(
        expression=SearchVector("reference", "title", config="simple", weight="A")
        + SearchVector("text", config="simple", weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("search document")
        verbose_name_plural = _("search documents")
        constraints = [models.UniqueConstraint(fields=["record_kind", "record_id"], name="one_document_per_record")]
        indexes = [
            GinIndex(fields=["words"], name="document_words"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="document_title_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"
