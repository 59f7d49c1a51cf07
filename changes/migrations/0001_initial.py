"""The first shape of the changes tables."""

import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper
from pgtrigger.migrations import AddTrigger

import changes.chaos.models
import changes.delivery.models.sources
import itsm.audit.triggers
import itsm.notifications.web_addresses
from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard
from itsm.notifications.web_addresses import web_address

# Stands in an environment of the register; what still stands there keeps it.
CHANGE_STANDS_IN = migrations.RunSQL(
    "ALTER TABLE changes_change ADD CONSTRAINT change_stands_in_an_environment FOREIGN KEY (environment) "
    "REFERENCES catalog_environment (name) DEFERRABLE INITIALLY DEFERRED",
    reverse_sql="ALTER TABLE changes_change DROP CONSTRAINT change_stands_in_an_environment",
)


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("incidents", "0001_initial"),
        ("approvals", "0001_initial"),
        ("catalog", "0001_initial"),
        ("search", "0001_initial"),
        ("slo", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=80, unique=True, verbose_name="slug")),
                (
                    "environments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None, verbose_name="environments"
                    ),
                ),
                ("repository", models.CharField(blank=True, max_length=200, verbose_name="repository")),
                ("workflow_name", models.CharField(blank=True, max_length=200, verbose_name="pipeline workflow")),
                ("risk", models.CharField(default="low", max_length=10, verbose_name="risk")),
                ("allows_migration", models.BooleanField(default=False, verbose_name="allows migrations")),
                ("progressive", models.BooleanField(default=False, verbose_name="progressive rollout")),
                ("rollback_tested", models.BooleanField(default=False, verbose_name="rollback tested")),
                (
                    "status",
                    models.CharField(
                        choices=[("approved", "approved"), ("suspended", "suspended"), ("retired", "retired")],
                        default="approved",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("certified_at", models.DateTimeField(verbose_name="certified at")),
                (
                    "certification_asked_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="asked to certify at"),
                ),
                ("suspended_because", models.CharField(blank=True, max_length=200, verbose_name="suspended because")),
                ("figures", models.JSONField(blank=True, editable=False, null=True, verbose_name="figures")),
                (
                    "figures_as_of",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="figures as of"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="change_models", to="catalog.service"
                    ),
                ),
                ("tasks", models.JSONField(blank=True, default=list, verbose_name="tasks")),
                (
                    "also_services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="other services",
                    ),
                ),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=3),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="days",
                    ),
                ),
                ("hours_from", models.CharField(blank=True, max_length=5, verbose_name="from")),
                ("hours_until", models.CharField(blank=True, max_length=5, verbose_name="until")),
                ("most_commits", models.PositiveIntegerField(blank=True, null=True, verbose_name="most commits")),
                ("number", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "paths",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="paths",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "users",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="who may use it",
                    ),
                ),
                ("zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
            ],
            options={
                "verbose_name": "change model",
                "verbose_name_plural": "change models",
                "ordering": ("slug",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="an_approved_model_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("figures__isnull", True), ("figures_as_of", None)),
                            models.Q(("figures__isnull", False), ("figures_as_of__isnull", False)),
                            _connector="OR",
                        ),
                        name="figures_of_a_model_say_as_of_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["proposed", "approved", "suspended", "retired"])),
                        name="model_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hours_from", ""), ("hours_until", "")),
                            ("hours_until__gt", models.F("hours_from")),
                            _connector="OR",
                        ),
                        name="hours_of_a_model_end_after_they_begin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("summary", models.CharField(max_length=200, verbose_name="summary")),
                ("environment", models.CharField(default="production", max_length=40, verbose_name="environment")),
                (
                    "change_class",
                    models.CharField(
                        choices=[
                            ("standard", "Standard"),
                            ("normal", "Normal"),
                            ("emergency", "Emergency"),
                            ("unauthorised", "Unauthorised"),
                        ],
                        default="normal",
                        max_length=12,
                        verbose_name="class",
                    ),
                ),
                ("purpose", models.CharField(default="feature", max_length=20, verbose_name="purpose")),
                ("plan", models.TextField(blank=True, max_length=20000, verbose_name="implementation plan")),
                ("backout", models.TextField(blank=True, max_length=20000, verbose_name="backout plan")),
                ("artifact_digest", models.CharField(blank=True, max_length=200, verbose_name="artifact digest")),
                ("artifact_version", models.CharField(blank=True, max_length=100, verbose_name="version")),
                ("commit", models.CharField(blank=True, max_length=64, verbose_name="commit")),
                ("window_start", models.DateTimeField(blank=True, null=True, verbose_name="window opens")),
                ("window_end", models.DateTimeField(blank=True, null=True, verbose_name="window closes")),
                (
                    "program_owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                ("content_hash", models.CharField(editable=False, max_length=64, verbose_name="content hash")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("assessing", "Assessing"),
                            ("authorising", "Authorising"),
                            ("scheduled", "Scheduled"),
                            ("on_hold", "On hold"),
                            ("running", "Running"),
                            ("reviewing", "In review"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "authorised_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="authorised until"),
                ),
                ("verdict", models.CharField(blank=True, editable=False, max_length=12, verbose_name="verdict")),
                ("risk", models.CharField(blank=True, editable=False, max_length=10, verbose_name="risk")),
                ("not_before", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="not before")),
                (
                    "outcome_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("successful", "Successful"),
                            ("successful_with_issues", "Successful with issues"),
                            ("unsuccessful", "Unsuccessful"),
                        ],
                        max_length=30,
                        verbose_name="outcome",
                    ),
                ),
                ("outcome_note", models.TextField(blank=True, max_length=4000, verbose_name="closing note")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("started_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="started at")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="finished at"),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "author",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "implementer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="changes.changemodel",
                        verbose_name="model",
                    ),
                ),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="affected items",
                    ),
                ),
                ("held_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="on hold since")),
                (
                    "hold_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="hold reason"),
                ),
                (
                    "review_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("emergency", "it was an emergency"),
                            ("unauthorised", "it went out without an authorisation"),
                            ("override", "it went by override"),
                            ("unsuccessful", "it was unsuccessful"),
                            ("rolled_back", "it was rolled back"),
                            ("condition", "it was approved on the condition of a review"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="review because",
                    ),
                ),
                (
                    "review_cost",
                    models.TextField(blank=True, editable=False, max_length=4000, verbose_name="what it cost"),
                ),
                (
                    "review_due_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="review due"),
                ),
                (
                    "review_follow_up",
                    models.TextField(blank=True, editable=False, max_length=4000, verbose_name="what we change"),
                ),
                (
                    "review_worked",
                    models.TextField(
                        blank=True, editable=False, max_length=4000, verbose_name="did it do what it should"
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="reviewed at"),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "communication_plan",
                    models.TextField(blank=True, max_length=20000, verbose_name="communication plan"),
                ),
                (
                    "model_version",
                    models.PositiveIntegerField(
                        blank=True, editable=False, null=True, verbose_name="version of the model"
                    ),
                ),
                (
                    "no_backout_because",
                    models.TextField(blank=True, max_length=2000, verbose_name="no way back because"),
                ),
                (
                    "outage_minutes",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="minutes of outage"),
                ),
                (
                    "outage_services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="services out",
                    ),
                ),
                ("test_plan", models.TextField(blank=True, max_length=20000, verbose_name="test plan")),
                ("overridden", models.BooleanField(default=False, editable=False, verbose_name="goes by override")),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["status", "-id"], name="change_by_status"),
                    models.Index(fields=["service", "-id"], name="change_by_service"),
                    models.Index(fields=["verdict", "-id"], name="change_by_verdict"),
                    models.Index(
                        condition=models.Q(("status__in", ("closed", "cancelled")), _negated=True),
                        fields=["service", "environment"],
                        name="change_open_by_service",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("closed", "cancelled")), _negated=True),
                        fields=["content_hash"],
                        name="change_open_by_content",
                    ),
                    models.Index(fields=["requested_by", "-id"], name="change_by_requester"),
                    models.Index(
                        condition=models.Q(("outcome_code", "unsuccessful")),
                        fields=["service", "finished_at"],
                        name="change_failed_by_service",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("scheduled", "running"))),
                        fields=["service", "implementer"],
                        name="change_under_way",
                    ),
                    models.Index(fields=["artifact_version"], name="change_by_artifact_version"),
                    GinIndex(OpClass(Upper("summary"), name="gin_trgm_ops"), name="change_summary_trigrams"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("items", []), _negated=True), fields=["items"], name="change_by_item"
                    ),
                    models.Index(
                        condition=models.Q(("review_due_at__isnull", False), ("reviewed_at", None)),
                        fields=["service", "review_due_at"],
                        name="change_review_owed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("window_start", None), ("window_end__gt", models.F("window_start")), _connector="OR"
                        ),
                        name="change_window_opens_before_it_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "closed"), _negated=True),
                            models.Q(("outcome_code", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="closed_change_has_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["scheduled"]), _negated=True),
                            ("authorised_until__isnull", False),
                            _connector="OR",
                        ),
                        name="scheduled_change_is_authorised",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("change_class", "standard"),
                                (
                                    "status__in",
                                    [
                                        "assessing",
                                        "cancelled",
                                        "closed",
                                        "draft",
                                        "on_hold",
                                        "reviewing",
                                        "running",
                                        "scheduled",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("change_class", "normal"),
                                (
                                    "status__in",
                                    [
                                        "assessing",
                                        "cancelled",
                                        "closed",
                                        "draft",
                                        "on_hold",
                                        "reviewing",
                                        "running",
                                        "scheduled",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("change_class", "emergency"),
                                (
                                    "status__in",
                                    [
                                        "authorising",
                                        "cancelled",
                                        "closed",
                                        "draft",
                                        "on_hold",
                                        "reviewing",
                                        "running",
                                        "scheduled",
                                    ],
                                ),
                            ),
                            models.Q(
                                ("change_class", "unauthorised"), ("status__in", ["cancelled", "closed", "reviewing"])
                            ),
                            _connector="OR",
                        ),
                        name="change_is_in_a_state_of_its_class",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "on_hold"), _negated=True),
                            models.Q(("held_at__isnull", False), models.Q(("hold_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="change_on_hold_says_why_and_since_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "closed"), _negated=True),
                            ("reviewed_at__isnull", False),
                            models.Q(
                                ("review_due_at", None),
                                models.Q(
                                    ("change_class__in", {"emergency": "emergency", "unauthorised": "unauthorised"}),
                                    _negated=True,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="closed_change_owes_no_review",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at", None), ("reviewed_by", None)),
                            models.Q(
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                models.Q(("review_worked", ""), _negated=True),
                                models.Q(("review_cost", ""), _negated=True),
                                models.Q(("review_follow_up", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="change_review_says_by_whom_and_answers",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outage_minutes__gte", 1),
                            models.Q(("outage_minutes", None), ("outage_services", [])),
                            _connector="OR",
                        ),
                        name="change_says_how_long_an_outage_lasts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                ("outcome", models.CharField(max_length=12, verbose_name="outcome")),
                ("evidence", models.JSONField(verbose_name="evidence")),
                ("evidence_hash", models.CharField(max_length=64, verbose_name="evidence hash")),
                ("verdict", models.JSONField(verbose_name="verdict")),
                ("verdict_hash", models.CharField(max_length=64, verbose_name="verdict hash")),
                ("all_fresh", models.BooleanField(verbose_name="nothing an approval needs was missing or stale")),
                (
                    "objectives",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63), default=list, size=None, verbose_name="objectives"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
            ],
            options={
                "verbose_name": "gate decision",
                "verbose_name_plural": "gate decisions",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["decided_at"], name="decision_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "approved"), _negated=True), ("all_fresh", True), _connector="OR"
                        ),
                        name="no_approval_is_blind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("content_hash", models.CharField(max_length=64, verbose_name="content hash")),
                ("claims", models.JSONField(verbose_name="what the request said")),
                ("pipeline", models.JSONField(verbose_name="pipeline")),
                ("callback", models.JSONField(null=True, verbose_name="callback")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("approved", "approved"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("cancelled", "cancelled"),
                            ("error", "failed"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=12, verbose_name="outcome")),
                (
                    "decided_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "nobody yet"),
                            ("policy", "policy"),
                            ("person", "a person"),
                            ("override", "an override of the gate"),
                            ("shadow", "nobody: its service is in shadow"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="decided by",
                    ),
                ),
                ("not_before", models.DateTimeField(null=True, verbose_name="not before")),
                ("deadline", models.DateTimeField(null=True, verbose_name="deadline")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="expires at")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
                ("ended_because", models.CharField(blank=True, max_length=200, verbose_name="ended because")),
                ("known", models.JSONField(null=True, verbose_name="what the approvers knew")),
                ("known_at", models.DateTimeField(null=True, verbose_name="known at")),
                ("held", models.JSONField(null=True, verbose_name="held because")),
                ("held_at", models.DateTimeField(null=True, verbose_name="held at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="changes.decision"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "gate evaluation",
                "verbose_name_plural": "gate evaluations",
                "ordering": ("-asked_at", "-id"),
                "indexes": [
                    models.Index(fields=["change", "-asked_at"], name="evaluation_by_change"),
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["not_before"], name="evaluation_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("status", "approved"), ("used_at", None)),
                        fields=["expires_at"],
                        name="evaluation_unused",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status", "pending"), models.Q(("status", "approved"), ("used_at", None)), _connector="OR"
                        ),
                        fields=("change",),
                        name="one_live_evaluation_per_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "approved"), _negated=True),
                            models.Q(("expires_at__isnull", False), models.Q(("decided_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="an_approval_says_by_whom_and_until_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at", None), ("used_at__lte", models.F("expires_at")), _connector="OR"
                        ),
                        name="no_use_after_expiry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", "policy"), ("outcome", "approved"), _negated=True),
                            ("decision__isnull", False),
                            _connector="OR",
                        ),
                        name="a_policy_approval_has_its_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("environment", models.CharField(max_length=40, verbose_name="environment")),
                ("artifact_digest", models.CharField(blank=True, max_length=200, verbose_name="artifact digest")),
                ("artifact_version", models.CharField(blank=True, max_length=100, verbose_name="version")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("started", "running"),
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("rolled_back", "rolled back"),
                        ],
                        default="started",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[web_address],
                        verbose_name="address",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("watched_until", models.DateTimeField(blank=True, null=True, verbose_name="watched until")),
                (
                    "watch",
                    models.CharField(
                        blank=True,
                        choices=[("", "still watched"), ("clean", "clean"), ("unclean", "not clean")],
                        default="",
                        max_length=8,
                        verbose_name="watch",
                    ),
                ),
                ("watch_ended_at", models.DateTimeField(blank=True, null=True, verbose_name="watch ended at")),
                (
                    "witness",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "nobody but those who wanted it"),
                            ("measured", "its objectives, as others measure them"),
                            ("person", "a person without a stake in it"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="who saw that it works",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deployments",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "evaluation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deployment", to="changes.evaluation"
                    ),
                ),
            ],
            options={
                "verbose_name": "deployment",
                "verbose_name_plural": "deployments",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["artifact_digest", "environment"], name="deployment_by_digest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("change", "number"), name="one_deployment_of_a_number_per_change"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("status", "started")),
                            models.Q(models.Q(("status", "started"), _negated=True), ("finished_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_finished_deployment_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("watch", "clean"), _negated=True),
                            models.Q(("status", "succeeded"), ("watch_ended_at__gte", models.F("watched_until"))),
                            _connector="OR",
                        ),
                        name="a_clean_watch_was_watched_to_its_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("witness", ""),
                            models.Q(("status", "succeeded"), ("witness__in", ("measured", "person"))),
                            _connector="OR",
                        ),
                        name="what_somebody_saw_work_has_succeeded",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="evaluation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="changes.evaluation",
                verbose_name="evaluation",
            ),
        ),
        migrations.CreateModel(
            name="History",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("environment", models.CharField(max_length=40, verbose_name="environment")),
                ("runs", models.PositiveIntegerField(default=0, verbose_name="runs")),
                (
                    "weighted_runs",
                    models.DecimalField(decimal_places=9, default=0, max_digits=20, verbose_name="weighted runs"),
                ),
                (
                    "weighted_failures",
                    models.DecimalField(decimal_places=9, default=0, max_digits=20, verbose_name="weighted failures"),
                ),
                (
                    "recent",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BooleanField(),
                        default=list,
                        size=None,
                        verbose_name="the last 20 runs failed",
                    ),
                ),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="changes.changemodel",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.service"
                    ),
                ),
            ],
            options={
                "verbose_name": "history of changes",
                "verbose_name_plural": "histories of changes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("service", "model", "environment"),
                        name="one_history_per_kind_of_change",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weighted_failures__gte", 0), ("weighted_failures__lte", models.F("weighted_runs"))
                        ),
                        name="failures_are_among_the_runs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.CharField(max_length=63, verbose_name="slug")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                ("content", models.JSONField(verbose_name="content")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy version",
                "verbose_name_plural": "policy versions",
                "ordering": ("slug", "-number"),
                "constraints": [models.UniqueConstraint(fields=("slug", "number"), name="one_policy_of_a_version")],
            },
        ),
        migrations.CreateModel(
            name="PolicyActivation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "answer",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvaldecision",
                        verbose_name="approval",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activations",
                        to="changes.policyversion",
                        verbose_name="policy version",
                    ),
                ),
            ],
            options={
                "verbose_name": "activation of a policy",
                "verbose_name_plural": "activations of policies",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", None)),
                        fields=("version",),
                        name="one_policy_rules_without_an_approval",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="changes.policyversion",
                verbose_name="policy",
            ),
        ),
        migrations.CreateModel(
            name="Attestation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("artifact_digest", models.CharField(max_length=200, verbose_name="artifact digest")),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("peer_review", "reviewed by another person"),
                            ("tests", "tests"),
                            ("scans", "scans"),
                            ("rollback_tested", "rollback was tested"),
                            ("progressive", "progressive rollout"),
                        ],
                        max_length=20,
                        verbose_name="about",
                    ),
                ),
                ("passed", models.IntegerField(default=0, verbose_name="passed")),
                ("failed", models.IntegerField(default=0, verbose_name="failed")),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[web_address],
                        verbose_name="address",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
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
                    "withdraws",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="changes.attestation",
                        verbose_name="withdraws",
                    ),
                ),
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
                "verbose_name": "attestation",
                "verbose_name_plural": "attestations",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["artifact_digest", "service", "-id"], name="attestation_by_artifact")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("failed__gte", 0), ("passed__gte", 0)),
                        name="attested_counts_are_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("artifact_digest__regex", "^sha256:[0-9a-f]{64}$")),
                        name="an_attestation_names_what_cannot_change",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attestor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("peer_review", "reviewed by another person"),
                            ("tests", "tests"),
                            ("scans", "scans"),
                            ("rollback_tested", "rollback was tested"),
                            ("progressive", "progressive rollout"),
                        ],
                        max_length=20,
                        verbose_name="about",
                    ),
                ),
                ("named_at", models.DateTimeField(verbose_name="named at")),
                ("dismissed_at", models.DateTimeField(blank=True, null=True, verbose_name="dismissed at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="named by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attestors",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "attestor",
                "verbose_name_plural": "attestors",
                "ordering": ("service", "about", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dismissed_at", None)),
                        fields=("service", "about", "account"),
                        name="an_attestor_is_named_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("dismissed_at", None), ("dismissed_by", None)),
                            models.Q(("dismissed_at__isnull", False), ("dismissed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_dismissal_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "window_type",
                    models.CharField(
                        choices=[
                            ("maintenance", "Maintenance"),
                            ("freeze", "Freeze"),
                            ("blackout", "Blackout"),
                            ("lockdown", "Lockdown"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "environments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None, verbose_name="environments"
                    ),
                ),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted at")),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "services",
                    models.ManyToManyField(
                        blank=True, related_name="calendar_windows", to="catalog.service", verbose_name="services"
                    ),
                ),
                ("demanded", models.BooleanField(default=False, verbose_name="changes happen here only")),
                ("known_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("rrule", models.TextField(blank=True, max_length=500, verbose_name="repeats")),
                (
                    "teams",
                    models.ManyToManyField(
                        blank=True, related_name="calendar_windows", to="accounts.team", verbose_name="teams"
                    ),
                ),
                (
                    "tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None, verbose_name="tiers"
                    ),
                ),
                ("with_dependents", models.BooleanField(default=False, verbose_name="and what depends on them")),
                ("zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
                (
                    "change_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("standard", "standard"),
                                ("normal", "normal"),
                                ("emergency", "emergency"),
                                ("reliability_fix", "reliability fix"),
                                ("security_fix", "security fix"),
                                ("rollback", "rollback"),
                                ("flag_off", "flag off"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                        verbose_name="kinds of change",
                    ),
                ),
                (
                    "enforced_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="enforced at"),
                ),
                (
                    "enforced_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("awaiting_approval", "Awaiting approval"),
                            ("enforced", "In force"),
                            ("lifted", "Lifted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="enforced",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar window",
                "verbose_name_plural": "calendar windows",
                "ordering": ("starts_at", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("lifted_at", None)), fields=["ends_at"], name="calendar_window_by_end"
                    ),
                    models.Index(
                        condition=models.Q(("lifted_at", None), models.Q(("rrule", ""), _negated=True)),
                        fields=["known_until"],
                        name="calendar_window_recurring",
                    ),
                    models.Index(
                        condition=models.Q(("demanded", True), ("lifted_at", None)),
                        fields=["id"],
                        name="calendar_window_demanded",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="calendar_window_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("known_until", None), ("rrule", ""), ("zone", "")),
                            models.Q(
                                models.Q(("rrule", ""), _negated=True),
                                models.Q(("zone", ""), _negated=True),
                                models.Q(("known_until", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="what_recurs_has_a_zone_and_is_known_for_a_while",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("demanded", False), ("window_type", "maintenance"), _connector="OR"),
                        name="only_maintenance_is_demanded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("change_kinds", []),
                            models.Q(("window_type", "maintenance"), _negated=True),
                            _connector="OR",
                        ),
                        name="maintenance_is_for_every_kind_of_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rrule", ""), ("window_type", "lockdown")),
                            models.Q(
                                models.Q(("window_type", "lockdown"), _negated=True),
                                ("status__in", ["enforced", "lifted"]),
                            ),
                            _connector="OR",
                        ),
                        name="a_lockdown_alone_has_a_life_and_is_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["enforced", "lifted"]), ("window_type", "lockdown"), _negated=True
                            ),
                            models.Q(
                                ("enforced_at__isnull", False),
                                ("enforced_by__isnull", False),
                                models.Q(("enforced_by", models.F("created_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_lockdown_is_enforced_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", False), ("status", "lifted")),
                            models.Q(models.Q(("status", "lifted"), _negated=True), ("lifted_at", None)),
                            _connector="OR",
                        ),
                        name="what_is_lifted_says_when",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["evaluation", "-id"], name="decision_by_evaluation"),
        ),
        CHANGE_STANDS_IN,
        AddTrigger(
            model_name="attestation",
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
                table="changes_attestation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="attestation",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_attestation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="change",
            trigger=CompiledGuard(
                func=[
                    "NEW.program_owners := ARRAY(",
                    "  SELECT owner_id FROM accounts_user",
                    "  WHERE id IN (NEW.requested_by_id, NEW.author_id, NEW.implementer_id) AND owner_id IS NOT NULL",
                    "  UNION",
                    "  SELECT person FROM accounts_persons(ARRAY[NEW.requested_by_id, NEW.author_id, NEW.implementer_id])",
                    "  WHERE person <> account",
                    "  UNION",
                    "  SELECT unnest(NEW.program_owners)",
                    "  UNION",
                    "  SELECT unnest(OLD.program_owners) WHERE TG_OP = 'UPDATE'",
                    "  ORDER BY 1",
                    ");",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="keeps_program_owners",
                operation='INSERT OR UPDATE OF "requested_by_id", "author_id", "implementer_id", "program_owners"',
                table="changes_change",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="decision",
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
                table="changes_decision",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="decision",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_decision",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="policyactivation",
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
                table="changes_policyactivation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="policyactivation",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_policyactivation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="policyactivation",
            trigger=CompiledGuard(
                declare="DECLARE version changes_policyversion%ROWTYPE;",
                func=[
                    "SELECT * INTO version FROM changes_policyversion WHERE id = NEW.version_id;",
                    "IF NEW.answer_id IS NULL THEN",
                    "  IF version.number <> 1 OR version.proposed_by_id IS NOT NULL",
                    "     OR EXISTS (SELECT 1 FROM changes_policyactivation) THEN",
                    "    RAISE EXCEPTION 'only the first policy rules without an approval' USING ERRCODE = 'check_violation';",
                    "  END IF;",
                    "  RETURN NEW;",
                    "END IF;",
                    "IF NOT EXISTS (",
                    "  SELECT 1 FROM approvals_approvaldecision a",
                    "  JOIN approvals_approvalrequest k ON k.id = a.ask_id",
                    "  JOIN accounts_user approver ON approver.id = a.by_id",
                    "  JOIN accounts_user proposer ON proposer.id = version.proposed_by_id",
                    "  WHERE a.id = NEW.answer_id AND a.decision = 'approve' AND k.status = 'approved'",
                    "    AND proposer.account_type = 'human'",
                    "    AND k.record_kind = 'policy' AND k.record_id = version.id",
                    "    AND a.content_hash = version.hash AND k.content_hash = version.hash",
                    "    AND NOT EXISTS (",
                    "      SELECT FROM accounts_persons(ARRAY[approver.id]) one",
                    "      JOIN accounts_persons(ARRAY[proposer.id]) other ON other.person = one.person",
                    "    )",
                    ") THEN",
                    "  RAISE EXCEPTION 'a policy rules by the approval of another person' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="is_approved",
                operation="INSERT",
                table="changes_policyactivation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="policyversion",
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
                table="changes_policyversion",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="policyversion",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_policyversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="CalendarOccurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="when")),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occurrences",
                        to="changes.calendarwindow",
                    ),
                ),
            ],
            options={
                "verbose_name": "occurrence",
                "verbose_name_plural": "occurrences",
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(fields=["period"], name="calendar_occurrence_by_period"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("window", "period"), name="an_occurrence_is_written_once"),
                    models.CheckConstraint(
                        condition=models.Q(("period__endswith__isnull", False), ("period__startswith__isnull", False)),
                        name="an_occurrence_begins_and_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GatePolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="what it changes")),
                ("content", models.JSONField(verbose_name="content")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("ruling", "Ruling"),
                            ("superseded", "Superseded"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="begun at")),
                ("shadow_since", models.DateTimeField(blank=True, null=True, verbose_name="in shadow since")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="record version")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "frozen",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="life",
                        to="changes.policyversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy",
                "verbose_name_plural": "policies",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "proposed", "approved", "ruling", "superseded", "discarded"])
                        ),
                        name="policy_status_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "ruling")), fields=("status",), name="one_policy_rules"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ("draft", "discarded")), ("frozen__isnull", False), _connector="OR"
                        ),
                        name="a_proposed_policy_has_its_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("shadow_since", None), ("status__in", ("draft", "proposed", "approved")), _connector="OR"
                        ),
                        name="a_shadow_does_not_rule",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.JSONField(verbose_name="content")),
                ("content_hash", models.CharField(max_length=64, verbose_name="hash of the content")),
                ("since", models.DateTimeField(verbose_name="from")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "state",
                    models.CharField(
                        choices=[("working", "under way"), ("done", "done"), ("cancelled", "cancelled")],
                        default="working",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="back_tests",
                        to="changes.gatepolicy",
                    ),
                ),
            ],
            options={
                "verbose_name": "back-test",
                "verbose_name_plural": "back-tests",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["policy", "-id"], name="back_tests_of_a_policy"),
                    models.Index(condition=models.Q(("state", "working")), fields=["id"], name="back_tests_under_way"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("since__lt", models.F("until"))), name="a_back_test_has_a_period"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["working", "done", "cancelled"])),
                        name="back_test_state_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "working")),
                        fields=("policy",),
                        name="one_back_test_of_a_policy_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShadowAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content_hash", models.CharField(max_length=64, verbose_name="hash of the content")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("approved", "approved"),
                            ("exception", "exception"),
                            ("peer", "peer"),
                            ("cab", "cab"),
                            ("postponed", "postponed"),
                            ("blocked", "blocked"),
                        ],
                        max_length=12,
                        verbose_name="it would have said",
                    ),
                ),
                ("differs", models.BooleanField(verbose_name="differs from what was said")),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.decision",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shadow_answers",
                        to="changes.gatepolicy",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer of a shadow",
                "verbose_name_plural": "answers of shadows",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("differs", True)),
                        fields=["policy", "-id"],
                        name="shadow_answers_that_differ",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("policy", "decision"), name="one_shadow_answer_per_decision"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTestDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome_then",
                    models.CharField(
                        choices=[
                            ("approved", "approved"),
                            ("exception", "exception"),
                            ("peer", "peer"),
                            ("cab", "cab"),
                            ("postponed", "postponed"),
                            ("blocked", "blocked"),
                        ],
                        max_length=12,
                        verbose_name="said then",
                    ),
                ),
                (
                    "outcome_now",
                    models.CharField(
                        choices=[
                            ("approved", "approved"),
                            ("exception", "exception"),
                            ("peer", "peer"),
                            ("cab", "cab"),
                            ("postponed", "postponed"),
                            ("blocked", "blocked"),
                        ],
                        max_length=12,
                        verbose_name="the draft says",
                    ),
                ),
                (
                    "quadrant",
                    models.CharField(
                        choices=[
                            ("smooth", "smooth"),
                            ("escaped", "escaped"),
                            ("friction", "friction"),
                            ("stopped", "stopped"),
                            ("unknown", "unknown"),
                        ],
                        max_length=10,
                        verbose_name="how it went",
                    ),
                ),
                (
                    "waited_minutes",
                    models.PositiveIntegerField(null=True, verbose_name="minutes until people answered"),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.decision",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="differences",
                        to="changes.backtest",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer that differs",
                "verbose_name_plural": "answers that differ",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["run", "quadrant", "id"], name="differences_by_quadrant")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "decision"), name="one_difference_of_a_decision")
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTestSlice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.BigIntegerField(verbose_name="first change")),
                ("last", models.BigIntegerField(verbose_name="last change")),
                ("counts", models.JSONField(null=True, verbose_name="counts")),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slices",
                        to="changes.backtest",
                    ),
                ),
            ],
            options={
                "verbose_name": "slice of a back-test",
                "verbose_name_plural": "slices of back-tests",
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["run", "id"], name="slices_of_a_back_test"),
                    models.Index(
                        condition=models.Q(("counts__isnull", True)), fields=["id"], name="slices_that_are_left"
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="gatepolicy",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('approved', 'draft'),",
                    "  ('approved', 'ruling'),",
                    "  ('draft', 'discarded'),",
                    "  ('draft', 'proposed'),",
                    "  ('proposed', 'approved'),",
                    "  ('proposed', 'draft'),",
                    "  ('ruling', 'superseded')",
                    ") THEN",
                    "  RAISE EXCEPTION 'changes_gatepolicy does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="changes_gatepolicy",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="gatepolicy",
            trigger=CompiledGuard(
                condition="WHEN (OLD.content IS DISTINCT FROM NEW.content)",
                func=[
                    "IF NOT (OLD.status = 'draft' AND NEW.status IN ('draft', 'proposed')) THEN",
                    "  RAISE EXCEPTION 'the content of a policy changes while it is a draft' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="content_is_frozen",
                operation='UPDATE OF "content"',
                table="changes_gatepolicy",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="change",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.change_class, OLD.status, NEW.status) NOT IN (",
                    "  ('emergency', 'authorising', 'assessing'),",
                    "  ('emergency', 'authorising', 'cancelled'),",
                    "  ('emergency', 'authorising', 'draft'),",
                    "  ('emergency', 'authorising', 'on_hold'),",
                    "  ('emergency', 'authorising', 'scheduled'),",
                    "  ('emergency', 'draft', 'authorising'),",
                    "  ('emergency', 'draft', 'cancelled'),",
                    "  ('emergency', 'on_hold', 'authorising'),",
                    "  ('emergency', 'on_hold', 'cancelled'),",
                    "  ('emergency', 'on_hold', 'draft'),",
                    "  ('emergency', 'reviewing', 'closed'),",
                    "  ('emergency', 'running', 'reviewing'),",
                    "  ('emergency', 'scheduled', 'cancelled'),",
                    "  ('emergency', 'scheduled', 'draft'),",
                    "  ('emergency', 'scheduled', 'on_hold'),",
                    "  ('emergency', 'scheduled', 'running'),",
                    "  ('normal', 'assessing', 'authorising'),",
                    "  ('normal', 'assessing', 'cancelled'),",
                    "  ('normal', 'assessing', 'draft'),",
                    "  ('normal', 'assessing', 'on_hold'),",
                    "  ('normal', 'assessing', 'scheduled'),",
                    "  ('normal', 'draft', 'assessing'),",
                    "  ('normal', 'draft', 'cancelled'),",
                    "  ('normal', 'on_hold', 'assessing'),",
                    "  ('normal', 'on_hold', 'cancelled'),",
                    "  ('normal', 'on_hold', 'draft'),",
                    "  ('normal', 'reviewing', 'closed'),",
                    "  ('normal', 'running', 'reviewing'),",
                    "  ('normal', 'scheduled', 'cancelled'),",
                    "  ('normal', 'scheduled', 'draft'),",
                    "  ('normal', 'scheduled', 'on_hold'),",
                    "  ('normal', 'scheduled', 'running'),",
                    "  ('standard', 'assessing', 'authorising'),",
                    "  ('standard', 'assessing', 'cancelled'),",
                    "  ('standard', 'assessing', 'draft'),",
                    "  ('standard', 'assessing', 'on_hold'),",
                    "  ('standard', 'assessing', 'scheduled'),",
                    "  ('standard', 'draft', 'assessing'),",
                    "  ('standard', 'draft', 'cancelled'),",
                    "  ('standard', 'on_hold', 'assessing'),",
                    "  ('standard', 'on_hold', 'cancelled'),",
                    "  ('standard', 'on_hold', 'draft'),",
                    "  ('standard', 'reviewing', 'closed'),",
                    "  ('standard', 'running', 'reviewing'),",
                    "  ('standard', 'scheduled', 'cancelled'),",
                    "  ('standard', 'scheduled', 'draft'),",
                    "  ('standard', 'scheduled', 'on_hold'),",
                    "  ('standard', 'scheduled', 'running'),",
                    "  ('unauthorised', 'reviewing', 'cancelled'),",
                    "  ('unauthorised', 'reviewing', 'closed')",
                    ") THEN",
                    "  RAISE EXCEPTION 'changes_change does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="changes_change",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Board",
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
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tiers",
                    ),
                ),
                (
                    "environments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="environments",
                    ),
                ),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("standard", "Standard"),
                                ("normal", "Normal"),
                                ("emergency", "Emergency"),
                                ("unauthorised", "Unauthorised"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="kinds of change",
                    ),
                ),
                ("quorum", models.PositiveSmallIntegerField(default=1, verbose_name="quorum")),
                (
                    "rule",
                    models.CharField(
                        choices=[("none_against", "nobody against"), ("majority", "majority")],
                        default="none_against",
                        max_length=12,
                        verbose_name="rule",
                    ),
                ),
                ("is_emergency", models.BooleanField(default=False, verbose_name="for emergencies")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "above",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="below",
                        to="changes.board",
                        verbose_name="board above",
                    ),
                ),
                (
                    "services",
                    models.ManyToManyField(blank=True, related_name="+", to="catalog.service", verbose_name="services"),
                ),
                (
                    "teams",
                    models.ManyToManyField(blank=True, related_name="+", to="accounts.team", verbose_name="teams"),
                ),
                ("first_meeting", models.DateTimeField(blank=True, null=True, verbose_name="first meeting")),
                (
                    "meeting_minutes",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="minutes of a meeting"),
                ),
                ("rrule", models.TextField(blank=True, max_length=500, verbose_name="meets")),
                ("zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
            ],
            options={
                "verbose_name": "board",
                "verbose_name_plural": "boards",
                "ordering": ("name", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quorum__gte", 1)), name="a_board_decides_by_one_at_least"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rule__in", ["none_against", "majority"])), name="board_rule_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("above", None), models.Q(("above", models.F("id")), _negated=True), _connector="OR"
                        ),
                        name="no_board_is_above_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_meeting", None), ("meeting_minutes", None), ("rrule", ""), ("zone", "")),
                            models.Q(
                                models.Q(("rrule", ""), _negated=True),
                                models.Q(("zone", ""), _negated=True),
                                ("first_meeting__isnull", False),
                                ("meeting_minutes__gte", 5),
                            ),
                            _connector="OR",
                        ),
                        name="a_standing_schedule_is_said_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("in_session", "In session"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="changes.board",
                        verbose_name="board",
                    ),
                ),
                (
                    "chaired_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="chaired by",
                    ),
                ),
                (
                    "pre_read_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="pre-read sent at"),
                ),
                (
                    "scheduled_for",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="by the schedule"),
                ),
            ],
            options={
                "verbose_name": "meeting of a board",
                "verbose_name_plural": "meetings of boards",
                "ordering": ("-starts_at", "-id"),
                "indexes": [
                    models.Index(fields=["board", "-starts_at"], name="meeting_by_board"),
                    models.Index(fields=["starts_at"], name="meeting_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["planned", "in_session", "closed", "cancelled"])),
                        name="meeting_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="a_meeting_ends_after_it_starts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "in_session")),
                        fields=("board",),
                        name="a_board_meets_once_at_a_time",
                    ),
                    models.UniqueConstraint(
                        fields=("board", "scheduled_for"), name="a_schedule_plans_each_meeting_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="place")),
                ("notes", models.TextField(blank=True, max_length=8000, verbose_name="notes")),
                ("deferred_because", models.CharField(blank=True, max_length=500, verbose_name="put off because")),
                (
                    "ask",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvalrequest",
                        verbose_name="ask",
                    ),
                ),
                (
                    "deferred_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.meeting",
                        verbose_name="put off to",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="changes.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "item of an agenda",
                "verbose_name_plural": "items of agendas",
                "ordering": ("meeting", "place", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "ask"), name="an_item_stands_once_on_an_agenda"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("deferred_because", ""), ("deferred_to", None)),
                            models.Q(("deferred_to__isnull", False), models.Q(("deferred_because", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="what_is_put_off_says_why_and_until_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deferred_to", None),
                            models.Q(("deferred_to", models.F("meeting")), _negated=True),
                            _connector="OR",
                        ),
                        name="put_off_to_another_meeting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facts", models.JSONField(verbose_name="facts")),
                ("text", models.TextField(verbose_name="text")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="changes.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "minutes",
                "verbose_name_plural": "minutes",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("quarter", models.DateField(verbose_name="quarter")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number in the quarter")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("review_due_at", models.DateTimeField(verbose_name="review due at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
                (
                    "evaluation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="override",
                        to="changes.evaluation",
                        verbose_name="evaluation",
                    ),
                ),
                (
                    "seconded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="seconded by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "override",
                "verbose_name_plural": "overrides",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(fields=("team", "quarter", "number"), name="an_override_takes_one_token"),
                    models.CheckConstraint(condition=models.Q(("number__range", (1, 3))), name="overrides_are_counted"),
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("seconded_by")), _negated=True),
                        name="an_override_has_two_names",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.GreaterThanOrEqual(
                            django.db.models.functions.text.Length(django.db.models.functions.text.Trim("reason")), 30
                        ),
                        name="an_override_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("came_at", models.DateTimeField(verbose_name="came at")),
                ("seen_at", models.DateTimeField(verbose_name="last seen at")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presences",
                        to="changes.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "presence in a meeting",
                "verbose_name_plural": "presences in meetings",
                "ordering": ("came_at", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "person"), name="one_presence_per_person_and_meeting"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[("chair", "Chair"), ("member", "Member"), ("adviser", "Adviser without vote")],
                        default="member",
                        max_length=10,
                        verbose_name="part",
                    ),
                ),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="changes.board",
                        verbose_name="board",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "seat in a board",
                "verbose_name_plural": "seats in boards",
                "ordering": ("board", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("board", "person"), name="one_seat_per_person_and_board"),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", ["chair", "member", "adviser"])),
                        name="part_in_a_board_is_known",
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="meeting",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('in_session', 'cancelled'),",
                    "  ('in_session', 'closed'),",
                    "  ('planned', 'cancelled'),",
                    "  ('planned', 'in_session')",
                    ") THEN",
                    "  RAISE EXCEPTION 'changes_meeting does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="changes_meeting",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="minutes",
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
                table="changes_minutes",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="minutes",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_minutes",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="override",
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
                table="changes_override",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="override",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_override",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="change",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF EXISTS (",
                    "  SELECT FROM work_task",
                    "  WHERE record_kind = 'change' AND record_id = NEW.id AND mandatory AND done_at IS NULL",
                    "    AND task_kind = ANY (",
                    "      CASE",
                    "        WHEN NEW.status = 'running' THEN ARRAY['planning']",
                    "        WHEN NEW.status = 'reviewing' AND NEW.outcome_code = '' THEN ARRAY['implementation']",
                    "        WHEN NEW.status = 'closed' THEN ARRAY['testing', 'review']",
                    "        ELSE ARRAY[]::text[]",
                    "      END",
                    "    )",
                    ") THEN",
                    "  RAISE EXCEPTION 'change % has mandatory tasks to do before it is %', NEW.id, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="mandatory_tasks_are_done",
                operation='UPDATE OF "status"',
                table="changes_change",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="LockdownHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_at", models.DateTimeField(verbose_name="held at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("what_became", models.CharField(blank=True, max_length=200, verbose_name="what became of it")),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lockdown_holds", to="changes.change"
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="changes.calendarwindow"
                    ),
                ),
            ],
            options={
                "verbose_name": "hold by a lockdown",
                "verbose_name_plural": "holds by lockdowns",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("change",),
                        name="one_lockdown_holds_a_change_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("what_became", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("what_became", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_hold_that_ended_says_what_became_of_it",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="calendarwindow",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('awaiting_approval', 'cancelled'),",
                    "  ('awaiting_approval', 'draft'),",
                    "  ('awaiting_approval', 'enforced'),",
                    "  ('draft', 'awaiting_approval'),",
                    "  ('draft', 'cancelled'),",
                    "  ('enforced', 'lifted')",
                    ") THEN",
                    "  RAISE EXCEPTION 'changes_calendarwindow does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="changes_calendarwindow",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="SubscribedCalendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                ("trouble", models.CharField(blank=True, max_length=300, verbose_name="trouble")),
                ("refused", models.JSONField(default=list, verbose_name="what was refused")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "subscribed calendar",
                "verbose_name_plural": "subscribed calendars",
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "about",
                    models.CharField(
                        choices=[("person", "my changes"), ("service", "a service"), ("board", "a board")],
                        max_length=10,
                        verbose_name="about",
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "board",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="changes.board",
                        verbose_name="board",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar feed",
                "verbose_name_plural": "calendar feeds",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("about", "person"), ("board", None), ("service", None)),
                            models.Q(("about", "service"), ("board", None), ("service__isnull", False)),
                            models.Q(("about", "board"), ("board__isnull", False), ("service", None)),
                            _connector="OR",
                        ),
                        name="a_feed_is_about_what_it_says",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid_hash", models.CharField(editable=False, max_length=64)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("rrule", models.TextField(blank=True, max_length=500, verbose_name="repeats")),
                ("zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
                (
                    "status",
                    models.CharField(
                        choices=[("proposed", "proposed"), ("taken", "taken in"), ("dismissed", "dismissed")],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("moved", models.BooleanField(default=False, verbose_name="moved since")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "window",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.calendarwindow",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="changes.subscribedcalendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposed event",
                "verbose_name_plural": "proposed events",
                "ordering": ("starts_at", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "uid_hash"), name="an_event_is_proposed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="a_proposed_event_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "taken"), _negated=True), ("window__isnull", False), _connector="OR"
                        ),
                        name="what_is_taken_in_is_a_window",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("bounds", models.JSONField(verbose_name="bounds")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("approved", "approved"), ("discarded", "discarded")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="who wrote in it"
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                (
                    "approved_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="changes.changemodel",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a change model",
                "verbose_name_plural": "versions of change models",
                "ordering": ("-number",),
                "constraints": [
                    models.UniqueConstraint(fields=("model", "number"), name="one_version_of_a_model_by_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("model",), name="one_draft_of_a_model"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", False), ("state", "approved")),
                            models.Q(models.Q(("state", "approved"), _negated=True), ("approved_at", None)),
                            _connector="OR",
                        ),
                        name="an_approved_version_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", None),
                            models.Q(("approved_by", models.F("written_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_version_has_a_second_person",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="changemodel",
            name="status",
            field=models.CharField(
                choices=[
                    ("proposed", "proposed"),
                    ("approved", "approved"),
                    ("suspended", "suspended"),
                    ("retired", "retired"),
                ],
                default="approved",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="changemodel",
            name="version",
            field=models.PositiveIntegerField(default=1, verbose_name="record version"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changemodel",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('approved', 'retired'),",
                    "  ('approved', 'suspended'),",
                    "  ('proposed', 'approved'),",
                    "  ('proposed', 'retired'),",
                    "  ('suspended', 'approved'),",
                    "  ('suspended', 'retired')",
                    ") THEN",
                    "  RAISE EXCEPTION 'changes_changemodel does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="changes_changemodel",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changemodel",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition='WHEN (OLD."also_services" IS DISTINCT FROM NEW."also_services" OR OLD."environments" IS DISTINCT FROM NEW."environments" OR OLD."repository" IS DISTINCT FROM NEW."repository" OR OLD."workflow_name" IS DISTINCT FROM NEW."workflow_name" OR OLD."paths" IS DISTINCT FROM NEW."paths" OR OLD."most_commits" IS DISTINCT FROM NEW."most_commits" OR OLD."days" IS DISTINCT FROM NEW."days" OR OLD."hours_from" IS DISTINCT FROM NEW."hours_from" OR OLD."hours_until" IS DISTINCT FROM NEW."hours_until" OR OLD."zone" IS DISTINCT FROM NEW."zone" OR OLD."users" IS DISTINCT FROM NEW."users" OR OLD."risk" IS DISTINCT FROM NEW."risk" OR OLD."allows_migration" IS DISTINCT FROM NEW."allows_migration" OR OLD."progressive" IS DISTINCT FROM NEW."progressive" OR OLD."rollback_tested" IS DISTINCT FROM NEW."rollback_tested" OR OLD."tasks" IS DISTINCT FROM NEW."tasks" OR OLD."number" IS DISTINCT FROM NEW."number")',
                func=[
                    "IF NEW.number <= OLD.number OR NOT EXISTS (",
                    "  SELECT FROM changes_modelversion v",
                    "  WHERE v.model_id = NEW.id AND v.number = NEW.number AND v.state = 'approved'",
                    ") THEN",
                    "  RAISE EXCEPTION 'the bounds of a model are those of an approved version' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="bounds_have_their_version",
                operation="UPDATE",
                table="changes_changemodel",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.state <> 'draft' OR OLD.number IS DISTINCT FROM NEW.number OR OLD.model_id IS DISTINCT FROM NEW.model_id)",
                func=[
                    "RAISE EXCEPTION 'a version of a model never changes once it is decided' USING ERRCODE = 'check_violation';"
                ],
                level="ROW",
                name="written_bounds_stay",
                operation="UPDATE",
                table="changes_modelversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="ImpactSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(blank=True, null=True, verbose_name="looked at")),
                (
                    "of",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="of items",
                    ),
                ),
                ("found", models.JSONField(blank=True, default=list, verbose_name="found")),
                (
                    "by_hand",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="added by hand",
                    ),
                ),
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="impact",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
            ],
            options={
                "verbose_name": "snapshot of an impact",
                "verbose_name_plural": "snapshots of impacts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_at__isnull", False), models.Q(("found", []), ("of", [])), _connector="OR"
                        ),
                        name="an_impact_that_was_found_says_when",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeploymentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "told_by",
                    models.CharField(
                        choices=[
                            ("gate", "the gate"),
                            ("github", "GitHub"),
                            ("gitlab", "GitLab"),
                            ("cdevents", "CDEvents"),
                            ("generic", "a mapped webhook"),
                            ("report", "a report of the pipeline"),
                            ("import", "an imported history"),
                        ],
                        max_length=10,
                        verbose_name="told by",
                    ),
                ),
                ("external_id", models.CharField(max_length=200, verbose_name="its id there")),
                ("environment", models.CharField(max_length=40, verbose_name="environment")),
                ("version", models.CharField(blank=True, max_length=100, verbose_name="version")),
                ("artifact_digest", models.CharField(blank=True, max_length=200, verbose_name="artifact digest")),
                ("commit", models.CharField(blank=True, max_length=64, verbose_name="commit")),
                ("repository", models.CharField(blank=True, max_length=200, verbose_name="repository")),
                ("run_id", models.CharField(blank=True, max_length=200, verbose_name="run")),
                (
                    "url",
                    models.CharField(
                        blank=True,
                        max_length=300,
                        validators=[itsm.notifications.web_addresses.web_address],
                        verbose_name="address",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("started", "running"),
                            ("succeeded", "succeeded"),
                            ("failed", "failed"),
                            ("rolled_back", "rolled back"),
                            ("cancelled", "cancelled"),
                        ],
                        default="started",
                        max_length=12,
                        verbose_name="result",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("told_at", models.DateTimeField(verbose_name="told at")),
                ("who", models.CharField(blank=True, max_length=200, verbose_name="who")),
                (
                    "rework",
                    models.CharField(
                        blank=True,
                        choices=[("", "none"), ("fix", "a fix of an incident"), ("rollback", "a rollback")],
                        default="",
                        max_length=8,
                        verbose_name="rework",
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for its authorisation"),
                            ("authorised", "authorised"),
                            ("unauthorised", "unauthorised"),
                            ("withdrawn", "authorised, found late"),
                            ("blind", "deployed blind"),
                            ("exempt", "needs none"),
                            ("shadow", "allowed in shadow"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="authorisation",
                    ),
                ),
                ("trouble", models.CharField(blank=True, max_length=300, verbose_name="trouble")),
                ("retry_at", models.DateTimeField(blank=True, null=True, verbose_name="looked at again")),
                (
                    "matched_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("itself", "it was started under it"),
                            ("digest", "the artifact"),
                            ("commit", "the commit"),
                            ("run", "the pipeline's run"),
                        ],
                        max_length=6,
                        verbose_name="matched by",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deployment_events",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
                (
                    "deployment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="event",
                        to="changes.deployment",
                        verbose_name="deployment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "same_as",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tellings",
                        to="changes.deploymentevent",
                        verbose_name="same as",
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
            ],
            options={
                "verbose_name": "deployment event",
                "verbose_name_plural": "deployment events",
                "ordering": ("-started_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="DeliveredCommit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha", models.CharField(max_length=64, verbose_name="commit")),
                ("committed_at", models.DateTimeField(verbose_name="committed at")),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commits",
                        to="changes.deploymentevent",
                        verbose_name="deployment",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivered commit",
                "verbose_name_plural": "delivered commits",
            },
        ),
        migrations.AddIndex(
            model_name="deploymentevent",
            index=models.Index(fields=["service", "environment", "-started_at"], name="event_by_service"),
        ),
        migrations.AddIndex(
            model_name="deploymentevent",
            index=models.Index(condition=models.Q(("standing", "waiting")), fields=["told_at"], name="event_waiting"),
        ),
        migrations.AddIndex(
            model_name="deploymentevent",
            index=models.Index(fields=["change"], name="event_by_change"),
        ),
        migrations.AddIndex(
            model_name="deploymentevent",
            index=models.Index(
                condition=models.Q(("standing", "unauthorised")), fields=["-told_at"], name="event_given_up"
            ),
        ),
        migrations.AddConstraint(
            model_name="deploymentevent",
            constraint=models.UniqueConstraint(fields=("told_by", "external_id"), name="one_event_per_id_there"),
        ),
        migrations.AddConstraint(
            model_name="deploymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at", None), ("result", "started")),
                    models.Q(models.Q(("result", "started"), _negated=True), ("finished_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_ended_event_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="deploymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing", "authorised"), _negated=True),
                    models.Q(("change__isnull", False), models.Q(("matched_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_authorised_event_has_its_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="deploymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("same_as", models.F("id")), _negated=True), name="no_event_is_its_own_telling"
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveredcommit",
            constraint=models.UniqueConstraint(fields=("event", "sha"), name="a_commit_once_per_deployment"),
        ),
        migrations.AddConstraint(
            model_name="deploymentevent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("same_as__isnull", False)),
                fields=("same_as", "told_by"),
                name="a_teller_tells_of_a_run_once",
            ),
        ),
        migrations.CreateModel(
            name="DeliverySource",
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
                    "platform",
                    models.CharField(
                        choices=[
                            ("github", "GitHub"),
                            ("gitlab", "GitLab"),
                            ("cdevents", "CDEvents"),
                            ("generic", "JSON with a mapping"),
                        ],
                        max_length=10,
                        verbose_name="platform",
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
                        verbose_name="secret",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=changes.delivery.models.sources.new_key,
                        editable=False,
                        max_length=64,
                        verbose_name="key",
                    ),
                ),
                ("key_before", models.CharField(blank=True, editable=False, max_length=64, verbose_name="key before")),
                (
                    "before_until",
                    models.DateTimeField(editable=False, null=True, verbose_name="the secret before counts until"),
                ),
                ("mapping", models.JSONField(blank=True, default=dict, verbose_name="mapping")),
                ("api_url", models.CharField(blank=True, max_length=300, verbose_name="address of its API")),
                ("app_id", models.CharField(blank=True, max_length=20, verbose_name="number of the App")),
                (
                    "api_credential",
                    models.CharField(
                        blank=True,
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="key or token of its API",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="program",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of deliveries",
                "verbose_name_plural": "sources of deliveries",
                "ordering": ("slug",),
            },
        ),
        migrations.CreateModel(
            name="DeploymentRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("repository", models.CharField(max_length=200, verbose_name="repository")),
                ("workflow", models.CharField(blank=True, max_length=200, verbose_name="workflow")),
                ("theirs", models.CharField(blank=True, max_length=200, verbose_name="environment there")),
                ("environment", models.CharField(max_length=40, verbose_name="environment")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "created_by",
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
                        related_name="routes",
                        to="changes.deliverysource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "mapping of deployments",
                "verbose_name_plural": "mappings of deployments",
                "ordering": ("repository", "workflow", "theirs", "id"),
            },
        ),
        migrations.CreateModel(
            name="PlatformDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery_id", models.CharField(max_length=200, verbose_name="its id there")),
                ("event", models.CharField(blank=True, max_length=100, verbose_name="event")),
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
                            ("unmapped", "of no known service"),
                            ("ignored", "says nothing of a deployment"),
                            ("parked", "cannot be read"),
                            ("discarded", "discarded"),
                        ],
                        default="new",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("repository", models.CharField(blank=True, max_length=200, verbose_name="repository")),
                ("workflow", models.CharField(blank=True, max_length=200, verbose_name="workflow")),
                ("environment", models.CharField(blank=True, max_length=200, verbose_name="environment there")),
                ("applied_at", models.DateTimeField(null=True, verbose_name="applied at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "deployment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="changes.deploymentevent",
                        verbose_name="deployment",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.deliverysource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery of a platform",
                "verbose_name_plural": "deliveries of platforms",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PlatformQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, verbose_name="what is held")),
                ("external_id", models.CharField(blank=True, max_length=200, verbose_name="its deployment there")),
                ("repository", models.CharField(max_length=200, verbose_name="repository")),
                ("run_id", models.CharField(blank=True, max_length=200, verbose_name="run")),
                ("theirs", models.CharField(max_length=200, verbose_name="environment there")),
                ("installation", models.CharField(blank=True, max_length=40, verbose_name="installation")),
                ("callback", models.CharField(max_length=300, verbose_name="address of the answer")),
                ("refusal", models.CharField(blank=True, max_length=500, verbose_name="why it was not asked")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "nothing yet"), ("approved", "approved"), ("rejected", "rejected")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                ("told_at", models.DateTimeField(null=True, verbose_name="told at")),
                ("notes", models.PositiveSmallIntegerField(default=0, verbose_name="remarks")),
                ("last_note", models.CharField(blank=True, max_length=1024, verbose_name="last remark")),
                ("trouble", models.CharField(blank=True, max_length=300, verbose_name="trouble")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "change",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="changes.change",
                        verbose_name="change",
                    ),
                ),
                (
                    "evaluation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="question",
                        to="changes.evaluation",
                        verbose_name="evaluation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.deliverysource",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "question of a platform",
                "verbose_name_plural": "questions of platforms",
                "ordering": ("-id",),
            },
        ),
        migrations.AddIndex(
            model_name="deliverysource",
            index=models.Index(
                condition=models.Q(("retired_at", None)), fields=["platform"], name="delivery_source_live"
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverysource",
            constraint=models.CheckConstraint(
                condition=models.Q(("platform__in", ["github", "gitlab", "cdevents", "generic"])),
                name="a_delivery_source_has_a_platform",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverysource",
            constraint=models.CheckConstraint(
                condition=models.Q(("key_before", ""), ("before_until__isnull", False), _connector="OR"),
                name="a_key_before_counts_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="deploymentroute",
            constraint=models.UniqueConstraint(
                fields=("source", "repository", "workflow", "theirs"), name="one_mapping_of_what_is_told"
            ),
        ),
        migrations.AddConstraint(
            model_name="deploymentroute",
            constraint=models.CheckConstraint(
                condition=models.Q(("repository", ""), _negated=True), name="a_mapping_names_a_repository"
            ),
        ),
        migrations.AddIndex(
            model_name="platformdelivery",
            index=models.Index(
                condition=models.Q(("status", "new")), fields=["source", "id"], name="platform_delivery_new"
            ),
        ),
        migrations.AddIndex(
            model_name="platformdelivery",
            index=models.Index(
                condition=models.Q(("status", "unmapped")), fields=["-id"], name="platform_delivery_unmapped"
            ),
        ),
        migrations.AddIndex(
            model_name="platformdelivery",
            index=models.Index(fields=["received_at"], name="platform_delivery_by_age"),
        ),
        migrations.AddConstraint(
            model_name="platformdelivery",
            constraint=models.UniqueConstraint(fields=("source", "delivery_id"), name="a_delivery_is_taken_once"),
        ),
        migrations.AddConstraint(
            model_name="platformdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["new", "applied", "unmapped", "ignored", "parked", "discarded"])),
                name="a_platform_delivery_has_a_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "parked"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_parked_delivery_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="platformquestion",
            index=models.Index(condition=models.Q(("answer", "")), fields=["change"], name="question_waiting"),
        ),
        migrations.AddIndex(
            model_name="platformquestion",
            index=models.Index(fields=["source", "external_id"], name="question_by_deployment"),
        ),
        migrations.AddConstraint(
            model_name="platformquestion",
            constraint=models.UniqueConstraint(fields=("source", "key"), name="a_platform_asks_once"),
        ),
        migrations.AddConstraint(
            model_name="platformquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_answered_question_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "approved"), _negated=True), ("evaluation__isnull", False), _connector="OR"
                ),
                name="nobody_answers_without_the_gate",
            ),
        ),
        migrations.AddConstraint(
            model_name="platformquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("notes__lte", 10)), name="a_platform_takes_ten_remarks"
            ),
        ),
        migrations.CreateModel(
            name="ChangeCost",
            fields=[
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cost",
                        serialize=False,
                        to="changes.change",
                    ),
                ),
                ("share", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share of the budget")),
                ("reserved", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="reserved")),
                ("failed", models.BooleanField(default=False, verbose_name="failed")),
                ("why", models.CharField(blank=True, max_length=12, verbose_name="because")),
                (
                    "proposed",
                    models.CharField(
                        choices=[
                            ("successful", "Successful"),
                            ("successful_with_issues", "Successful with issues"),
                            ("unsuccessful", "Unsuccessful"),
                        ],
                        max_length=30,
                        verbose_name="proposed outcome",
                    ),
                ),
                ("reckoned_at", models.DateTimeField(verbose_name="reckoned at")),
                ("final_at", models.DateTimeField(null=True, verbose_name="final since")),
            ],
            options={
                "verbose_name": "cost of a change",
                "verbose_name_plural": "costs of changes",
                "ordering": ("-share",),
            },
        ),
        migrations.CreateModel(
            name="Debit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("amount", models.BigIntegerField(verbose_name="debit")),
                ("dependency", models.BigIntegerField(verbose_name="to what it depends on")),
                ("share", models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share of the budget")),
                (
                    "gross",
                    models.DecimalField(decimal_places=9, max_digits=20, verbose_name="share with what it depends on"),
                ),
            ],
            options={
                "verbose_name": "debit",
                "verbose_name_plural": "debits",
                "ordering": ("change", "objective", "day"),
            },
        ),
        migrations.CreateModel(
            name="LedgerDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("until_minute", models.BigIntegerField(verbose_name="reckoned until")),
                ("excess", models.BigIntegerField(verbose_name="excess")),
                ("debited", models.BigIntegerField(verbose_name="debited to changes")),
                ("dependency", models.BigIntegerField(verbose_name="to what it depends on")),
                ("unattributed", models.BigIntegerField(verbose_name="unattributed")),
                ("seen_revision", models.BigIntegerField(verbose_name="revision of what was measured")),
                ("reckoned_at", models.DateTimeField(verbose_name="reckoned at")),
            ],
            options={
                "verbose_name": "day of the ledger",
                "verbose_name_plural": "days of the ledger",
                "ordering": ("-day", "objective"),
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
                "ordering": ("-id",),
            },
        ),
        migrations.AlterField(
            model_name="change",
            name="review_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("emergency", "it was an emergency"),
                    ("unauthorised", "it went out without an authorisation"),
                    ("override", "it went by override"),
                    ("unsuccessful", "it was unsuccessful"),
                    ("rolled_back", "it was rolled back"),
                    ("cost", "it cost more than a fifth of an error budget"),
                    ("condition", "it was approved on the condition of a review"),
                ],
                editable=False,
                max_length=20,
                verbose_name="review because",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("started_at__isnull", False)),
                fields=["service", "started_at"],
                name="change_ran_by_service",
            ),
        ),
        migrations.AddIndex(
            model_name="deliveredcommit",
            index=models.Index(fields=["sha"], name="delivery_of_commit"),
        ),
        migrations.AddIndex(
            model_name="deploymentevent",
            index=models.Index(
                condition=models.Q(("same_as", None)), fields=["service", "finished_at"], name="event_by_end"
            ),
        ),
        migrations.AddField(
            model_name="changecost",
            name="objective",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="slo.objective",
            ),
        ),
        migrations.AddField(
            model_name="debit",
            name="change",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="debits", to="changes.change"
            ),
        ),
        migrations.AddField(
            model_name="debit",
            name="objective",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="debits", to="slo.objective"
            ),
        ),
        migrations.AddField(
            model_name="ledgerday",
            name="objective",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ledger_days",
                to="slo.objective",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="changes.change",
                verbose_name="change",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="confirmed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmed by",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="objective",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="slo.objective",
                verbose_name="objective",
            ),
        ),
        migrations.AddIndex(
            model_name="changecost",
            index=models.Index(fields=["-share"], name="dearest_changes"),
        ),
        migrations.AddConstraint(
            model_name="changecost",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__gte", 0), ("share__gte", 0)), name="a_cost_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="changecost",
            constraint=models.CheckConstraint(
                condition=models.Q(("failed", False), models.Q(("why", ""), _negated=True), _connector="OR"),
                name="a_failed_run_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="debit",
            index=models.Index(fields=["objective", "day"], name="debits_of_a_day"),
        ),
        migrations.AddConstraint(
            model_name="debit",
            constraint=models.UniqueConstraint(
                fields=("change", "objective", "day"), name="one_debit_per_change_objective_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="debit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gte", 0), ("dependency__gte", 0), ("gross__gte", models.F("share")), ("share__gte", 0)
                ),
                name="a_debit_is_not_negative",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerday",
            index=models.Index(fields=["day"], name="ledger_by_day"),
        ),
        migrations.AddConstraint(
            model_name="ledgerday",
            constraint=models.UniqueConstraint(fields=("objective", "day"), name="one_ledger_day_per_objective"),
        ),
        migrations.AddConstraint(
            model_name="ledgerday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("debited__gte", 0),
                    ("dependency__gte", 0),
                    ("unattributed__gte", 0),
                    (
                        "excess",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("debited"), "+", models.F("dependency")
                            ),
                            "+",
                            models.F("unattributed"),
                        ),
                    ),
                ),
                name="the_ledger_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="a_refund_gives_something_back"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", models.F("confirmed_by")), _negated=True), name="a_refund_has_two_names"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.GreaterThanOrEqual(
                    django.db.models.functions.text.Length(django.db.models.functions.text.Trim("reason")), 30
                ),
                name="a_refund_says_why",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refund",
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
                table="changes_refund",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="refund",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_refund",
                when="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="debit",
            name="followed",
            field=models.BooleanField(default=False, verbose_name="followed"),
        ),
        migrations.AlterField(
            model_name="changecost",
            name="why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "nothing"),
                    ("rolled_back", "it was rolled back, or failed as it was deployed"),
                    ("incident", "an incident names it as its cause"),
                    ("debit", "it cost more than was reserved for it"),
                ],
                default="",
                max_length=12,
                verbose_name="because",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("started_at__isnull", False)), fields=["started_at"], name="change_by_start"
            ),
        ),
        migrations.AddIndex(
            model_name="debit",
            index=models.Index(condition=models.Q(("followed", False)), fields=["change"], name="debits_to_follow"),
        ),
        migrations.CreateModel(
            name="ChaosAbort",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("stake_burnt", "its stake is burnt"),
                            ("page_fired", "a page fires"),
                            ("not_seen", "what it burns cannot be seen"),
                            ("person", "somebody stopped it"),
                        ],
                        max_length=12,
                        verbose_name="cause",
                    ),
                ),
                ("objective", models.CharField(blank=True, max_length=80, verbose_name="objective")),
                (
                    "burned",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True, verbose_name="burned"),
                ),
                ("because", models.CharField(blank=True, max_length=500, verbose_name="because")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="calls of its hook")),
                ("last_called_at", models.DateTimeField(blank=True, null=True, verbose_name="last called at")),
                ("last_said", models.CharField(blank=True, max_length=500, verbose_name="what it said last")),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped at")),
                ("paged_at", models.DateTimeField(blank=True, null=True, verbose_name="paged at")),
            ],
            options={
                "verbose_name": "abort of an experiment",
                "verbose_name_plural": "aborts of experiments",
            },
        ),
        migrations.CreateModel(
            name="ChaosBurn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("share", models.DecimalField(decimal_places=6, max_digits=12, verbose_name="share of the budget")),
                ("counted_at", models.DateTimeField(verbose_name="counted at")),
            ],
            options={
                "verbose_name": "burn of an experiment",
                "verbose_name_plural": "burns of experiments",
            },
        ),
        migrations.CreateModel(
            name="ChaosExperiment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hypothesis", models.TextField(max_length=4000, verbose_name="hypothesis")),
                ("blast_radius", models.TextField(max_length=4000, verbose_name="blast radius")),
                (
                    "abort_url",
                    models.CharField(
                        max_length=300,
                        validators=[itsm.notifications.web_addresses.web_address],
                        verbose_name="abort hook",
                    ),
                ),
                ("abort_key", models.CharField(default=changes.chaos.models.a_key, editable=False, max_length=43)),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not said yet"),
                            ("held", "the hypothesis held"),
                            ("refuted", "the hypothesis did not hold"),
                            ("inconclusive", "nothing is shown"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="finding",
                    ),
                ),
                ("shown", models.TextField(blank=True, max_length=4000, verbose_name="what it showed")),
                ("concluded_at", models.DateTimeField(blank=True, null=True, verbose_name="concluded at")),
            ],
            options={
                "verbose_name": "chaos experiment",
                "verbose_name_plural": "chaos experiments",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RollBackCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("called_at", models.DateTimeField(verbose_name="called at")),
                ("because", models.CharField(max_length=200, verbose_name="because")),
            ],
            options={
                "verbose_name": "call to roll back",
                "verbose_name_plural": "calls to roll back",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RolloutStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="stage")),
                ("percent", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="percent")),
                (
                    "answer",
                    models.CharField(
                        choices=[("go_on", "go on"), ("hold", "hold"), ("roll_back", "roll back")],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=500, verbose_name="because")),
                ("first_asked_at", models.DateTimeField(verbose_name="first asked at")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
            ],
            options={
                "verbose_name": "stage of a rollout",
                "verbose_name_plural": "stages of rollouts",
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="change",
            name="stake",
            field=models.DecimalField(
                blank=True, decimal_places=6, editable=False, max_digits=7, null=True, verbose_name="stake"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose", "experiment"), ("stake__gt", 0), ("stake__lte", 1)),
                    models.Q(models.Q(("purpose", "experiment"), _negated=True), ("stake", None)),
                    _connector="OR",
                ),
                name="an_experiment_and_nothing_else_has_a_stake",
            ),
        ),
        migrations.AddField(
            model_name="chaosabort",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="chaosabort",
            name="stopped_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="chaosburn",
            name="objective",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="slo.objective",
                verbose_name="objective",
            ),
        ),
        migrations.AddField(
            model_name="chaosexperiment",
            name="change",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="experiment",
                to="changes.change",
                verbose_name="change",
            ),
        ),
        migrations.AddField(
            model_name="chaosexperiment",
            name="concluded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="chaosexperiment",
            name="problem",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="incidents.problem",
                verbose_name="problem",
            ),
        ),
        migrations.AddField(
            model_name="chaosburn",
            name="experiment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="burns",
                to="changes.chaosexperiment",
                verbose_name="experiment",
            ),
        ),
        migrations.AddField(
            model_name="chaosabort",
            name="experiment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="abort",
                to="changes.chaosexperiment",
                verbose_name="experiment",
            ),
        ),
        migrations.AddField(
            model_name="rollbackcall",
            name="back_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="changes.deployment",
                verbose_name="back to",
            ),
        ),
        migrations.AddField(
            model_name="rollbackcall",
            name="deployment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="roll_back_call",
                to="changes.deployment",
                verbose_name="deployment",
            ),
        ),
        migrations.AddField(
            model_name="rolloutstage",
            name="deployment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stages",
                to="changes.deployment",
                verbose_name="deployment",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaosexperiment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("concluded_at", None), ("concluded_by", None), ("finding", "")),
                    models.Q(
                        models.Q(("finding", ""), _negated=True),
                        models.Q(("shown", ""), _negated=True),
                        ("concluded_at__isnull", False),
                        ("concluded_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_concluded_experiment_says_what_it_showed",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaosburn",
            constraint=models.UniqueConstraint(
                fields=("experiment", "objective"), name="one_burn_per_experiment_and_objective"
            ),
        ),
        migrations.AddConstraint(
            model_name="chaosburn",
            constraint=models.CheckConstraint(
                condition=models.Q(("share__gte", 0)), name="an_experiment_burns_no_less_than_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="chaosabort",
            constraint=models.CheckConstraint(
                condition=models.Q(("stopped_at", None), ("stopped_at__gte", models.F("asked_at")), _connector="OR"),
                name="it_stops_after_it_was_asked_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaosabort",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "person"), _negated=True),
                    models.Q(("asked_by__isnull", False), models.Q(("because", ""), _negated=True)),
                    _connector="OR",
                ),
                name="who_stops_an_experiment_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolloutstage",
            constraint=models.UniqueConstraint(
                fields=("deployment", "name"), name="one_stage_of_a_name_per_deployment"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolloutstage",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent", None), ("percent__lte", 100), _connector="OR"),
                name="a_stage_is_a_part_of_all",
            ),
        ),
        migrations.CreateModel(
            name="PastAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("approved", "approved"),
                            ("exception", "exception"),
                            ("peer", "peer"),
                            ("cab", "cab"),
                            ("postponed", "postponed"),
                            ("blocked", "blocked"),
                        ],
                        max_length=12,
                        verbose_name="it would have said",
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=60, verbose_name="deciding reason")),
                (
                    "quadrant",
                    models.CharField(
                        choices=[
                            ("smooth", "smooth"),
                            ("escaped", "escaped"),
                            ("friction", "friction"),
                            ("stopped", "stopped"),
                            ("unknown", "unknown"),
                        ],
                        max_length=10,
                        verbose_name="how it went",
                    ),
                ),
                ("judged_at", models.DateTimeField(verbose_name="judged at")),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_answer",
                        to="changes.deploymentevent",
                        verbose_name="deployment",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="changes.policyversion",
                        verbose_name="policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer about the past",
                "verbose_name_plural": "answers about the past",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["policy", "quadrant"], name="past_answers_by_quadrant")],
            },
        ),
        migrations.CreateModel(
            name="GateShadow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shadows",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "service in shadow",
                "verbose_name_plural": "services in shadow",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("service",),
                        name="one_shadow_of_a_service_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("began_at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("began_at"), "+", models.Value(datetime.timedelta(days=90))
                                ),
                            ),
                        ),
                        name="a_shadow_ends_within_ninety_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_by", models.F("confirmed_by")), _negated=True),
                        name="a_shadow_is_confirmed_by_a_second_person",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                condition=models.Q(("watch", "")), fields=["watched_until"], name="deployment_still_watched"
            ),
        ),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("share", models.DecimalField(decimal_places=6, max_digits=7, verbose_name="share")),
                ("left", models.DecimalField(decimal_places=6, max_digits=7, verbose_name="left")),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="taken back at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="software agent",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken back by",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="given by",
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
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "allowance",
                "verbose_name_plural": "allowances",
                "ordering": ("service", "id"),
            },
        ),
        migrations.CreateModel(
            name="AllowanceEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("given", "given"),
                            ("changed", "changed"),
                            ("drawn", "drawn"),
                            ("returned", "came back"),
                            ("refilled", "refilled"),
                            ("shrunk", "shrunk"),
                            ("taken_back", "taken back"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=9, max_digits=10, verbose_name="amount")),
                ("share", models.DecimalField(decimal_places=6, max_digits=7, verbose_name="share")),
                ("left", models.DecimalField(decimal_places=6, max_digits=7, verbose_name="left")),
                ("change_reference", models.CharField(blank=True, max_length=40, verbose_name="change")),
                ("run", models.BigIntegerField(null=True, verbose_name="run")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "allowance",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="changes.allowance",
                    ),
                ),
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
                "verbose_name": "entry of an allowance",
                "verbose_name_plural": "entries of allowances",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left__gte", 0), ("left__lte", models.F("share")), ("share__gt", 0), ("share__lte", 1)
                ),
                name="an_allowance_is_a_share_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agent", None), ("team__isnull", False)),
                    models.Q(("agent__isnull", False), ("team", None)),
                    _connector="OR",
                ),
                name="an_allowance_has_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="who_took_an_allowance_back_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("service", "agent"),
                name="one_allowance_of_a_service_and_agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("service", "team"),
                name="one_allowance_of_a_service_and_team",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allowance",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF NEW.ended_at IS NULL THEN",
                    "  PERFORM FROM catalog_service WHERE id = NEW.service_id FOR NO KEY UPDATE;",
                    "  IF (SELECT sum(share) FROM changes_allowance WHERE service_id = NEW.service_id AND ended_at IS NULL) > 1 THEN",
                    "    RAISE EXCEPTION 'the shares of service % would be more than its whole headroom', NEW.service_id",
                    "      USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_are_at_most_the_whole';",
                    "  END IF;",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="never_more_than_the_whole",
                operation='INSERT OR UPDATE OF "share", "ended_at", "service_id"',
                table="changes_allowance",
                when="AFTER",
            ),
        ),
        migrations.AddIndex(
            model_name="allowanceentry",
            index=models.Index(fields=["allowance", "-id"], name="entries_of_an_allowance"),
        ),
        migrations.AddIndex(
            model_name="allowanceentry",
            index=models.Index(
                condition=models.Q(("change_reference", ""), _negated=True),
                fields=["change_reference", "allowance"],
                name="allowance_entries_by_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowanceentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what__in", ("drawn", "returned", "refilled", "shrunk")), _negated=True),
                    models.Q(("change_reference", ""), _negated=True),
                    _connector="OR",
                ),
                name="what_a_run_did_names_its_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="allowanceentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("what__in", ("drawn", "returned")), _negated=True), ("amount__gt", 0), _connector="OR"
                ),
                name="what_is_drawn_is_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allowanceentry",
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
                table="changes_allowanceentry",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allowanceentry",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="changes_allowanceentry",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="allowance",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.given_by_id, NEW.ended_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "given_by_id", "ended_by_id"',
                table="changes_allowance",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="changemodel",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.approved_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "approved_by_id"',
                table="changes_changemodel",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="gateshadow",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.asked_by_id, NEW.confirmed_by_id, NEW.ended_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "asked_by_id", "confirmed_by_id", "ended_by_id"',
                table="changes_gateshadow",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="override",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.asked_by_id, NEW.seconded_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "asked_by_id", "seconded_by_id"',
                table="changes_override",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="refund",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.asked_by_id, NEW.confirmed_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "asked_by_id", "confirmed_by_id"',
                table="changes_refund",
                when="BEFORE",
            ),
        ),
    ]
