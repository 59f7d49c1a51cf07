"""The first shape of retention: rules, runs, what was purged, and the function that empties histories."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration
from itsm.retention.sql import purging


class Migration(FirstMigration):
    initial = True

    dependencies = [("audit", "0001_initial"), ("erasure", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Purged",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="at")),
            ],
            options={
                "verbose_name": "purged record",
                "verbose_name_plural": "purged records",
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "record_id"), name="a_record_is_purged_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="what")),
                ("category", models.BigIntegerField(default=0, verbose_name="category")),
                ("months", models.PositiveSmallIntegerField(verbose_name="months")),
                ("export_first", models.BooleanField(default=False, verbose_name="export first")),
                ("active", models.BooleanField(default=False, verbose_name="switched on")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "retention rule",
                "verbose_name_plural": "retention rules",
                "ordering": ("record_kind", "category"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_kind", "category"), name="one_retention_rule_of_a_category"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__range", (1, 600))), name="retention_is_of_some_months"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("gone", models.PositiveIntegerField(default=0, verbose_name="gone")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="retention.retentionrule",
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "retention run",
                "verbose_name_plural": "retention runs",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("rule",), name="one_retention_run_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="retention_run_ends_after_it_began",
                    ),
                ],
            },
        ),
        purging(),
    ]
