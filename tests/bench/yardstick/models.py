"""The one table; `tests.bench.stand` makes it, no migration of the product knows it."""

from django.db import models


class Row(models.Model):
    summary = models.CharField(max_length=200)
    plan = models.TextField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "yardstick_row"

    def __str__(self) -> str:
        return self.summary
