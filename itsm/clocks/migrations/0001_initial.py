"""The first shape of the clocks tables."""

import datetime

import django.db.models.deletion
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.triggers import CompiledGuard


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("name", models.CharField(max_length=60, verbose_name="clock")),
                ("target", models.DurationField(blank=True, null=True, verbose_name="target")),
            ],
            options={
                "verbose_name": "clock",
                "verbose_name_plural": "clocks",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record_kind", "record_id", "name"), name="one_clock_of_a_name_per_record"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("target", None), ("target__gt", datetime.timedelta(0)), _connector="OR"),
                        name="clock_target_is_positive",
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
                        ],
                        max_length=10,
                        verbose_name="happened",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="why")),
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
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Due",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="what")),
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
                        fields=["at", "id"],
                        name="due_open_by_time",
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
        AddTrigger(
            model_name="clockevent",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="clocks_clockevent",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="clockevent",
            trigger=CompiledGuard(
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
