"""The first shape of the app's tables, the reading function of the hour rows, and what only grows."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from itsm.audit import append_only

# What an indicator had counted before a minute: one probe of the primary key, whatever the window.
# STABLE and plain SQL, so that the planner folds it into the query that asks.
PREFIX = """
CREATE FUNCTION slo_prefix(of_indicator bigint, at_minute bigint)
RETURNS TABLE (bad bigint, total bigint, valid integer) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
  SELECT h.base_bad + h.bad[least(60, at_minute - h.hour * 60)],
         h.base_total + h.total[least(60, at_minute - h.hour * 60)],
         h.base_valid
           + bit_count((h.valid & ((1::bigint << least(60, at_minute - h.hour * 60)::int) - 1))::bit(64))::int
  FROM slo_slicehour h
  WHERE h.indicator_id = of_indicator AND h.hour <= (at_minute - 1) / 60
  ORDER BY h.hour DESC
  LIMIT 1
$$
"""
# The hour that is being filled is rewritten each minute: room on its page keeps the index untouched.
ROOM = """
ALTER TABLE slo_slicehour SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE slo_budget SET (fillfactor = 50);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Indicator",
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
                    "source",
                    models.CharField(
                        choices=[("push", "pushed to the API"), ("prometheus", "pulled from Prometheus")],
                        default="push",
                        max_length=20,
                        verbose_name="source",
                    ),
                ),
                ("server_url", models.CharField(blank=True, max_length=300, verbose_name="Prometheus address")),
                (
                    "good_query",
                    models.TextField(blank=True, max_length=4000, verbose_name="good events per minute (PromQL)"),
                ),
                (
                    "total_query",
                    models.TextField(blank=True, max_length=4000, verbose_name="all events per minute (PromQL)"),
                ),
                ("pulled_until", models.BigIntegerField(editable=False, null=True, verbose_name="pulled until")),
                ("last_pull_at", models.DateTimeField(editable=False, null=True, verbose_name="last pull")),
                ("last_error", models.TextField(blank=True, editable=False, verbose_name="last error")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
                "ordering": ("slug",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("good_query", ""), ("server_url", ""), ("source", "push"), ("total_query", "")),
                            models.Q(
                                ("source", "prometheus"),
                                models.Q(("server_url", ""), _negated=True),
                                models.Q(("good_query", ""), _negated=True),
                                models.Q(("total_query", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_pulled_indicator_has_queries",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objective",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to="slo.indicator",
                        verbose_name="indicator",
                    ),
                ),
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
                    "environment",
                    models.CharField(
                        default="production",
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="environment",
                    ),
                ),
                ("target", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="target")),
                ("window_days", models.PositiveSmallIntegerField(default=28, verbose_name="window (days)")),
                ("gating", models.BooleanField(default=True, verbose_name="decides about changes")),
                (
                    "terms_version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version of its terms"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "objective",
                "verbose_name_plural": "objectives",
                "ordering": ("slug",),
                "indexes": [models.Index(fields=["service", "environment"], name="objectives_of_a_service")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target__gt", 0), ("target__lt", 1)),
                        name="objective_target_lies_between_zero_and_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_days__gte", 7), ("window_days__lte", 90)),
                        name="objective_window_is_7_to_90_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObjectiveVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="slo.objective",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="slo.indicator",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("target", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="target")),
                ("error_budget_ppb", models.BigIntegerField(verbose_name="error budget (billionths)")),
                ("window_days", models.PositiveSmallIntegerField(verbose_name="window (days)")),
                ("from_minute", models.BigIntegerField(verbose_name="from minute")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("made_by", models.CharField(max_length=150, verbose_name="made by")),
            ],
            options={
                "verbose_name": "version of an objective",
                "verbose_name_plural": "versions of objectives",
                "ordering": ("objective", "number"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("objective", "number"), name="one_version_per_objective_and_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "error_budget_ppb",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(1), "-", models.F("target")
                                    ),
                                    "*",
                                    models.Value(1000000000),
                                ),
                            ),
                            ("error_budget_ppb__gt", 0),
                        ),
                        name="error_budget_is_what_the_target_leaves",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SliceHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "indicator_id", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="slo.indicator",
                    ),
                ),
                ("hour", models.IntegerField(verbose_name="hour")),
                ("base_valid", models.IntegerField(default=0, verbose_name="minutes with a sample before")),
                ("base_bad", models.BigIntegerField(default=0, verbose_name="bad before")),
                ("base_total", models.BigIntegerField(default=0, verbose_name="total before")),
                ("valid", models.BigIntegerField(verbose_name="minutes with a sample")),
                ("revision", models.IntegerField(default=1, verbose_name="revision")),
                (
                    "bad",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=60, verbose_name="running bad"
                    ),
                ),
                (
                    "total",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=60, verbose_name="running total"
                    ),
                ),
            ],
            options={
                "verbose_name": "hour of measurements",
                "verbose_name_plural": "hours of measurements",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("bad__len", 60), ("total__len", 60), ("valid__gt", 0)),
                        name="an_hour_has_sixty_running_sums",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "objective",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="budget",
                        serialize=False,
                        to="slo.objective",
                        verbose_name="objective",
                    ),
                ),
                ("evaluated_at", models.DateTimeField(verbose_name="evaluated at")),
                ("watermark", models.DateTimeField(verbose_name="watermark")),
                ("terms_version", models.PositiveIntegerField(verbose_name="version of the terms")),
                ("window_days", models.PositiveSmallIntegerField(verbose_name="window (days)")),
                ("remaining", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="remaining")),
                ("reserved", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="reserved")),
                ("headroom", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="headroom")),
                ("coverage", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="coverage")),
                ("allowed", models.DecimalField(decimal_places=12, max_digits=40, verbose_name="allowed failures")),
                ("bad_in_window", models.BigIntegerField(verbose_name="bad in the window")),
                ("total_in_window", models.BigIntegerField(verbose_name="total in the window")),
                (
                    "burn",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=9, max_digits=20, verbose_name=""),
                        size=None,
                        verbose_name="burn",
                    ),
                ),
                (
                    "bad",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="bad per window"
                    ),
                ),
                (
                    "total",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="total per window"
                    ),
                ),
                (
                    "firing",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), size=None, verbose_name="firing rows"
                    ),
                ),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None, verbose_name="flags"
                    ),
                ),
                ("level", models.CharField(max_length=20, verbose_name="level")),
                ("level_since", models.DateTimeField(verbose_name="level since")),
                ("state", models.CharField(max_length=20, verbose_name="state")),
                ("state_since", models.DateTimeField(verbose_name="state since")),
                (
                    "announced_state",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="announced state"),
                ),
            ],
            options={
                "verbose_name": "budget",
                "verbose_name_plural": "budgets",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["healthy", "watch", "constrained", "exhausted"])),
                        name="budget_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "healthy",
                                    "watch",
                                    "constrained",
                                    "recovering",
                                    "exhausted",
                                    "low_confidence",
                                    "unmeasured",
                                    "no_data",
                                    "burning_fast",
                                ],
                            )
                        ),
                        name="budget_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BurnAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "severity",
                    models.CharField(
                        choices=[("page", "page"), ("ticket", "ticket")], max_length=10, verbose_name="severity"
                    ),
                ),
                (
                    "rows",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), size=None, verbose_name="firing windows"
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("incident_reference", models.CharField(blank=True, max_length=20, verbose_name="incident")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="slo.objective",
                    ),
                ),
            ],
            options={
                "verbose_name": "burn alert",
                "verbose_name_plural": "burn alerts",
                "ordering": ("-started_at", "-id"),
                "indexes": [models.Index(fields=["objective", "-started_at"], name="alerts_of_an_objective")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("objective", "severity"),
                        name="one_open_alert_per_objective_and_severity",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="slo.objective",
                    ),
                ),
                ("holder", models.CharField(max_length=40, verbose_name="holder")),
                ("ratio", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share of the budget")),
                ("held_at", models.DateTimeField(verbose_name="held at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason of the release")),
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=["objective"],
                        name="open_reservations",
                    ),
                    models.Index(fields=["holder"], name="reservations_of_a_holder"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("ratio__gt", 0)), name="a_reservation_holds_something"),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("held_at"))),
                        name="a_reservation_ends_after_it_began",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("objective", "holder"),
                        name="one_open_reservation_per_objective_and_holder",
                    ),
                ],
            },
        ),
        migrations.RunSQL(PREFIX, reverse_sql="DROP FUNCTION slo_prefix(bigint, bigint)"),
        migrations.RunSQL(ROOM, reverse_sql=migrations.RunSQL.noop),
        append_only.keep("slo_objectiveversion"),
    ]
