"""The first shape of the auditor of invariants: how each stands, and what was found."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InvariantCheck",
            fields=[
                (
                    "invariant",
                    models.CharField(max_length=10, primary_key=True, serialize=False, verbose_name="invariant"),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("asked_all_at", models.DateTimeField(null=True, verbose_name="asked everything at")),
                ("took_ms", models.PositiveIntegerField(default=0, verbose_name="took")),
                ("found", models.PositiveIntegerField(default=0, verbose_name="found")),
                ("failed", models.CharField(blank=True, max_length=300, verbose_name="could not be asked because")),
                ("walked", models.JSONField(default=dict, verbose_name="walked")),
            ],
            options={
                "verbose_name": "check of an invariant",
                "verbose_name_plural": "checks of invariants",
            },
        ),
        migrations.CreateModel(
            name="Auditor",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("looked_at", models.DateTimeField(verbose_name="looked at")),
                ("looked_at_all_at", models.DateTimeField(null=True, verbose_name="looked at everything at")),
                ("role", models.CharField(blank=True, max_length=63, verbose_name="database role")),
                ("told_silent_at", models.DateTimeField(null=True, verbose_name="its silence was told at")),
            ],
            options={
                "verbose_name": "auditor",
                "verbose_name_plural": "auditors",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_auditor")],
            },
        ),
        migrations.CreateModel(
            name="Violation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invariant", models.CharField(max_length=10, verbose_name="invariant")),
                ("closes_gate", models.BooleanField(default=False, verbose_name="people decide while it stands")),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen")),
                ("holds_since", models.DateTimeField(null=True, verbose_name="holds again since")),
                ("count", models.PositiveIntegerField(verbose_name="found")),
                ("sample", models.JSONField(default=list, verbose_name="samples")),
                ("accepted", models.JSONField(default=list, verbose_name="accepted as it is")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="cleared at")),
                ("cleared_because", models.TextField(blank=True, max_length=2000, verbose_name="cleared because")),
                ("told_at", models.DateTimeField(null=True, verbose_name="told at")),
                ("incident", models.CharField(blank=True, max_length=20, verbose_name="incident")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "cleared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="cleared by",
                    ),
                ),
            ],
            options={
                "verbose_name": "violation of an invariant",
                "verbose_name_plural": "violations of invariants",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at", None)), fields=["closes_gate"], name="violation_open"
                    ),
                    models.Index(fields=["invariant", "-id"], name="violation_by_invariant"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)),
                        fields=("invariant",),
                        name="an_invariant_is_violated_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_at", None), ("cleared_because", ""), ("cleared_by", None)),
                            models.Q(
                                ("cleared_at__isnull", False),
                                ("cleared_by__isnull", False),
                                django.db.models.lookups.GreaterThanOrEqual(
                                    django.db.models.functions.text.Length(
                                        django.db.models.functions.text.Trim("cleared_because")
                                    ),
                                    30,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_person_clears_a_violation_and_says_why",
                    ),
                ],
            },
        ),
    ]
