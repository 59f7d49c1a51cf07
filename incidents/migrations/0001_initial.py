"""The first shape of the incidents tables."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.serializers.json
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.lookups
import django.utils.timezone
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper
from pgtrigger.migrations import AddTrigger

import incidents.alerts_in.models.source
import itsm.accounts.operations.queues
import itsm.audit.triggers
from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("paging", "0001_initial"),
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
                    "opened_by",
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
                (
                    "acknowledged_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="acknowledged at"),
                ),
                (
                    "agent_spoke_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="desk spoke at"),
                ),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="fields")),
                (
                    "caller",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="caller",
                    ),
                ),
                (
                    "caller_spoke_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="caller spoke at"),
                ),
                (
                    "cancel_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("duplicate", "duplicate of another"),
                            ("not_an_incident", "not an incident"),
                            ("withdrawn", "withdrawn by the caller"),
                            ("merged", "merged into another"),
                        ],
                        max_length=20,
                        verbose_name="why it was none",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("portal", "portal"),
                            ("phone", "phone"),
                            ("mail", "mail"),
                            ("chat", "chat"),
                            ("alert", "alert"),
                            ("api", "API"),
                            ("import", "import"),
                        ],
                        default="portal",
                        max_length=10,
                        verbose_name="channel",
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="closed at")),
                (
                    "escalated_functionally",
                    models.PositiveSmallIntegerField(
                        default=0, editable=False, verbose_name="escalated to specialists"
                    ),
                ),
                (
                    "escalated_hierarchically",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="escalated to leads"),
                ),
                (
                    "first_response_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first response at"),
                ),
                (
                    "hold_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("caller", "the caller's answer"),
                            ("vendor", "a vendor"),
                            ("change", "a change"),
                            ("problem", "a problem"),
                            ("other", "something else"),
                        ],
                        max_length=10,
                        verbose_name="waits for",
                    ),
                ),
                ("hold_until", models.DateTimeField(blank=True, null=True, verbose_name="waits until")),
                (
                    "impact",
                    models.PositiveSmallIntegerField(
                        blank=True, choices=[(1, "high"), (2, "medium"), (3, "low")], null=True, verbose_name="impact"
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="incidents.incident",
                    ),
                ),
                (
                    "next_due",
                    models.DateTimeField(
                        default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                        editable=False,
                        verbose_name="due",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="incidents.incident",
                        verbose_name="parent",
                    ),
                ),
                (
                    "priority_by",
                    models.CharField(
                        choices=[
                            ("matrix", "the matrix"),
                            ("person", "a person"),
                            ("alert", "an alert"),
                            ("import", "an import"),
                        ],
                        default="person",
                        editable=False,
                        max_length=10,
                        verbose_name="priority given by",
                    ),
                ),
                ("priority_why", models.CharField(blank=True, max_length=500, verbose_name="why this priority")),
                ("reassigned", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="reassigned")),
                ("reopened", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="reopened")),
                (
                    "resolution_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "solved"),
                            ("workaround", "workaround"),
                            ("known_error", "known error"),
                            ("by_change", "by a change"),
                            ("by_problem", "by a problem"),
                            ("by_caller", "by the caller"),
                            ("user_error", "user error"),
                            ("not_reproducible", "not reproducible"),
                            ("no_resolution", "no resolution"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="labels",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        default=itsm.accounts.operations.queues.triage_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
                (
                    "urgency",
                    models.PositiveSmallIntegerField(
                        blank=True, choices=[(1, "high"), (2, "medium"), (3, "low")], null=True, verbose_name="urgency"
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="updated at"),
                ),
                (
                    "acknowledge_s",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="seconds to acknowledge"),
                ),
                (
                    "first_contact",
                    models.BooleanField(default=False, editable=False, verbose_name="solved at first contact"),
                ),
                (
                    "resolve_s",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="seconds to resolve"),
                ),
                ("data_loss", models.BooleanField(default=False, verbose_name="data was lost")),
                (
                    "response_s",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="seconds to first response"),
                ),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["priority", "id"],
                        name="incident_open_by_priority",
                    ),
                    models.Index(fields=["service", "-id"], name="incident_by_service"),
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["service"],
                        name="incident_open_by_service",
                    ),
                    models.Index(fields=["status", "-id"], name="incident_by_status"),
                    models.Index(fields=["opened_by", "-id"], name="incident_by_opener"),
                    GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="incident_title_trigrams"),
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["next_due", "priority", "id"],
                        name="incident_open_due",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["team", "next_due", "priority", "id"],
                        name="incident_open_by_team_due",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["assigned_to", "next_due", "priority", "id"],
                        name="incident_open_by_person_due",
                    ),
                    models.Index(
                        condition=models.Q(("assigned_to", None), ("status__in", ("new", "in_progress", "on_hold"))),
                        fields=["team", "next_due", "priority", "id"],
                        name="incident_open_unassigned_due",
                    ),
                    models.Index(fields=["team", "-id"], name="incident_by_team"),
                    models.Index(fields=["caller", "-id"], name="incident_by_caller"),
                    models.Index(
                        condition=models.Q(("parent__isnull", False)), fields=["parent"], name="incident_by_parent"
                    ),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="incident_by_survivor",
                    ),
                    models.Index(
                        fields=["opened_at"],
                        include=(
                            "team",
                            "priority",
                            "status",
                            "service",
                            "merged_into",
                            "reopened",
                            "reassigned",
                            "escalated_functionally",
                            "escalated_hierarchically",
                            "id",
                        ),
                        name="incident_by_opening",
                    ),
                    models.Index(fields=["id"], include=("team", "merged_into"), name="incident_by_key"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("attributes", name="jsonb_path_ops"),
                        name="incident_attributes",
                    ),
                    GinIndex(
                        condition=models.Q(("labels", []), _negated=True), fields=["labels"], name="incident_labels"
                    ),
                    models.Index(
                        condition=models.Q(("labels", []), _negated=True), fields=["-id"], name="incident_labelled"
                    ),
                    models.Index(fields=["-updated_at", "-id"], name="incident_by_update"),
                    models.Index(
                        condition=models.Q(("resolved_at__isnull", False)),
                        fields=["resolved_at"],
                        include=(
                            "team",
                            "priority",
                            "status",
                            "service",
                            "merged_into",
                            "first_contact",
                            "resolve_s",
                            "opened_at",
                        ),
                        name="incident_by_resolution",
                    ),
                    models.Index(
                        condition=models.Q(("acknowledged_at__isnull", False)),
                        fields=["acknowledged_at"],
                        name="incident_by_acknowledging",
                    ),
                    models.Index(
                        condition=models.Q(("first_response_at__isnull", False)),
                        fields=["first_response_at"],
                        name="incident_by_response",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("priority__range", (1, 5))), name="incident_priority_is_1_to_5"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["new", "in_progress", "on_hold", "resolved", "closed", "cancelled"])
                        ),
                        name="incident_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("labels__len__lte", 20)), name="incident_labels_are_few"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ("resolved", "closed")), _negated=True),
                            ("channel", "import"),
                            models.Q(
                                ("resolved_at__isnull", False),
                                models.Q(("resolution", ""), _negated=True),
                                models.Q(("resolution_code", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="resolved_incident_says_when_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "on_hold"), models.Q(("hold_reason", ""), _negated=True)),
                            models.Q(models.Q(("status", "on_hold"), _negated=True), ("hold_reason", "")),
                            _connector="OR",
                        ),
                        name="incident_on_hold_says_what_for",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cancelled"), models.Q(("cancel_code", ""), _negated=True)),
                            models.Q(models.Q(("status", "cancelled"), _negated=True), ("cancel_code", "")),
                            _connector="OR",
                        ),
                        name="cancelled_incident_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancel_code", "merged"), ("merged_into__isnull", False)),
                            models.Q(("merged_into", None), models.Q(("cancel_code", "merged"), _negated=True)),
                            _connector="OR",
                        ),
                        name="merged_incident_names_its_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="no_incident_is_its_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("merged_into", models.F("id")), _negated=True),
                        name="no_incident_is_its_own_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("impact__range", (1, 3)), ("impact", None), _connector="OR"),
                        name="incident_impact_is_a_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("urgency__range", (1, 3)), ("urgency", None), _connector="OR"),
                        name="incident_urgency_is_a_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.GreaterThan(
                                models.Value(32768),
                                models.Func(
                                    django.db.models.functions.comparison.Cast("attributes", models.TextField()),
                                    function="octet_length",
                                    output_field=models.IntegerField(),
                                ),
                            )
                        ),
                        name="incident_attributes_are_small",
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="incident",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('cancelled', 'in_progress'),",
                    "  ('in_progress', 'cancelled'),",
                    "  ('in_progress', 'on_hold'),",
                    "  ('in_progress', 'resolved'),",
                    "  ('new', 'cancelled'),",
                    "  ('new', 'in_progress'),",
                    "  ('new', 'resolved'),",
                    "  ('on_hold', 'cancelled'),",
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
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (NEW.major)",
                constraint="CONSTRAINT",
                func=[
                    "PERFORM 1 FROM incidents_incident WHERE id = NEW.id FOR NO KEY UPDATE;",
                    "IF EXISTS (SELECT 1 FROM incidents_incident one WHERE one.id = NEW.id AND one.major <> EXISTS (",
                    "  SELECT 1 FROM incidents_major led WHERE led.incident_id = one.id AND led.status NOT IN ('proposed', 'rejected', 'demoted')",
                    ")) THEN",
                    "  RAISE EXCEPTION 'incident % stands as a major one exactly while one is accepted of it', NEW.id",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="begins_as_led",
                operation="INSERT",
                table="incidents_incident",
                timing="DEFERRABLE INITIALLY DEFERRED",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.major IS DISTINCT FROM NEW.major)",
                constraint="CONSTRAINT",
                func=[
                    "PERFORM 1 FROM incidents_incident WHERE id = NEW.id FOR NO KEY UPDATE;",
                    "IF EXISTS (SELECT 1 FROM incidents_incident one WHERE one.id = NEW.id AND one.major <> EXISTS (",
                    "  SELECT 1 FROM incidents_major led WHERE led.incident_id = one.id AND led.status NOT IN ('proposed', 'rejected', 'demoted')",
                    ")) THEN",
                    "  RAISE EXCEPTION 'incident % stands as a major one exactly while one is accepted of it', NEW.id",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="stands_as_led",
                operation='UPDATE OF "major"',
                table="incidents_incident",
                timing="DEFERRABLE INITIALLY DEFERRED",
                when="AFTER",
            ),
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("path", models.CharField(editable=False, max_length=250, unique=True, verbose_name="path")),
                ("depth", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="depth")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="incidents.category",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ("path",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("depth__range", (1, 3))), name="category_is_one_to_three_levels_deep"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("depth", 1), ("parent", None)),
                            models.Q(("depth__gt", 1), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="category_depth_is_its_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Matrix",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                (
                    "cells",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), size=9, verbose_name="priorities"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "priority matrix",
                "verbose_name_plural": "priority matrices",
                "ordering": ("-version",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cells__contained_by", [1, 2, 3, 4, 5]), ("cells__len", 9)),
                        name="matrix_has_nine_priorities",
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="incident",
            trigger=CompiledGuard(
                func=[
                    "-- Whoever changes the other row meanwhile is waited for, and what they left is what is judged.",
                    "PERFORM 1 FROM incidents_incident WHERE id IN (NEW.parent_id, NEW.merged_into_id) ORDER BY id FOR SHARE;",
                    "IF NEW.parent_id IS NOT NULL AND (",
                    "  EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.parent_id AND parent_id IS NOT NULL)",
                    "  OR EXISTS (SELECT 1 FROM incidents_incident WHERE parent_id = NEW.id)",
                    ") THEN",
                    "  RAISE EXCEPTION 'a parent has no parent' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF NEW.merged_into_id IS NOT NULL AND (",
                    "  EXISTS (SELECT 1 FROM incidents_incident WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)",
                    "  OR EXISTS (SELECT 1 FROM incidents_incident WHERE merged_into_id = NEW.id)",
                    ") THEN",
                    "  RAISE EXCEPTION 'the survivor was merged itself' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="one_level",
                operation='INSERT OR UPDATE OF "parent_id", "merged_into_id"',
                table="incidents_incident",
                when="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.category",
                verbose_name="category",
            ),
        ),
        AddTrigger(
            model_name="matrix",
            trigger=CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="incidents_matrix",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="matrix",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="incidents_matrix",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.version IS DISTINCT FROM NEW.version OR OLD.caller_spoke_at IS DISTINCT FROM NEW.caller_spoke_at OR OLD.agent_spoke_at IS DISTINCT FROM NEW.agent_spoke_at)",
                func=["NEW.updated_at := greatest(now(), OLD.updated_at); RETURN NEW;"],
                level="ROW",
                name="says_when",
                operation='UPDATE OF "version", "caller_spoke_at", "agent_spoke_at"',
                table="incidents_incident",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="AlertSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        max_length=63,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="slug",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "shape",
                    models.CharField(
                        choices=[
                            ("alertmanager", "Prometheus Alertmanager"),
                            ("grafana", "Grafana"),
                            ("pagerduty", "PagerDuty Events v2"),
                            ("cdevents", "CDEvents"),
                            ("generic", "JSON with a mapping"),
                        ],
                        max_length=12,
                        verbose_name="shape",
                    ),
                ),
                ("mapping", models.JSONField(blank=True, default=dict, verbose_name="mapping")),
                (
                    "group_by",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        default=incidents.alerts_in.models.source.first_group_by,
                        size=None,
                        verbose_name="grouped by",
                    ),
                ),
                (
                    "settle",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="resolved after (minutes)"),
                ),
                ("may_acknowledge", models.BooleanField(default=False, verbose_name="its acknowledgements count")),
                (
                    "service_label",
                    models.CharField(default="service", max_length=100, verbose_name="label of the service"),
                ),
                (
                    "environment_label",
                    models.CharField(default="environment", max_length=100, verbose_name="label of the environment"),
                ),
                ("server_url", models.CharField(blank=True, max_length=300, verbose_name="address of its API")),
                (
                    "credential",
                    models.CharField(
                        blank=True,
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="credential",
                    ),
                ),
                ("polled_at", models.DateTimeField(editable=False, null=True, verbose_name="read at")),
                ("trouble", models.CharField(blank=True, editable=False, max_length=300, verbose_name="trouble")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="program",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of alerts",
                "verbose_name_plural": "sources of alerts",
                "ordering": ("slug",),
            },
        ),
        migrations.CreateModel(
            name="AlertIntake",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.BinaryField(verbose_name="body")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "not applied yet"),
                            ("applied", "applied"),
                            ("parked", "parked"),
                            ("discarded", "discarded"),
                        ],
                        default="new",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("alerts", models.PositiveIntegerField(default=0, verbose_name="alerts")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.alertsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "body of alerts",
                "verbose_name_plural": "bodies of alerts",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="AlertTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("dropped", "dropped by a rule"),
                            ("late_peer", "repeated by a late peer after the end"),
                            ("repeated", "the same event again"),
                            ("truncated", "alerts that the sender cut off"),
                            ("refused", "bodies asked to come again (503)"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=0, verbose_name="count")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.alertsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of a source of alerts",
                "verbose_name_plural": "counts of sources of alerts",
                "ordering": ("-day", "what"),
            },
        ),
        migrations.CreateModel(
            name="Quiet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change_reference", models.CharField(max_length=40, verbose_name="change")),
                ("matchers", models.JSONField(default=list, verbose_name="matchers")),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="services"
                    ),
                ),
                ("environment", models.CharField(max_length=63, verbose_name="environment")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("active", "active"),
                            ("lifted", "lifted"),
                            ("failed", "failed"),
                        ],
                        default="planned",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="why it ended")),
                ("lifted_at", models.DateTimeField(null=True, verbose_name="lifted at")),
                ("hidden", models.PositiveIntegerField(default=0, verbose_name="kept quiet")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "quiet",
                "verbose_name_plural": "quiets",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["change_reference"], name="quiet_by_change"),
                    models.Index(condition=models.Q(("status", "active")), fields=["ends_at"], name="quiet_active"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="a_quiet_ends_after_it_starts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"), "+", models.Value(datetime.timedelta(days=1))
                                ),
                            )
                        ),
                        name="a_quiet_lasts_a_day_at_most",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("services__len__gte", 1)), name="a_quiet_is_for_services"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("environment", ""), _negated=True), name="a_quiet_is_for_an_environment"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["planned", "active"])),
                        fields=("change_reference",),
                        name="a_change_has_one_quiet_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertOccurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=128, verbose_name="fingerprint")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("seen_at", models.DateTimeField(verbose_name="seen at")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="messages")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("labels", models.JSONField(default=dict, verbose_name="labels")),
                ("annotations", models.JSONField(default=dict, verbose_name="annotations")),
                (
                    "links",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500), default=list, size=None, verbose_name="links"
                    ),
                ),
                ("severity", models.CharField(blank=True, max_length=40, verbose_name="severity")),
                ("environment", models.CharField(blank=True, max_length=63, verbose_name="environment")),
                ("group_key", models.CharField(max_length=64, verbose_name="group")),
                ("routed_by", models.CharField(blank=True, max_length=200, verbose_name="routed by")),
                ("priority", models.PositiveSmallIntegerField(null=True, verbose_name="priority")),
                (
                    "settle",
                    models.PositiveSmallIntegerField(null=True, verbose_name="resolved after (minutes)"),
                ),
                ("policy", models.CharField(blank=True, max_length=63, verbose_name="escalation policy")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("firing", "firing"),
                            ("ended", "ended"),
                            ("quieted", "kept quiet"),
                            ("stale", "not repeated"),
                        ],
                        default="firing",
                        editable=False,
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("clock_doubt", models.BooleanField(default=False, verbose_name="its clock is in doubt")),
                ("acknowledged_by", models.CharField(blank=True, max_length=120, verbose_name="acknowledged there")),
                ("absent", models.PositiveSmallIntegerField(default=0, verbose_name="absent")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.alertsource",
                        verbose_name="source",
                    ),
                ),
                (
                    "quiet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.quiet",
                        verbose_name="quiet",
                    ),
                ),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="QuietCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("silence_id", models.CharField(blank=True, max_length=64, verbose_name="silence there")),
                (
                    "status",
                    models.CharField(
                        choices=[("held", "held there"), ("failed", "not held there"), ("lifted", "lifted there")],
                        default="failed",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("leased_until", models.DateTimeField(null=True, verbose_name="leased until")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="checked at")),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="error")),
                (
                    "quiet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="incidents.quiet",
                        verbose_name="quiet",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.alertsource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "copy of a quiet",
                "verbose_name_plural": "copies of quiets",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="RoutingVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True, verbose_name="version")),
                ("rules", models.JSONField(verbose_name="rules")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "routing of alerts",
                "verbose_name_plural": "routings of alerts",
                "ordering": ("-version",),
            },
        ),
        migrations.CreateModel(
            name="AlertKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, verbose_name="group")),
                (
                    "origin",
                    models.CharField(
                        choices=[("alert", "alerts of another system"), ("burn", "a burn alert")],
                        max_length=5,
                        verbose_name="origin",
                    ),
                ),
                ("environment", models.CharField(blank=True, max_length=63, verbose_name="environment")),
                ("apart", models.BooleanField(default=False, verbose_name="kept apart from others")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alert_keys",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of alerts of an incident",
                "verbose_name_plural": "groups of alerts of incidents",
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["key", "-id"], name="alert_group_by_key"),
                    models.Index(fields=["service", "-id"], name="alert_group_by_service"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "key"), name="a_group_of_alerts_joins_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="alertsource",
            constraint=models.UniqueConstraint(
                condition=models.Q(("account__isnull", False), ("retired_at", None)),
                fields=("account", "shape"),
                name="a_program_has_one_source_of_a_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("shape__in", ["alertmanager", "grafana", "pagerduty", "cdevents", "generic"])),
                name="a_source_of_alerts_has_a_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("group_by__len__gte", 1)), name="alerts_are_grouped_by_something"
            ),
        ),
        migrations.AddIndex(
            model_name="alertintake",
            index=models.Index(condition=models.Q(("status", "new")), fields=["source", "id"], name="alert_body_new"),
        ),
        migrations.AddIndex(
            model_name="alertintake",
            index=models.Index(condition=models.Q(("status", "parked")), fields=["-id"], name="alert_body_parked"),
        ),
        migrations.AddIndex(
            model_name="alertintake",
            index=models.Index(fields=["source", "received_at"], name="alert_body_by_arrival"),
        ),
        migrations.AddIndex(
            model_name="alertintake",
            index=models.Index(fields=["received_at"], name="alert_body_by_age"),
        ),
        migrations.AddConstraint(
            model_name="alertintake",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["new", "applied", "parked", "discarded"])),
                name="a_body_of_alerts_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertintake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "parked"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_parked_body_of_alerts_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="alerttally",
            constraint=models.UniqueConstraint(fields=("source", "day", "what"), name="one_count_of_alerts_a_day"),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(fields=["service", "started_at"], name="alert_by_service"),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(fields=["-started_at", "-id"], name="alert_by_start"),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(
                condition=models.Q(("incident__isnull", False)), fields=["incident"], name="alert_by_incident"
            ),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["seen_at"], name="alert_open_by_sight"),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(condition=models.Q(("quiet__isnull", False)), fields=["quiet"], name="alert_by_quiet"),
        ),
        migrations.AddIndex(
            model_name="alertoccurrence",
            index=models.Index(fields=["received_at"], name="alert_by_receipt"),
        ),
        migrations.AddConstraint(
            model_name="alertoccurrence",
            constraint=models.UniqueConstraint(
                fields=("source", "fingerprint", "started_at"), name="one_alert_of_a_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="alertoccurrence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("source", "fingerprint"),
                name="an_alert_fires_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertoccurrence",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"),
                name="an_alert_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertoccurrence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "ended"), ("ended_at__isnull", False)),
                    models.Q(models.Q(("status", "ended"), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="an_ended_alert_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertoccurrence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "quieted"), _negated=True), ("quiet__isnull", False), _connector="OR"
                ),
                name="a_quieted_alert_names_its_quiet",
            ),
        ),
        migrations.AddConstraint(
            model_name="quietcopy",
            constraint=models.UniqueConstraint(
                fields=("quiet", "source", "service"), name="one_copy_of_a_quiet_in_a_source"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="incidents_routingversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="incidents_routingversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Imported",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40, verbose_name="source")),
                ("key", models.CharField(max_length=200, verbose_name="number there")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                (
                    "values",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="values"
                    ),
                ),
                ("met_sla", models.BooleanField(null=True, verbose_name="met its agreement")),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="problem there")),
                ("change", models.CharField(blank=True, max_length=200, verbose_name="change there")),
                ("caused_by", models.CharField(blank=True, max_length=200, verbose_name="caused by the change")),
                ("at", models.DateTimeField(verbose_name="imported at")),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported incident",
                "verbose_name_plural": "imported incidents",
                "ordering": ("id",),
                "constraints": [models.UniqueConstraint(fields=("source", "key"), name="one_incident_of_a_key")],
            },
        ),
        migrations.CreateModel(
            name="ImportedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveIntegerField(verbose_name="place")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("by", models.CharField(blank=True, max_length=200, verbose_name="by")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported event",
                "verbose_name_plural": "imported events",
                "ordering": ("incident", "place"),
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "place"), name="one_imported_event_at_a_place")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenSpan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "ended_at",
                    models.DateTimeField(
                        default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC), verbose_name="ended at"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_spans",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "span in which an incident was open",
                "verbose_name_plural": "spans in which incidents were open",
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["ended_at", "begun_at"], include=("incident",), name="open_span_by_end"),
                    models.Index(fields=["begun_at"], include=("incident",), name="open_span_by_begin"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gte", models.F("begun_at"))),
                        name="an_open_span_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC))),
                        fields=("incident",),
                        name="an_incident_is_open_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "every",
                    models.CharField(
                        choices=[("day", "each morning"), ("week", "each Monday"), ("month", "each first of a month")],
                        default="week",
                        max_length=8,
                        verbose_name="how often",
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="last sent at")),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reader",
                    ),
                ),
            ],
            options={
                "verbose_name": "report by mail",
                "verbose_name_plural": "reports by mail",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="SavedReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="only")),
                (
                    "measures",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("total", "all, merged ones too"),
                                ("opened", "opened"),
                                ("resolved", "resolved"),
                                ("backlog", "backlog"),
                                ("mtta", "time to acknowledge"),
                                ("first_response", "time to first response"),
                                ("mttr", "time to resolve"),
                                ("fcr", "solved at first contact"),
                                ("reopened", "reopened"),
                                ("reassigned", "reassigned"),
                                ("escalated", "escalated"),
                                ("caused_by_change", "caused by a change"),
                                ("time_worked", "time worked"),
                                ("sla_met", "resolved in time"),
                                ("sla_breached", "resolved late"),
                                ("sla_by_change", "resolved late by a new target"),
                                ("response_met", "first response in time"),
                                ("response_breached", "first response late"),
                                ("response_by_change", "first response late by a new target"),
                                ("update_met", "updated in time"),
                                ("update_breached", "updated late"),
                                ("update_by_change", "updated late by a new target"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="measures",
                    ),
                ),
                (
                    "group_by",
                    models.CharField(
                        choices=[
                            ("team", "team"),
                            ("priority", "priority"),
                            ("service", "service"),
                            ("state", "state"),
                            ("channel", "channel"),
                            ("assigned", "person"),
                        ],
                        default="team",
                        max_length=10,
                        verbose_name="told apart by",
                    ),
                ),
                (
                    "span",
                    models.CharField(
                        choices=[
                            ("yesterday", "yesterday"),
                            ("last_week", "last week"),
                            ("last_month", "last month"),
                            ("this_month", "this month"),
                            ("30_days", "the last 30 days"),
                            ("90_days", "the last 90 days"),
                            ("all_time", "all time"),
                        ],
                        default="last_week",
                        max_length=12,
                        verbose_name="period",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whose it is",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "ordering": ("name", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("measures", []), _negated=True), name="a_report_measures_something"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "INSERT INTO incidents_openspan (incident_id, begun_at, ended_at) VALUES (",
                    "  NEW.id, NEW.opened_at,",
                    "  CASE WHEN NEW.status IN ('new', 'in_progress', 'on_hold') THEN '9999-12-31 00:00:00+00'",
                    "       WHEN NEW.status = 'cancelled' THEN greatest(NEW.opened_at, NEW.updated_at)",
                    "       ELSE greatest(NEW.opened_at, coalesce(NEW.resolved_at, NEW.closed_at, NEW.updated_at)) END",
                    ");",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="begins_open",
                operation="INSERT",
                table="incidents_incident",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.opened_at IS DISTINCT FROM NEW.opened_at OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at OR OLD.closed_at IS DISTINCT FROM NEW.closed_at)",
                declare="DECLARE was_open boolean := OLD.status IN ('new', 'in_progress', 'on_hold'); is_open boolean := NEW.status IN ('new', 'in_progress', 'on_hold'); over_at timestamptz := coalesce(NEW.resolved_at, NEW.closed_at);",
                func=[
                    "IF OLD.opened_at <> NEW.opened_at THEN",
                    "  UPDATE incidents_openspan SET begun_at = NEW.opened_at, ended_at = greatest(ended_at, NEW.opened_at)",
                    "  WHERE id = (SELECT min(id) FROM incidents_openspan WHERE incident_id = NEW.id);",
                    "END IF;",
                    "IF is_open AND NOT was_open THEN",
                    "  INSERT INTO incidents_openspan (incident_id, begun_at, ended_at)",
                    "  VALUES (NEW.id, statement_timestamp(), '9999-12-31 00:00:00+00');",
                    "ELSIF was_open AND NOT is_open THEN",
                    "  IF NEW.status = 'cancelled' THEN over_at := NULL; END IF;",
                    "  UPDATE incidents_openspan SET ended_at = greatest(begun_at, coalesce(over_at, statement_timestamp()))",
                    "  WHERE incident_id = NEW.id AND ended_at = '9999-12-31 00:00:00+00';",
                    "ELSIF NOT is_open AND NEW.status <> 'cancelled' AND over_at IS NOT NULL",
                    "    AND over_at IS DISTINCT FROM coalesce(OLD.resolved_at, OLD.closed_at) THEN",
                    "  UPDATE incidents_openspan SET ended_at = greatest(begun_at, over_at)",
                    "  WHERE id = (SELECT max(id) FROM incidents_openspan WHERE incident_id = NEW.id);",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="opens_and_ends",
                operation='UPDATE OF "status", "opened_at", "resolved_at", "closed_at"',
                table="incidents_incident",
                when="AFTER",
            ),
        ),
        migrations.AddField(
            model_name="reportmail",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mails",
                to="incidents.savedreport",
                verbose_name="report",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportmail",
            constraint=models.UniqueConstraint(fields=("report", "reader"), name="one_mail_of_a_report_per_reader"),
        ),
        migrations.CreateModel(
            name="Broadcast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=20000, verbose_name="text")),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("requesters", models.BooleanField(default=False, verbose_name="requesters are told too")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "broadcast",
                "verbose_name_plural": "broadcasts",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Problem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("statement", models.CharField(max_length=200, verbose_name="statement")),
                ("symptom", models.TextField(blank=True, max_length=20000, verbose_name="symptom")),
                ("cause", models.TextField(blank=True, max_length=20000, verbose_name="cause")),
                ("cause_unknown", models.BooleanField(default=False, verbose_name="cause unknown")),
                ("workaround", models.TextField(blank=True, max_length=20000, verbose_name="workaround")),
                (
                    "workaround_public",
                    models.BooleanField(default=False, verbose_name="requesters may read the workaround"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("dismissed", "Dismissed"),
                            ("new", "New"),
                            ("analysing", "Analysing"),
                            ("known_error", "Known error"),
                            ("fixing", "Fixing"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                        ],
                        default="new",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "close_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fix_applied", "fix applied"),
                            ("risk_accepted", "risk accepted"),
                            ("duplicate", "duplicate of another"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=20,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                ("risk_review_at", models.DateTimeField(blank=True, null=True, verbose_name="risk looked at again")),
                ("signature", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "proposed_by_rule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("alike", "alike incidents of one service"),
                            ("grave", "grave incidents of one service"),
                            ("budget", "outages that nobody looks into"),
                        ],
                        max_length=10,
                        verbose_name="rule",
                    ),
                ),
                ("proposed_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="found")),
                (
                    "why",
                    models.CharField(blank=True, editable=False, max_length=500, verbose_name="why it was proposed"),
                ),
                (
                    "burn_minutes",
                    models.DecimalField(
                        decimal_places=6, default=0, editable=False, max_digits=20, verbose_name="minutes burned"
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("resolved_at", models.DateTimeField(editable=False, null=True, verbose_name="resolved at")),
                ("dismissed_at", models.DateTimeField(editable=False, null=True, verbose_name="dismissed at")),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duplicates",
                        to="incidents.problem",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "risk_accepted_by",
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
                        related_name="problems",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        default=itsm.accounts.operations.queues.triage_id,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "problem",
                "verbose_name_plural": "problems",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="FixWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("change_number", models.BigIntegerField(verbose_name="change")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fix_words",
                        to="incidents.problem",
                        verbose_name="problem",
                    ),
                ),
            ],
            options={
                "verbose_name": "word about a fix",
                "verbose_name_plural": "words about fixes",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="BroadcastDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64)),
                (
                    "audience",
                    models.CharField(
                        choices=[("desk", "the desk"), ("requester", "the requester")],
                        max_length=10,
                        verbose_name="audience",
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
                ("left_out", models.CharField(blank=True, max_length=200, verbose_name="why it was left out")),
                (
                    "broadcast",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="incidents.broadcast",
                        verbose_name="broadcast",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="incidents.problem",
                        verbose_name="problem",
                    ),
                ),
            ],
            options={
                "verbose_name": "owed note of a broadcast",
                "verbose_name_plural": "owed notes of broadcasts",
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="broadcast",
            name="problem",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="broadcasts",
                to="incidents.problem",
                verbose_name="problem",
            ),
        ),
        migrations.CreateModel(
            name="ProblemBurn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service_id", models.BigIntegerField(verbose_name="service")),
                ("service_name", models.CharField(max_length=200, verbose_name="service")),
                ("objective", models.CharField(max_length=80, verbose_name="objective")),
                ("share", models.TextField(verbose_name="share of the budget")),
                ("minutes", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="minutes")),
                ("counts", models.BooleanField(default=False, verbose_name="ranks")),
                ("parts", models.JSONField(default=list, verbose_name="parts")),
                ("digest", models.CharField(max_length=64)),
                (
                    "problem",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="burns",
                        to="incidents.problem",
                        verbose_name="problem",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget burned by a problem",
                "verbose_name_plural": "budget burned by problems",
                "ordering": ("-minutes", "objective", "id"),
            },
        ),
        migrations.CreateModel(
            name="ProblemRanking",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("as_of", models.DateTimeField(verbose_name="as of")),
            ],
            options={
                "verbose_name": "ranking of problems",
                "verbose_name_plural": "ranking of problems",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_ranking_of_problems")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["-burn_minutes", "-id"], name="problem_by_burn"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ("proposed", "new", "analysing", "known_error", "fixing", "resolved"))
                ),
                fields=["-burn_minutes", "-id"],
                name="problem_standing_by_burn",
            ),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["service", "status"], name="problem_by_service"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["status", "-id"], name="problem_by_status"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["owner", "-id"], name="problem_by_owner"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["team", "-id"], name="problem_by_team"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(
                condition=models.Q(("duplicate_of__isnull", False)), fields=["duplicate_of"], name="problem_by_survivor"
            ),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(
                condition=models.Q(("close_code", "risk_accepted")), fields=["risk_review_at"], name="problem_by_review"
            ),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("statement", "symptom", "workaround", config="simple"),
                condition=models.Q(("status__in", ("known_error", "fixing"))),
                name="problem_known_error_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ("proposed", "new", "analysing", "known_error", "fixing", "resolved")),
                    models.Q(("signature", ""), _negated=True),
                ),
                fields=("signature",),
                name="one_standing_problem_of_a_signature",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "known_error"), _negated=True),
                    models.Q(
                        models.Q(("workaround", ""), _negated=True),
                        models.Q(("cause_unknown", True), models.Q(("cause", ""), _negated=True), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="known_error_says_cause_and_workaround",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "closed"), models.Q(("close_code", ""), _negated=True), ("closed_at__isnull", False)
                    ),
                    models.Q(models.Q(("status", "closed"), _negated=True), ("close_code", ""), ("closed_at", None)),
                    _connector="OR",
                ),
                name="closed_problem_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("close_code", "risk_accepted"), _negated=True),
                    models.Q(
                        ("risk_accepted_by__isnull", False),
                        ("risk_review_at__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="accepted_risk_says_why_and_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("close_code", "duplicate"), ("duplicate_of__isnull", False)),
                    models.Q(("duplicate_of", None), models.Q(("close_code", "duplicate"), _negated=True)),
                    _connector="OR",
                ),
                name="duplicate_problem_names_its_survivor",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(("duplicate_of", models.F("id")), _negated=True),
                name="no_problem_is_its_own_survivor",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["proposed", "dismissed", "new", "analysing", "known_error", "fixing", "resolved", "closed"],
                    )
                ),
                name="problem_status_is_known",
            ),
        ),
        AddTrigger(
            model_name="problem",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('analysing', 'closed'),",
                    "  ('analysing', 'fixing'),",
                    "  ('analysing', 'known_error'),",
                    "  ('closed', 'analysing'),",
                    "  ('fixing', 'closed'),",
                    "  ('fixing', 'resolved'),",
                    "  ('known_error', 'closed'),",
                    "  ('known_error', 'fixing'),",
                    "  ('new', 'analysing'),",
                    "  ('new', 'closed'),",
                    "  ('proposed', 'closed'),",
                    "  ('proposed', 'dismissed'),",
                    "  ('proposed', 'new'),",
                    "  ('resolved', 'closed')",
                    ") THEN",
                    "  RAISE EXCEPTION 'incidents_problem does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="incidents_problem",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="problem",
            trigger=CompiledGuard(
                condition="WHEN (NEW.duplicate_of_id IS NOT NULL)",
                func=[
                    "-- Whoever merges the survivor meanwhile is waited for, and what they left is what is judged.",
                    "PERFORM 1 FROM incidents_problem WHERE id = NEW.duplicate_of_id FOR SHARE;",
                    "IF EXISTS (SELECT 1 FROM incidents_problem WHERE id = NEW.duplicate_of_id AND duplicate_of_id IS NOT NULL)",
                    "  OR EXISTS (SELECT 1 FROM incidents_problem WHERE duplicate_of_id = NEW.id)",
                    "THEN",
                    "  RAISE EXCEPTION 'the survivor was merged itself' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="lives_on_in_a_survivor",
                operation='INSERT OR UPDATE OF "duplicate_of_id"',
                table="incidents_problem",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="fixword",
            index=models.Index(fields=["change_number"], name="fix_word_by_change"),
        ),
        migrations.AddConstraint(
            model_name="fixword",
            constraint=models.UniqueConstraint(fields=("problem", "change_number", "by"), name="one_fix_word_of_each"),
        ),
        migrations.AddIndex(
            model_name="broadcastdelivery",
            index=models.Index(condition=models.Q(("settled_at", None)), fields=["id"], name="broadcast_owed"),
        ),
        migrations.AddConstraint(
            model_name="broadcastdelivery",
            constraint=models.UniqueConstraint(
                fields=("problem", "incident", "digest", "audience"), name="one_note_of_a_version_of_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="broadcastdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("left_out", ""), ("settled_at__isnull", False), _connector="OR"),
                name="what_was_left_out_is_settled",
            ),
        ),
        migrations.AddIndex(
            model_name="problemburn",
            index=models.Index(fields=["-minutes"], name="burn_by_minutes"),
        ),
        migrations.AddIndex(
            model_name="problemburn",
            index=models.Index(
                condition=models.Q(("counts", True)), fields=["problem"], include=("minutes",), name="burn_ranking"
            ),
        ),
        migrations.AddConstraint(
            model_name="problemburn",
            constraint=models.UniqueConstraint(
                fields=("problem", "objective"), name="one_burn_of_a_problem_and_objective", nulls_distinct=False
            ),
        ),
        migrations.CreateModel(
            name="Postmortem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("review", "In review"),
                            ("published", "Published"),
                            ("waived", "Waived"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("impact", models.TextField(blank=True, max_length=20000, verbose_name="impact")),
                (
                    "factors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=1000),
                        blank=True,
                        default=list,
                        size=50,
                        verbose_name="factors",
                    ),
                ),
                ("went_well", models.TextField(blank=True, max_length=20000, verbose_name="what went well")),
                ("went_badly", models.TextField(blank=True, max_length=20000, verbose_name="what went badly")),
                ("lucky", models.TextField(blank=True, max_length=20000, verbose_name="where we were lucky")),
                (
                    "no_actions_because",
                    models.TextField(blank=True, max_length=2000, verbose_name="why there is no action"),
                ),
                ("required_because", models.JSONField(blank=True, default=list, verbose_name="why it is required")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                ("opened_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="who wrote in it",
                    ),
                ),
                ("published", models.PositiveIntegerField(default=0, editable=False, verbose_name="published version")),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at")),
                ("waiver_reason", models.TextField(blank=True, max_length=2000, verbose_name="why none is needed")),
                ("waived_at", models.DateTimeField(editable=False, null=True, verbose_name="waived at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "incident",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postmortem",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "problem",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postmortem",
                        to="incidents.problem",
                        verbose_name="problem",
                    ),
                ),
                (
                    "waived_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waiver_asked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "waiver_person",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "postmortem",
                "verbose_name_plural": "postmortems",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PostmortemAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "action_type",
                    models.CharField(
                        choices=[
                            ("prevent", "prevent"),
                            ("detect", "detect"),
                            ("mitigate", "mitigate"),
                            ("learn", "learn"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="action")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("change_number", models.BigIntegerField(blank=True, null=True, verbose_name="change")),
                ("done_at", models.DateTimeField(editable=False, null=True, verbose_name="done at")),
                ("outcome", models.TextField(blank=True, max_length=2000, verbose_name="what was done")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "done_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "fix_said_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "fix_service",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "postmortem",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="actions",
                        to="incidents.postmortem",
                        verbose_name="postmortem",
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="incidents.problem",
                        verbose_name="problem",
                    ),
                ),
            ],
            options={
                "verbose_name": "action of a postmortem",
                "verbose_name_plural": "actions of postmortems",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="PostmortemEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("text", models.TextField(max_length=2000, verbose_name="text")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("person", "written"),
                            ("incident", "incident"),
                            ("note", "note"),
                            ("change", "change"),
                            ("alert", "alert"),
                        ],
                        default="person",
                        max_length=10,
                        verbose_name="source",
                    ),
                ),
                ("key", models.CharField(blank=True, editable=False, max_length=60)),
                ("removed", models.BooleanField(default=False, verbose_name="taken out")),
                (
                    "postmortem",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="incidents.postmortem",
                        verbose_name="postmortem",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a postmortem's timeline",
                "verbose_name_plural": "entries of postmortems' timelines",
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="PostmortemVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "content",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="content"),
                ),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="who wrote in it"
                    ),
                ),
                ("published_at", models.DateTimeField(verbose_name="published at")),
                (
                    "postmortem",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="incidents.postmortem",
                        verbose_name="postmortem",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a postmortem",
                "verbose_name_plural": "versions of postmortems",
                "ordering": ("-number",),
            },
        ),
        migrations.AddIndex(
            model_name="postmortem",
            index=models.Index(fields=["status", "-id"], name="postmortem_by_status"),
        ),
        migrations.AddIndex(
            model_name="postmortem",
            index=models.Index(
                condition=models.Q(("status__in", ("draft", "review"))), fields=["due_at"], name="postmortem_to_write"
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("incident__isnull", False), ("problem", None)),
                    models.Q(("incident", None), ("problem__isnull", False)),
                    _connector="OR",
                ),
                name="postmortem_is_about_one_record",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "published"), _negated=True),
                    models.Q(("published__gt", 0), ("published_at__isnull", False)),
                    _connector="OR",
                ),
                name="published_postmortem_has_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "waived"),
                        ("waived_at__isnull", False),
                        ("waived_by__isnull", False),
                        ("waiver_person__isnull", False),
                        models.Q(("waiver_reason", ""), _negated=True),
                    ),
                    models.Q(models.Q(("status", "waived"), _negated=True), ("waived_at", None), ("waived_by", None)),
                    _connector="OR",
                ),
                name="waived_postmortem_says_why_and_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("waived_by", None),
                    models.Q(("waived_by", models.F("waiver_person")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_waives_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortem",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "review", "published", "waived"])),
                name="postmortem_status_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postmortem",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('draft', 'published'),",
                    "  ('draft', 'review'),",
                    "  ('draft', 'waived'),",
                    "  ('published', 'draft'),",
                    "  ('review', 'draft'),",
                    "  ('review', 'published'),",
                    "  ('review', 'waived'),",
                    "  ('waived', 'draft')",
                    ") THEN",
                    "  RAISE EXCEPTION 'incidents_postmortem does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="incidents_postmortem",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="postmortemaction",
            index=models.Index(fields=["postmortem", "id"], name="actions_of_a_postmortem"),
        ),
        migrations.AddIndex(
            model_name="postmortemaction",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["due_at", "id"], name="open_actions_by_due"
            ),
        ),
        migrations.AddIndex(
            model_name="postmortemaction",
            index=models.Index(
                condition=models.Q(("change_number__isnull", False)), fields=["change_number"], name="action_by_change"
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortemaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_at", None), models.Q(("outcome", ""), _negated=True), _connector="OR"),
                name="a_done_action_says_what_was_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortemaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("change_number", None), ("problem", None), _connector="OR"),
                name="an_action_is_linked_to_one_record",
            ),
        ),
        migrations.AddIndex(
            model_name="postmortemevent",
            index=models.Index(fields=["postmortem", "at", "id"], name="timeline_of_a_postmortem"),
        ),
        migrations.AddConstraint(
            model_name="postmortemevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("postmortem", "key"),
                name="filled_in_once_from_each_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="postmortemversion",
            constraint=models.UniqueConstraint(
                fields=("postmortem", "number"), name="one_version_of_a_postmortem_by_number"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postmortemversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="incidents_postmortemversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postmortemversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="incidents_postmortemversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postmortemversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (NEW.published_by_id = ANY (NEW.writers))",
                func=[
                    "RAISE EXCEPTION 'who wrote a postmortem does not publish it' USING ERRCODE = 'check_violation';"
                ],
                level="ROW",
                name="who_wrote_it_does_not_publish_it",
                operation="INSERT",
                table="incidents_postmortemversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="CandidateRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("critical", "Priority 1"),
                            ("children", "Many children"),
                            ("tier_1_burn", "An alert burns a tier 1 service's budget"),
                            ("storm", "A storm of alerts"),
                            ("dependency", "Several services of one dependency"),
                            ("reporters", "Many reporters"),
                        ],
                        max_length=20,
                        unique=True,
                        verbose_name="rule",
                    ),
                ),
                ("is_on", models.BooleanField(default=True, verbose_name="proposes")),
                ("least", models.PositiveSmallIntegerField(verbose_name="from how many on")),
                ("minutes", models.PositiveSmallIntegerField(default=0, verbose_name="within how many minutes")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "rule that proposes major incidents",
                "verbose_name_plural": "rules that propose major incidents",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("least__range", (1, 1000))), name="candidate_rule_counts_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__lte", 1440)), name="candidate_rule_looks_back_a_day_at_most"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rule__in", ["critical", "children", "tier_1_burn", "storm", "dependency", "reporters"])
                        ),
                        name="candidate_rule_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Major",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("live", "Live"),
                            ("mitigated", "Mitigated"),
                            ("resolved", "Resolved"),
                            ("concluded", "Concluded"),
                            ("rejected", "Rejected"),
                            ("demoted", "Demoted"),
                        ],
                        default="proposed",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "severity",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "SEV1: everybody is harmed"),
                            (2, "SEV2: many are harmed"),
                            (3, "SEV3: few are harmed"),
                            (4, "SEV4: nobody is harmed yet"),
                        ],
                        null=True,
                        verbose_name="severity",
                    ),
                ),
                (
                    "gravest",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "SEV1: everybody is harmed"),
                            (2, "SEV2: many are harmed"),
                            (3, "SEV3: few are harmed"),
                            (4, "SEV4: nobody is harmed yet"),
                        ],
                        editable=False,
                        null=True,
                    ),
                ),
                ("impact", models.TextField(blank=True, max_length=2000, verbose_name="impact")),
                (
                    "bridge",
                    models.CharField(blank=True, max_length=300, verbose_name="where those who work on it meet"),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="the harm began")),
                ("detected_at", models.DateTimeField(blank=True, null=True, verbose_name="it was seen")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="work began")),
                (
                    "mitigated_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="the harm was over, or small"),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="the cause was gone")),
                ("cadence", models.PositiveSmallIntegerField(default=60, verbose_name="minutes between updates")),
                (
                    "next_update_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="next update due"),
                ),
                ("told_at", models.DateTimeField(editable=False, null=True, verbose_name="last update")),
                ("paged", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("because", models.JSONField(blank=True, default=list, verbose_name="what proposed it")),
                ("turned_down", models.JSONField(blank=True, default=dict, editable=False)),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                (
                    "notice_fate",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "there is none"),
                            ("keep", "it stays, and is kept up to date"),
                            ("resolve", "it is resolved there"),
                        ],
                        max_length=10,
                        verbose_name="public notice",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                ("accepted_at", models.DateTimeField(editable=False, null=True, verbose_name="accepted at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "commander",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="commander",
                    ),
                ),
                (
                    "communications",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="communications",
                    ),
                ),
                (
                    "unanswered_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="duty manager paged at"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="as_major",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scribe",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="scribe",
                    ),
                ),
            ],
            options={
                "verbose_name": "major incident",
                "verbose_name_plural": "major incidents",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="MajorUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=2000, verbose_name="text")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("told", models.PositiveIntegerField(default=0, verbose_name="people told")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "major",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="incidents.major",
                        verbose_name="major incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "update of a major incident",
                "verbose_name_plural": "updates of major incidents",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PinnedMoment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("text", models.CharField(max_length=1000, verbose_name="what happened")),
                ("key", models.CharField(blank=True, editable=False, max_length=60)),
                ("noted_at", models.DateTimeField(verbose_name="noted at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "major",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moments",
                        to="incidents.major",
                        verbose_name="major incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "moment of a major incident",
                "verbose_name_plural": "moments of major incidents",
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Stakeholder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(blank=True, max_length=120, verbose_name="what they have to do with it")),
                ("added_at", models.DateTimeField(verbose_name="since")),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "major",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stakeholders",
                        to="incidents.major",
                        verbose_name="major incident",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "stakeholder of a major incident",
                "verbose_name_plural": "stakeholders of major incidents",
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="major",
            index=models.Index(fields=["status", "-id"], name="major_by_status"),
        ),
        migrations.AddIndex(
            model_name="major",
            index=models.Index(
                condition=models.Q(("status__in", ("live", "mitigated"))),
                fields=["next_update_at"],
                name="major_update_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("live", "mitigated", "resolved", "concluded")), _negated=True),
                    models.Q(("accepted_at__isnull", False), ("commander__isnull", False), ("severity__isnull", False)),
                    _connector="OR",
                ),
                name="accepted_major_has_severity_and_commander",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("live", "mitigated", "resolved", "concluded")), _negated=True),
                    models.Q(("gravest__isnull", False), ("gravest__lte", models.F("severity"))),
                    _connector="OR",
                ),
                name="accepted_major_keeps_how_grave_it_was",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("started_at", None),
                        ("detected_at", None),
                        ("started_at__lte", models.F("detected_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("detected_at", None),
                        ("acknowledged_at", None),
                        ("detected_at__lte", models.F("acknowledged_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("started_at", None),
                        ("acknowledged_at", None),
                        ("started_at__lte", models.F("acknowledged_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("started_at", None),
                        ("mitigated_at", None),
                        ("started_at__lte", models.F("mitigated_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("mitigated_at", None),
                        ("resolved_at", None),
                        ("mitigated_at__lte", models.F("resolved_at")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("started_at", None),
                        ("resolved_at", None),
                        ("started_at__lte", models.F("resolved_at")),
                        _connector="OR",
                    ),
                ),
                name="major_times_are_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("started_at", None),
                        (
                            "started_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.datetime.Now(),
                                "+",
                                models.Value(datetime.timedelta(seconds=300)),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("detected_at", None),
                        (
                            "detected_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.datetime.Now(),
                                "+",
                                models.Value(datetime.timedelta(seconds=300)),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("acknowledged_at", None),
                        (
                            "acknowledged_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.datetime.Now(),
                                "+",
                                models.Value(datetime.timedelta(seconds=300)),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("mitigated_at", None),
                        (
                            "mitigated_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.datetime.Now(),
                                "+",
                                models.Value(datetime.timedelta(seconds=300)),
                            ),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        ("resolved_at", None),
                        (
                            "resolved_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.datetime.Now(),
                                "+",
                                models.Value(datetime.timedelta(seconds=300)),
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="major_times_are_not_ahead",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__range", (1, 4)), ("severity", None), _connector="OR"),
                name="major_severity_is_1_to_4",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(("cadence__range", (5, 1440))), name="major_cadence_is_sensible"
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("rejected", "demoted")), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_major_turned_down_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "resolved"), _negated=True),
                    models.Q(("mitigated_at__isnull", False), ("resolved_at__isnull", False)),
                    _connector="OR",
                ),
                name="resolved_major_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="major",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["proposed", "live", "mitigated", "resolved", "concluded", "rejected", "demoted"])
                ),
                name="major_status_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="major",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('demoted', 'proposed'),",
                    "  ('live', 'demoted'),",
                    "  ('live', 'mitigated'),",
                    "  ('live', 'resolved'),",
                    "  ('mitigated', 'demoted'),",
                    "  ('mitigated', 'live'),",
                    "  ('mitigated', 'resolved'),",
                    "  ('proposed', 'demoted'),",
                    "  ('proposed', 'live'),",
                    "  ('proposed', 'rejected'),",
                    "  ('rejected', 'proposed'),",
                    "  ('resolved', 'concluded'),",
                    "  ('resolved', 'live')",
                    ") THEN",
                    "  RAISE EXCEPTION 'incidents_major does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="incidents_major",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="major",
            trigger=itsm.audit.triggers.CompiledGuard(
                constraint="CONSTRAINT",
                func=[
                    "PERFORM 1 FROM incidents_incident WHERE id = NEW.incident_id FOR NO KEY UPDATE;",
                    "IF EXISTS (SELECT 1 FROM incidents_incident one WHERE one.id = NEW.incident_id AND one.major <> EXISTS (",
                    "  SELECT 1 FROM incidents_major led WHERE led.incident_id = one.id AND led.status NOT IN ('proposed', 'rejected', 'demoted')",
                    ")) THEN",
                    "  RAISE EXCEPTION 'incident % stands as a major one exactly while one is accepted of it', NEW.incident_id",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="is_led",
                operation='INSERT OR UPDATE OF "status", "incident_id"',
                table="incidents_major",
                timing="DEFERRABLE INITIALLY DEFERRED",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="major",
            trigger=itsm.audit.triggers.CompiledGuard(
                constraint="CONSTRAINT",
                func=[
                    "PERFORM 1 FROM incidents_incident WHERE id = OLD.incident_id FOR NO KEY UPDATE;",
                    "IF EXISTS (SELECT 1 FROM incidents_incident one WHERE one.id = OLD.incident_id AND one.major <> EXISTS (",
                    "  SELECT 1 FROM incidents_major led WHERE led.incident_id = one.id AND led.status NOT IN ('proposed', 'rejected', 'demoted')",
                    ")) THEN",
                    "  RAISE EXCEPTION 'incident % stands as a major one exactly while one is accepted of it', OLD.incident_id",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="was_led",
                operation='DELETE OR UPDATE OF "incident_id"',
                table="incidents_major",
                timing="DEFERRABLE INITIALLY DEFERRED",
                when="AFTER",
            ),
        ),
        migrations.AddIndex(
            model_name="majorupdate",
            index=models.Index(fields=["major", "-id"], name="updates_of_a_major"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="majorupdate",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="incidents_majorupdate",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="majorupdate",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="incidents_majorupdate",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="pinnedmoment",
            index=models.Index(fields=["major", "at", "id"], name="moments_of_a_major"),
        ),
        migrations.AddConstraint(
            model_name="pinnedmoment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("major", "key"),
                name="a_line_of_a_major_is_pinned_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stakeholder",
            constraint=models.UniqueConstraint(fields=("major", "person"), name="a_stakeholder_of_a_major_once"),
        ),
        migrations.CreateModel(
            name="EscalationRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "urgency",
                    models.CharField(
                        blank=True, choices=[("high", "High"), ("low", "Low")], max_length=4, verbose_name="urgency"
                    ),
                ),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="days",
                    ),
                ),
                ("between_from", models.TimeField(blank=True, null=True, verbose_name="from")),
                ("between_to", models.TimeField(blank=True, null=True, verbose_name="until")),
                ("zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="paging.escalationpolicy",
                        verbose_name="escalation policy",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation route",
                "verbose_name_plural": "escalation routes",
                "ordering": ("position", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("position",),
                        name="one_route_at_each_position",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("between_from", None), ("between_to", None)),
                            models.Q(("between_from__isnull", False), ("between_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_route_has_both_times_or_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__contained_by", [0, 1, 2, 3, 4, 5, 6])),
                        name="a_route_names_days_of_the_week",
                    ),
                ],
            },
        ),
    ]
