"""The first shape of the app's tables, and the functions that read them."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard
from slo import sql

# What is evaluated each minute is rewritten each minute: some room on its page keeps the index untouched.
ROOM = "ALTER TABLE slo_budget SET (fillfactor = 50)"

# Stands in an environment of the register; what still stands there keeps it.
OBJECTIVE_STANDS_IN = migrations.RunSQL(
    "ALTER TABLE slo_objective ADD CONSTRAINT objective_stands_in_an_environment FOREIGN KEY (environment) "
    "REFERENCES catalog_environment (name) DEFERRABLE INITIALLY DEFERRED",
    reverse_sql="ALTER TABLE slo_objective DROP CONSTRAINT objective_stands_in_an_environment",
)


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("catalog", "0001_initial"),
        ("incidents", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataSource",
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
                ("url", models.CharField(max_length=300, verbose_name="address")),
                (
                    "auth",
                    models.CharField(
                        choices=[
                            ("none", "no sign-in"),
                            ("bearer", "bearer token"),
                            ("basic", "user name and password"),
                            ("mtls", "client certificate"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="sign-in",
                    ),
                ),
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
                ("username", models.CharField(blank=True, max_length=120, verbose_name="user name")),
                (
                    "authority",
                    models.CharField(
                        blank=True,
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="private authority",
                    ),
                ),
                ("tenant_header", models.CharField(blank=True, max_length=60, verbose_name="tenant header")),
                ("tenant", models.CharField(blank=True, max_length=200, verbose_name="tenant")),
                ("lag_minutes", models.PositiveSmallIntegerField(default=0, verbose_name="lag (minutes)")),
                ("last_ok_at", models.DateTimeField(editable=False, null=True, verbose_name="last good answer")),
                ("failing_since", models.DateTimeField(editable=False, null=True, verbose_name="failing since")),
                ("last_error", models.TextField(blank=True, editable=False, verbose_name="last error")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "data source",
                "verbose_name_plural": "data sources",
                "ordering": ("slug",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("auth", "none"), ("credential", "")),
                            models.Q(
                                models.Q(("auth", "none"), _negated=True), models.Q(("credential", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_sign_in_names_its_credential",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("tenant", ""), ("tenant_header", "")),
                            models.Q(
                                models.Q(("tenant_header", ""), _negated=True), models.Q(("tenant", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_tenant_has_its_header",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lag_minutes__lte", 60)), name="a_source_lags_at_most_an_hour"
                    ),
                ],
            },
        ),
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
                    "measure",
                    models.CharField(
                        choices=[
                            ("ratio", "good events of all events"),
                            ("threshold", "values against a threshold"),
                            ("raw", "a ready-made ratio"),
                        ],
                        default="ratio",
                        max_length=10,
                        verbose_name="measure",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("push", "sent to the API, or as CSV"),
                            ("prometheus", "pulled from Prometheus"),
                            ("uptime", "checked by Headroom"),
                        ],
                        default="push",
                        max_length=20,
                        verbose_name="source",
                    ),
                ),
                (
                    "good_query",
                    models.TextField(blank=True, max_length=4000, verbose_name="good events per minute (PromQL)"),
                ),
                (
                    "bad_query",
                    models.TextField(blank=True, max_length=4000, verbose_name="bad events per minute (PromQL)"),
                ),
                (
                    "total_query",
                    models.TextField(blank=True, max_length=4000, verbose_name="all events per minute (PromQL)"),
                ),
                ("value_query", models.TextField(blank=True, max_length=4000, verbose_name="value (PromQL)")),
                ("counter", models.BooleanField(default=False, verbose_name="the queries give counters")),
                (
                    "op",
                    models.CharField(
                        blank=True,
                        choices=[("lt", "<"), ("lte", "≤"), ("gt", ">"), ("gte", "≥")],
                        max_length=3,
                        verbose_name="a value is good when it is",
                    ),
                ),
                (
                    "threshold",
                    models.DecimalField(
                        blank=True, decimal_places=9, max_digits=30, null=True, verbose_name="threshold"
                    ),
                ),
                (
                    "step_minutes",
                    models.PositiveSmallIntegerField(default=1, verbose_name="minutes between measurements"),
                ),
                ("pulled_until", models.BigIntegerField(editable=False, null=True, verbose_name="pulled until")),
                ("last_pull_at", models.DateTimeField(editable=False, null=True, verbose_name="last pull")),
                ("last_error", models.TextField(blank=True, editable=False, verbose_name="last error")),
                ("failing_since", models.DateTimeField(editable=False, null=True, verbose_name="failing since")),
                ("last_warning", models.TextField(blank=True, editable=False, verbose_name="last warning")),
                (
                    "silent_queries",
                    models.JSONField(default=dict, editable=False, verbose_name="queries that give no series"),
                ),
                ("owed_minutes", models.BigIntegerField(default=0, editable=False, verbose_name="owed minutes")),
                (
                    "unanswered_minutes",
                    models.BigIntegerField(default=0, editable=False, verbose_name="unanswered minutes"),
                ),
                ("bounded_minutes", models.BigIntegerField(default=0, editable=False, verbose_name="minutes bounded")),
                ("backfilled_from", models.BigIntegerField(editable=False, null=True, verbose_name="backfilled from")),
                ("impossible_since", models.DateTimeField(editable=False, null=True, verbose_name="impossible since")),
                ("impossible_at", models.DateTimeField(editable=False, null=True, verbose_name="impossible at")),
                (
                    "value_last",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=60, verbose_name="newest value"
                    ),
                ),
                (
                    "value_newest",
                    models.BigIntegerField(default=-1, editable=False, verbose_name="minute of the newest value"),
                ),
                (
                    "value_since",
                    models.BigIntegerField(default=-1, editable=False, verbose_name="the same value since"),
                ),
                (
                    "value_samples",
                    models.IntegerField(default=0, editable=False, verbose_name="samples of the same value"),
                ),
                (
                    "value_longest",
                    models.IntegerField(default=0, editable=False, verbose_name="most samples of one value before"),
                ),
                ("value_seen", models.BigIntegerField(default=0, editable=False, verbose_name="values seen")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "data_source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="slo.datasource",
                        verbose_name="data source",
                    ),
                ),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
                "ordering": ("slug",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bad_query", ""),
                                ("counter", False),
                                ("data_source", None),
                                ("good_query", ""),
                                ("total_query", ""),
                                ("value_query", ""),
                                models.Q(("source", "prometheus"), _negated=True),
                            ),
                            models.Q(
                                ("data_source__isnull", False),
                                ("source", "prometheus"),
                                models.Q(
                                    models.Q(
                                        ("measure", "ratio"),
                                        ("value_query", ""),
                                        models.Q(("total_query", ""), _negated=True),
                                        models.Q(
                                            models.Q(("good_query", ""), models.Q(("bad_query", ""), _negated=True)),
                                            models.Q(models.Q(("good_query", ""), _negated=True), ("bad_query", "")),
                                            _connector="OR",
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("measure", "ratio"), _negated=True),
                                        ("bad_query", ""),
                                        ("good_query", ""),
                                        ("total_query", ""),
                                        models.Q(("value_query", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="only_a_pulled_indicator_has_queries",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("measure", "threshold"),
                                ("threshold__isnull", False),
                                models.Q(("op", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("measure", "threshold"), _negated=True), ("op", ""), ("threshold", None)
                            ),
                            _connector="OR",
                        ),
                        name="only_a_threshold_indicator_has_a_threshold",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("step_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60))),
                        name="steps_divide_the_hour",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Objective",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="target")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("occurrences", "Occurrences: every event counts"),
                            ("timeslices", "Timeslices: every slice of time is good or bad"),
                            ("ratio_timeslices", "Ratio timeslices: every slice counts by its share of good events"),
                        ],
                        default="occurrences",
                        max_length=20,
                        verbose_name="budgeting method",
                    ),
                ),
                (
                    "time_slice_target",
                    models.DecimalField(
                        blank=True, decimal_places=9, max_digits=10, null=True, verbose_name="target of a slice"
                    ),
                ),
                (
                    "time_slice_minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes of a slice"),
                ),
                (
                    "missing_slices",
                    models.CharField(
                        choices=[("excluded", "left out"), ("good", "good"), ("bad", "bad")],
                        default="excluded",
                        max_length=10,
                        verbose_name="missing slices are",
                    ),
                ),
                ("window_days", models.PositiveSmallIntegerField(default=28, verbose_name="window (days)")),
                (
                    "calendar_unit",
                    models.CharField(
                        blank=True,
                        choices=[("week", "week"), ("month", "month"), ("quarter", "quarter"), ("year", "year")],
                        max_length=10,
                        verbose_name="calendar window",
                    ),
                ),
                (
                    "calendar_count",
                    models.PositiveSmallIntegerField(default=1, verbose_name="units of the calendar window"),
                ),
                ("calendar_zone", models.CharField(blank=True, max_length=60, verbose_name="time zone")),
                ("calendar_start", models.CharField(blank=True, max_length=19, verbose_name="begins")),
                (
                    "budget_basis",
                    models.CharField(
                        choices=[
                            ("full_window", "the whole period, expected traffic included"),
                            ("elapsed", "what has passed of the period"),
                        ],
                        default="full_window",
                        max_length=12,
                        verbose_name="the budget is of",
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
                ("description", models.TextField(blank=True, max_length=1050, verbose_name="description")),
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
                ("gating", models.BooleanField(default=True, verbose_name="decides about changes")),
                ("gates_from", models.DateTimeField(blank=True, null=True, verbose_name="decides from")),
                (
                    "alert_rows",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="alert rows",
                    ),
                ),
                ("labels", models.JSONField(blank=True, default=dict, verbose_name="labels")),
                ("annotations", models.JSONField(blank=True, default=dict, verbose_name="annotations")),
                ("managed_by", models.CharField(blank=True, max_length=63, verbose_name="declared by")),
                (
                    "terms_version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version of its terms"),
                ),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
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
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="slo.indicator",
                        verbose_name="indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "objective",
                "verbose_name_plural": "objectives",
                "ordering": ("slug",),
                "abstract": False,
                "indexes": [models.Index(fields=["service", "environment"], name="objectives_of_a_service")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target__gt", 0), ("target__lt", 1)),
                        name="objective_target_lies_between_zero_and_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_days__gte", 7), ("window_days__lte", 366)),
                        name="objective_window_is_7_to_366_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("method", "occurrences"), ("time_slice_minutes", None), ("time_slice_target", None)
                            ),
                            models.Q(
                                ("method", "ratio_timeslices"),
                                ("time_slice_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)),
                                ("time_slice_target", None),
                            ),
                            models.Q(
                                ("method", "timeslices"),
                                ("time_slice_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)),
                                ("time_slice_target__gt", 0),
                                ("time_slice_target__lte", 1),
                            ),
                            _connector="OR",
                        ),
                        name="objective_slices_fit_the_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("calendar_count", 1),
                                ("calendar_start", ""),
                                ("calendar_unit", ""),
                                ("calendar_zone", ""),
                            ),
                            models.Q(
                                models.Q(("calendar_unit", ""), _negated=True),
                                models.Q(("calendar_zone", ""), _negated=True),
                                ("calendar_count__gte", 1),
                            ),
                            _connector="OR",
                        ),
                        name="objective_calendar_has_a_zone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObjectiveVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="target")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("occurrences", "Occurrences: every event counts"),
                            ("timeslices", "Timeslices: every slice of time is good or bad"),
                            ("ratio_timeslices", "Ratio timeslices: every slice counts by its share of good events"),
                        ],
                        default="occurrences",
                        max_length=20,
                        verbose_name="budgeting method",
                    ),
                ),
                (
                    "time_slice_target",
                    models.DecimalField(
                        blank=True, decimal_places=9, max_digits=10, null=True, verbose_name="target of a slice"
                    ),
                ),
                (
                    "time_slice_minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes of a slice"),
                ),
                (
                    "missing_slices",
                    models.CharField(
                        choices=[("excluded", "left out"), ("good", "good"), ("bad", "bad")],
                        default="excluded",
                        max_length=10,
                        verbose_name="missing slices are",
                    ),
                ),
                ("window_days", models.PositiveSmallIntegerField(default=28, verbose_name="window (days)")),
                (
                    "calendar_unit",
                    models.CharField(
                        blank=True,
                        choices=[("week", "week"), ("month", "month"), ("quarter", "quarter"), ("year", "year")],
                        max_length=10,
                        verbose_name="calendar window",
                    ),
                ),
                (
                    "calendar_count",
                    models.PositiveSmallIntegerField(default=1, verbose_name="units of the calendar window"),
                ),
                ("calendar_zone", models.CharField(blank=True, max_length=60, verbose_name="time zone")),
                ("calendar_start", models.CharField(blank=True, max_length=19, verbose_name="begins")),
                (
                    "budget_basis",
                    models.CharField(
                        choices=[
                            ("full_window", "the whole period, expected traffic included"),
                            ("elapsed", "what has passed of the period"),
                        ],
                        default="full_window",
                        max_length=12,
                        verbose_name="the budget is of",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("from_minute", models.BigIntegerField(verbose_name="from minute")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("made_by", models.CharField(max_length=150, verbose_name="made by")),
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="slo.indicator",
                        verbose_name="indicator",
                    ),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="slo.objective",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an objective",
                "verbose_name_plural": "versions of objectives",
                "ordering": ("objective", "number"),
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("target__gt", 0), ("target__lt", 1)),
                        name="objectiveversion_target_lies_between_zero_and_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("window_days__gte", 7), ("window_days__lte", 366)),
                        name="objectiveversion_window_is_7_to_366_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("method", "occurrences"), ("time_slice_minutes", None), ("time_slice_target", None)
                            ),
                            models.Q(
                                ("method", "ratio_timeslices"),
                                ("time_slice_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)),
                                ("time_slice_target", None),
                            ),
                            models.Q(
                                ("method", "timeslices"),
                                ("time_slice_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)),
                                ("time_slice_target__gt", 0),
                                ("time_slice_target__lte", 1),
                            ),
                            _connector="OR",
                        ),
                        name="objectiveversion_slices_fit_the_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("calendar_count", 1),
                                ("calendar_start", ""),
                                ("calendar_unit", ""),
                                ("calendar_zone", ""),
                            ),
                            models.Q(
                                models.Q(("calendar_unit", ""), _negated=True),
                                models.Q(("calendar_zone", ""), _negated=True),
                                ("calendar_count__gte", 1),
                            ),
                            _connector="OR",
                        ),
                        name="objectiveversion_calendar_has_a_zone",
                    ),
                    models.UniqueConstraint(
                        fields=("objective", "number"), name="one_version_per_objective_and_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(verbose_name="ended at")),
                ("failed", models.DecimalField(decimal_places=3, max_digits=30, verbose_name="failed")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                ("cost", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share of the budget")),
                ("recomputed_at", models.DateTimeField(verbose_name="recomputed at")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outages",
                        to="slo.objective",
                    ),
                ),
            ],
            options={
                "verbose_name": "outage period",
                "verbose_name_plural": "outage periods",
                "ordering": ("-started_at", "-id"),
                "indexes": [models.Index(fields=["ended_at"], name="outages_by_end")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gt", models.F("started_at"))),
                        name="an_outage_ends_after_it_started",
                    ),
                    models.UniqueConstraint(
                        fields=("objective", "started_at"), name="one_outage_per_objective_and_start"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageCause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.CharField(max_length=300, verbose_name="address")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                ("why", models.CharField(max_length=300, verbose_name="why")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("suspected", "suspected"), ("confirmed", "confirmed"), ("ruled_out", "ruled out")],
                        default="suspected",
                        max_length=10,
                        verbose_name="verdict",
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "outage",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="causes",
                        to="slo.outage",
                    ),
                ),
            ],
            options={
                "verbose_name": "cause of an outage",
                "verbose_name_plural": "causes of outages",
                "ordering": ("outage", "-score", "reference"),
                "indexes": [models.Index(fields=["reference"], name="outages_of_a_record")],
                "constraints": [
                    models.UniqueConstraint(fields=("outage", "reference"), name="one_cause_per_outage_and_record"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "suspected"), models.Q(("decided_by", ""), _negated=True), _connector="OR"
                        ),
                        name="a_verdict_names_who_gave_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder", models.CharField(max_length=40, verbose_name="holder")),
                ("ratio", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share of the budget")),
                ("held_at", models.DateTimeField(verbose_name="held at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason of the release")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="slo.objective",
                    ),
                ),
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
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField(unique=True, verbose_name="key")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("occurrences", "Occurrences: every event counts"),
                            ("timeslices", "Timeslices: every slice of time is good or bad"),
                            ("ratio_timeslices", "Ratio timeslices: every slice counts by its share of good events"),
                        ],
                        max_length=20,
                        verbose_name="method",
                    ),
                ),
                ("step_minutes", models.PositiveSmallIntegerField(default=1, verbose_name="minutes of a slice")),
                ("began_minute", models.BigIntegerField(null=True, verbose_name="first minute")),
                ("thinned_hour", models.IntegerField(null=True, verbose_name="kept by the day before")),
                ("revision", models.IntegerField(db_default=0, default=0, verbose_name="revision")),
            ],
            options={
                "verbose_name": "series",
                "verbose_name_plural": "series",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("step_minutes__in", (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60))),
                        name="slices_divide_the_hour",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SeriesMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("time_slice_target_ppb", models.BigIntegerField(default=0, verbose_name="slice target (billionths)")),
                ("weight_ppm", models.BigIntegerField(default=1000000, verbose_name="weight (millionths)")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feeds", to="slo.indicator"
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="slo.series",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a series",
                "verbose_name_plural": "members of series",
                "constraints": [
                    models.UniqueConstraint(fields=("series", "indicator"), name="one_member_per_series_and_indicator")
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(sql.text("hours"), reverse_sql="DROP TABLE slo_hourcounts")],
            state_operations=[
                migrations.CreateModel(
                    name="HourCounts",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "series_id", "hour", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("hour", models.IntegerField(verbose_name="hour")),
                        ("base_valid", models.IntegerField(default=0, verbose_name="minutes with a sample before")),
                        ("base_bad", models.BigIntegerField(default=0, verbose_name="bad before")),
                        ("base_total", models.BigIntegerField(default=0, verbose_name="total before")),
                        ("valid", models.BigIntegerField(verbose_name="minutes with a sample")),
                        ("revision", models.IntegerField(default=1, verbose_name="revision")),
                        ("live", models.BooleanField(default=False, verbose_name="is being filled")),
                        (
                            "bad",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), null=True, size=60, verbose_name="running bad"
                            ),
                        ),
                        (
                            "total",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.IntegerField(), null=True, size=60, verbose_name="running total"
                            ),
                        ),
                        (
                            "wide_bad",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                null=True,
                                size=60,
                                verbose_name="running bad, large",
                            ),
                        ),
                        (
                            "wide_total",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(),
                                null=True,
                                size=60,
                                verbose_name="running total, large",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="hours",
                                to="slo.series",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "hour of measurements",
                        "verbose_name_plural": "hours of measurements",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("bad", None), models.Q(("bad__len", 60), ("wide_bad", None)), _connector="OR"
                                    ),
                                    models.Q(
                                        ("total", None),
                                        models.Q(("total__len", 60), ("wide_total", None)),
                                        _connector="OR",
                                    ),
                                    models.Q(("wide_bad", None), ("wide_bad__len", 60), _connector="OR"),
                                    models.Q(("wide_total", None), ("wide_total__len", 60), _connector="OR"),
                                ),
                                name="an_hour_has_sixty_running_sums",
                            )
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="CountedPeriod",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "objective_id",
                        "number",
                        "component",
                        "from_minute",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number of the version")),
                ("component", models.PositiveSmallIntegerField(default=0, verbose_name="component")),
                ("step_minutes", models.PositiveSmallIntegerField(default=1, verbose_name="minutes of a slice")),
                ("error_budget_ppb", models.BigIntegerField(verbose_name="error budget (billionths)")),
                ("weight_ppm", models.BigIntegerField(default=1000000, verbose_name="weight (millionths)")),
                ("from_minute", models.BigIntegerField(verbose_name="from minute")),
                ("until_minute", models.BigIntegerField(verbose_name="until minute")),
                ("is_last", models.BooleanField(default=True, verbose_name="last of its version")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counted_periods",
                        to="slo.objective",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="counted_periods", to="slo.series"
                    ),
                ),
            ],
            options={
                "verbose_name": "counted period",
                "verbose_name_plural": "counted periods",
            },
        ),
        migrations.CreateModel(
            name="VersionMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(verbose_name="place")),
                ("target", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="target")),
                (
                    "time_slice_target",
                    models.DecimalField(
                        blank=True, decimal_places=9, max_digits=10, null=True, verbose_name="target of a slice"
                    ),
                ),
                ("weight", models.DecimalField(decimal_places=6, default=1, max_digits=12, verbose_name="weight")),
                (
                    "indicator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="slo.indicator",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="slo.objectiveversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a composite",
                "verbose_name_plural": "members of composites",
                "ordering": ("version", "place"),
                "constraints": [
                    models.UniqueConstraint(fields=("version", "place"), name="one_member_per_version_and_place"),
                    models.CheckConstraint(
                        condition=models.Q(("target__gt", 0), ("target__lt", 1), ("weight__gt", 0)),
                        name="a_member_has_weight_and_target",
                    ),
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
                ("step_minutes", models.PositiveSmallIntegerField(default=1, verbose_name="minutes of a slice")),
                ("window_first", models.BigIntegerField(verbose_name="first minute of the window")),
                ("window_last", models.BigIntegerField(verbose_name="end of the window")),
                ("measured_from", models.BigIntegerField(null=True, verbose_name="first measured minute")),
                ("measured_minutes", models.BigIntegerField(default=0, verbose_name="minutes measured so far")),
                ("gates_since", models.DateTimeField(null=True, verbose_name="decides since")),
                ("remaining", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="remaining")),
                ("reserved", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="reserved")),
                ("headroom", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="headroom")),
                ("coverage", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="coverage")),
                ("missing", models.BigIntegerField(default=0, verbose_name="missing minutes")),
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
                ("trust", models.DecimalField(decimal_places=6, max_digits=7, null=True, verbose_name="trust")),
                ("trust_marks", models.JSONField(default=list, verbose_name="marks against it")),
                ("trust_at", models.DateTimeField(null=True, verbose_name="trust evaluated at")),
                (
                    "announced_state",
                    models.CharField(blank=True, default="", max_length=20, verbose_name="announced state"),
                ),
                (
                    "series_revision",
                    models.BigIntegerField(db_default=0, default=0, verbose_name="revision of its series"),
                ),
                ("outages_until", models.BigIntegerField(null=True, verbose_name="outages recomputed until")),
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
                                    "not_yet_measured",
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
                ("flaps", models.PositiveIntegerField(default=0, verbose_name="begun again")),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="burn_alerts",
                        to="incidents.incident",
                        verbose_name="incident",
                    ),
                ),
                ("told", models.CharField(blank=True, max_length=10, verbose_name="told")),
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
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("scheduled_maintenance", "Scheduled maintenance"),
                            ("outside_business_hours", "Outside business hours"),
                            ("deployment", "Deployment"),
                            ("measurement_fault", "Fault of the measurement"),
                            ("out_of_scope_traffic", "Traffic out of scope"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                        verbose_name="category",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("origin", models.CharField(blank=True, max_length=60, verbose_name="origin")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="proposed",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("owner_name", models.CharField(max_length=150, verbose_name="owner")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "remaining_before",
                    models.DecimalField(decimal_places=9, max_digits=20, null=True, verbose_name="remaining before"),
                ),
                (
                    "remaining_after",
                    models.DecimalField(decimal_places=9, max_digits=20, null=True, verbose_name="remaining after"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "objective",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="slo.objective",
                        verbose_name="objective",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ("-starts_at", "-id"),
                "indexes": [models.Index(fields=["objective", "-starts_at"], name="corrections_of_an_objective")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="a_correction_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_correction_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["proposed", "withdrawn", "expired"]),
                            models.Q(("decided_by", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_decided_correction_names_who_decided",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("origin", ""), _negated=True),
                        fields=("objective", "origin", "starts_at"),
                        name="one_correction_per_origin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwedPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_minute", models.BigIntegerField(verbose_name="from minute")),
                ("end_minute", models.BigIntegerField(verbose_name="until minute")),
                ("failed", models.BooleanField(verbose_name="the question failed")),
                ("attempts", models.PositiveIntegerField(default=1, verbose_name="attempts")),
                ("owed_since", models.DateTimeField(verbose_name="owed since")),
                ("next_at", models.DateTimeField(verbose_name="asked again at")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="owed", to="slo.indicator"
                    ),
                ),
            ],
            options={
                "verbose_name": "owed piece",
                "verbose_name_plural": "owed pieces",
                "ordering": ("indicator", "first_minute"),
                "constraints": [
                    models.UniqueConstraint(fields=("indicator", "first_minute"), name="an_owed_piece_is_kept_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first_minute__lt", models.F("end_minute"))),
                        name="an_owed_piece_has_minutes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UptimeCheck",
            fields=[
                (
                    "indicator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="check_made",
                        serialize=False,
                        to="slo.indicator",
                    ),
                ),
                (
                    "way",
                    models.CharField(choices=[("http", "HTTP"), ("tcp", "TCP")], max_length=4, verbose_name="over"),
                ),
                ("url", models.CharField(blank=True, max_length=300, verbose_name="address")),
                (
                    "method",
                    models.CharField(
                        choices=[("GET", "GET"), ("HEAD", "HEAD")], default="GET", max_length=4, verbose_name="method"
                    ),
                ),
                ("expected_status", models.CharField(default="200-299", max_length=60, verbose_name="expected status")),
                ("must_contain", models.CharField(blank=True, max_length=200, verbose_name="must contain")),
                ("host", models.CharField(blank=True, max_length=253, verbose_name="host")),
                ("port", models.PositiveIntegerField(blank=True, null=True, verbose_name="port")),
                ("most_ms", models.PositiveIntegerField(blank=True, null=True, verbose_name="slower is bad (ms)")),
                (
                    "authority",
                    models.CharField(
                        blank=True,
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="private authority",
                    ),
                ),
                ("timeout_seconds", models.PositiveSmallIntegerField(default=10, verbose_name="gives up after (s)")),
                ("claimed_minute", models.BigIntegerField(default=0, editable=False, verbose_name="claimed minute")),
                (
                    "last_result",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="last result"),
                ),
                (
                    "last_elapsed_ms",
                    models.PositiveIntegerField(editable=False, null=True, verbose_name="last duration (ms)"),
                ),
                ("last_checked_at", models.DateTimeField(editable=False, null=True, verbose_name="last checked")),
            ],
            options={
                "verbose_name": "uptime check",
                "verbose_name_plural": "uptime checks",
                "indexes": [models.Index(fields=["claimed_minute"], name="checks_by_claimed_minute")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("host", ""), ("port", None), ("way", "http"), models.Q(("url", ""), _negated=True)
                            ),
                            models.Q(
                                ("port__gte", 1),
                                ("port__lte", 65535),
                                ("url", ""),
                                ("way", "tcp"),
                                models.Q(("host", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_check_knows_its_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("timeout_seconds__gte", 1), ("timeout_seconds__lte", 30)),
                        name="a_check_ends_within_the_minute",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measurer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("named_by", models.CharField(max_length=150, verbose_name="named by")),
                ("named_at", models.DateTimeField(verbose_name="named at")),
                ("last_sent_at", models.DateTimeField(null=True, verbose_name="last sent")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measurers",
                        to="slo.indicator",
                    ),
                ),
            ],
            options={
                "verbose_name": "measurer",
                "verbose_name_plural": "measurers",
                "ordering": ("indicator", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("indicator", "account"), name="one_measurer_per_indicator_and_account"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuarantinedSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.BigIntegerField(verbose_name="minute")),
                ("bad", models.BigIntegerField(verbose_name="bad")),
                ("total", models.BigIntegerField(verbose_name="total")),
                ("usual", models.BigIntegerField(verbose_name="usual total")),
                (
                    "why",
                    models.CharField(
                        choices=[("traffic", "far more than the usual traffic")],
                        default="traffic",
                        max_length=20,
                        verbose_name="why",
                    ),
                ),
                ("arrived_at", models.DateTimeField(verbose_name="arrived at")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("quarantined", "Not counted yet"),
                            ("released", "Counted"),
                            ("discarded", "Discarded"),
                        ],
                        default="quarantined",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quarantined", to="slo.indicator"
                    ),
                ),
            ],
            options={
                "verbose_name": "sample in quarantine",
                "verbose_name_plural": "samples in quarantine",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["indicator", "-minute"], name="quarantine_of_an_indicator")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "quarantined")),
                        fields=("indicator", "minute"),
                        name="a_minute_waits_in_quarantine_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "quarantined"),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_decided_sample_names_who_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bad__gte", 0), ("total__gte", models.F("bad"))),
                        name="a_quarantined_sample_holds_no_more_bad_than_all",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelfMeasuring",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("until", models.DateField(verbose_name="until")),
                ("allowed_at", models.DateTimeField(verbose_name="allowed at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "allowed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="allowed by",
                    ),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="self_measuring", to="slo.objective"
                    ),
                ),
            ],
            options={
                "verbose_name": "allowance to measure oneself",
                "verbose_name_plural": "allowances to measure oneself",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="an_allowance_has_a_reason"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("objective",),
                        name="one_allowance_stands_per_objective",
                    ),
                ],
            },
        ),
        OBJECTIVE_STANDS_IN,
        sql.function("slo_prefix"),
        sql.function("slo_newest"),
        sql.function("slo_counted"),
        sql.function("slo_period"),
        migrations.RunSQL(ROOM, reverse_sql=migrations.RunSQL.noop),
        AddTrigger(
            model_name="correction",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('approved', 'expired'),",
                    "  ('approved', 'withdrawn'),",
                    "  ('proposed', 'approved'),",
                    "  ('proposed', 'declined'),",
                    "  ('proposed', 'expired'),",
                    "  ('proposed', 'withdrawn')",
                    ") THEN",
                    "  RAISE EXCEPTION 'slo_correction does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="slo_correction",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="objectiveversion",
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
                table="slo_objectiveversion",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="objectiveversion",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="slo_objectiveversion",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="quarantinedsample",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('quarantined', 'discarded'),",
                    "  ('quarantined', 'released')",
                    ") THEN",
                    "  RAISE EXCEPTION 'slo_quarantinedsample does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="slo_quarantinedsample",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="hourcounts",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (",
                    "  SELECT FROM fresh f JOIN slo_hourcounts h ON h.series_id = f.series_id AND h.live AND h.hour <= f.hour",
                    "  WHERE NOT f.live",
                    ") OR EXISTS (",
                    "  SELECT FROM fresh f JOIN slo_hourcounts h ON h.series_id = f.series_id AND NOT h.live AND h.hour >= f.hour",
                    "  WHERE f.live",
                    ") THEN",
                    "  RAISE EXCEPTION 'the hour that is being filled is the newest of its series' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="the_live_hour_is_the_newest",
                operation="INSERT",
                referencing="REFERENCING NEW TABLE AS fresh ",
                table="slo_hourcounts",
                when="AFTER",
            ),
        ),
        AddTrigger(
            model_name="versionmember",
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
                table="slo_versionmember",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="versionmember",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="slo_versionmember",
                when="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="outagecause",
            name="decider",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decider",
            ),
        ),
        migrations.AddField(
            model_name="budget",
            name="typical_cost",
            field=models.DecimalField(
                decimal_places=9, max_digits=20, null=True, verbose_name="typical cost of a failed change"
            ),
        ),
    ]
