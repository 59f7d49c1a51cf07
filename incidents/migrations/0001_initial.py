"""The first shape of the incidents tables."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper
from pgtrigger.migrations import AddTrigger

from itsm.audit.triggers import CompiledGuard


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("search", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("description", models.TextField(blank=True, max_length=20000, verbose_name="description")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "P1 Critical"),
                            (2, "P2 High"),
                            (3, "P3 Moderate"),
                            (4, "P4 Low"),
                            (5, "P5 Planning"),
                        ],
                        default=3,
                        verbose_name="priority",
                    ),
                ),
                ("major", models.BooleanField(default=False, verbose_name="major incident")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("in_progress", "In progress"),
                            ("on_hold", "On hold"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="new",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("source_key", models.CharField(editable=False, max_length=120, null=True, unique=True)),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                ("resolution", models.TextField(blank=True, max_length=20000, verbose_name="resolution")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                (
                    "resolved_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="resolved at"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["priority", "-id"],
                        name="incident_open_by_priority",
                    ),
                    models.Index(fields=["service", "-id"], name="incident_by_service"),
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["service"],
                        name="incident_open_by_service",
                    ),
                    models.Index(fields=["status", "-id"], name="incident_by_status"),
                    models.Index(fields=["reported_by", "-id"], name="incident_by_reporter"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ("resolved", "closed")), _negated=True),
                            models.Q(("resolved_at__isnull", False), models.Q(("resolution", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="resolved_incident_says_when_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__range", (1, 5))), name="incident_priority_is_1_to_5"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["new", "in_progress", "on_hold", "resolved", "closed", "cancelled"])
                        ),
                        name="incident_status_is_known",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="incident",
            index=GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="incident_title_trigrams"),
        ),
        AddTrigger(
            model_name="incident",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('in_progress', 'cancelled'),",
                    "  ('in_progress', 'on_hold'),",
                    "  ('in_progress', 'resolved'),",
                    "  ('new', 'cancelled'),",
                    "  ('new', 'in_progress'),",
                    "  ('on_hold', 'in_progress'),",
                    "  ('on_hold', 'resolved'),",
                    "  ('resolved', 'closed'),",
                    "  ('resolved', 'in_progress')",
                    ") THEN",
                    "  RAISE EXCEPTION 'incidents_incident does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="incidents_incident",
                when="BEFORE",
            ),
        ),
    ]
