"""The first shape of the clocks tables."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.migrations
from django.db import migrations, models

import itsm.audit.triggers
from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("worker", models.CharField(max_length=120, primary_key=True, serialize=False, verbose_name="worker")),
                ("swept_at", models.DateTimeField(null=True, verbose_name="swept at")),
                ("busy_at", models.DateTimeField(null=True, verbose_name="busy at")),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
            },
        ),
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("name_key", ReadAlike(of="name")),
                ("zone", models.CharField(max_length=64, verbose_name="zone")),
                ("number", models.PositiveIntegerField(default=1, verbose_name="newest version")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "calendar",
                "verbose_name_plural": "calendars",
                "ordering": ("name", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("name_key",), name="one_calendar_of_a_name"),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="calendar_versions_begin_with_1"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("name", models.CharField(max_length=60, verbose_name="clock")),
                ("cycle", models.PositiveSmallIntegerField(default=1, verbose_name="cycle")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("stopped", "Stopped"),
                            ("void", "Void"),
                        ],
                        default="running",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("terms", models.JSONField(default=dict, verbose_name="terms")),
                ("target_s", models.PositiveIntegerField(null=True, verbose_name="target in seconds")),
                ("counted_s", models.PositiveIntegerField(default=0, verbose_name="counted seconds")),
                ("running_since", models.DateTimeField(null=True, verbose_name="running since")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("met", "Met"), ("breached", "Breached")],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("outcome_at", models.DateTimeField(null=True, verbose_name="outcome at")),
                ("late_s", models.PositiveIntegerField(default=0, verbose_name="late by seconds")),
                ("by_change", models.BooleanField(default=False, verbose_name="breached by a change")),
                (
                    "told",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="acted upon"
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clocks.calendar",
                        verbose_name="calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "clock",
                "verbose_name_plural": "clocks",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        fields=["name", "outcome_at"],
                        include=("record_kind", "record_id", "cycle", "outcome", "by_change"),
                        name="clock_by_outcome",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("running", "paused"))),
                        fields=["calendar"],
                        name="clock_open_calendar",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_kind", "record_id", "name", "cycle"),
                        name="one_clock_of_a_name_and_cycle_per_record",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("running", "paused"))),
                        fields=("record_kind", "record_id", "name"),
                        name="one_open_clock_of_a_name_per_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("running", "paused", "stopped", "void"))),
                        name="clock_state_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("cycle__gte", 1)), name="clock_cycles_begin_with_1"),
                    models.CheckConstraint(
                        condition=models.Q(("target_s", None), ("target_s__gt", 0), _connector="OR"),
                        name="clock_target_is_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("running_since__isnull", False), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True), ("due_at", None), ("running_since", None)
                            ),
                            _connector="OR",
                        ),
                        name="only_a_running_clock_runs_and_is_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at", None), ("target_s__isnull", False), _connector="OR"),
                        name="a_clock_without_target_is_never_due",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("late_s", 0), ("outcome", ""), ("outcome_at", None)),
                            models.Q(
                                ("late_s", 0), ("outcome", "met"), ("outcome_at__isnull", False), ("state", "stopped")
                            ),
                            models.Q(("outcome", "breached"), ("outcome_at__isnull", False), ("state", "stopped")),
                            _connector="OR",
                        ),
                        name="only_a_stopped_clock_has_an_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "happened",
                    models.CharField(
                        choices=[
                            ("started", "started"),
                            ("paused", "paused"),
                            ("resumed", "resumed"),
                            ("stopped", "stopped"),
                            ("voided", "voided"),
                            ("retargeted", "new target"),
                            ("recounted", "counted anew"),
                        ],
                        max_length=10,
                        verbose_name="happened",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("noted_at", models.DateTimeField(verbose_name="noted at")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="why")),
                ("terms", models.JSONField(null=True, verbose_name="terms")),
                (
                    "clock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="clocks.clock",
                        verbose_name="clock",
                    ),
                ),
            ],
            options={
                "verbose_name": "clock event",
                "verbose_name_plural": "clock events",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("happened__in", ("started", "retargeted", "recounted")), ("terms__isnull", False)
                            ),
                            models.Q(("happened__in", ("paused", "resumed", "stopped", "voided")), ("terms", None)),
                            _connector="OR",
                        ),
                        name="what_counts_anew_says_by_which_terms",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Due",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="what")),
                ("lane", models.CharField(db_default="desk", default="desk", max_length=10, verbose_name="lane")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="due at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                ("given_up_at", models.DateTimeField(blank=True, null=True, verbose_name="given up at")),
            ],
            options={
                "verbose_name": "due row",
                "verbose_name_plural": "due rows",
                "ordering": ("at", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None), ("given_up_at", None)),
                        fields=["lane", "at", "id"],
                        name="due_open_by_lane",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None), ("given_up_at", None)),
                        fields=("name", "record_kind", "record_id"),
                        name="one_open_due_row_for_each_purpose",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lateness",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name="what")),
                ("found", models.BigIntegerField(verbose_name="found late")),
                ("last_at", models.DateTimeField(verbose_name="last found at")),
            ],
            options={
                "verbose_name": "lateness",
                "verbose_name_plural": "lateness",
            },
        ),
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("week", models.JSONField(verbose_name="week")),
                ("days", models.JSONField(default=list, verbose_name="days")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("by_id", models.BigIntegerField(null=True, verbose_name="by")),
                ("by_name", models.CharField(max_length=150, verbose_name="by name")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="clocks.calendar",
                        verbose_name="calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a calendar",
                "verbose_name_plural": "versions of calendars",
                "ordering": ("calendar", "-number"),
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "number"), name="one_calendar_version_of_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__gte", models.F("at")),
                            ("number", 1),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_recount_from_the_past_says_why",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="calendarversion",
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
                table="clocks_calendarversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="calendarversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="clocks_calendarversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clockevent",
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
                table="clocks_clockevent",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="clockevent",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="clocks_clockevent",
                when="BEFORE",
            ),
        ),
    ]
