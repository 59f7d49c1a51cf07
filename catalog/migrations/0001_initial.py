"""The first shape of the catalog tables."""

import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import catalog.items.models.versions
import catalog.knowledge.models.articles
import catalog.knowledge.models.versions
import itsm.accounts.audiences
import itsm.audit.triggers
from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration

# A living relation between living items, as impact reads it: who provides, who feels it.
DERIVED_ARROWS = """
CREATE VIEW catalog_derivedarrow AS
SELECT r.id AS relation_id,
       CASE t.flows WHEN 'to_source' THEN r.target_id ELSE r.source_id END AS provider_id,
       CASE t.flows WHEN 'to_source' THEN r.source_id ELSE r.target_id END AS consumer_id,
       coalesce(nullif(r.strength, ''), t.strength)::varchar(4) AS strength,
       r.group_id
FROM catalog_relation r
JOIN catalog_relationtype t ON t.id = r.type_id AND t.flows <> 'none'
JOIN catalog_ci s ON s.id = r.source_id AND s.status <> 'retired' AND s.merged_into_id IS NULL
JOIN catalog_ci o ON o.id = r.target_id AND o.status <> 'retired' AND o.merged_into_id IS NULL
WHERE r.ended_at IS NULL
"""
# A service is an item of the same id.
SERVICES_ARE_ITEMS = """
ALTER TABLE catalog_service ALTER COLUMN id DROP IDENTITY;
ALTER TABLE catalog_service ALTER COLUMN id SET DEFAULT nextval(pg_get_serial_sequence('catalog_ci', 'id'));
ALTER TABLE catalog_service ADD CONSTRAINT a_service_is_an_item
  FOREIGN KEY (id) REFERENCES catalog_ci (id) DEFERRABLE INITIALLY DEFERRED
"""


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("clocks", "0001_initial"),
        ("search", "0001_initial"),
        ("fields", "0001_initial"),
        ("work", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
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
                ("description", models.TextField(blank=True, max_length=4000, verbose_name="description")),
                (
                    "tier",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Tier 1, business critical"),
                            (2, "Tier 2, important"),
                            (3, "Tier 3, supporting"),
                            (4, "Tier 4, background"),
                        ],
                        default=3,
                        verbose_name="tier",
                    ),
                ),
                ("needs_owner", models.BooleanField(default=False, editable=False, verbose_name="needs an owner")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_services",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
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
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="accounts.team",
                        verbose_name="owner team",
                    ),
                ),
                (
                    "audience",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        default=itsm.accounts.audiences.everybody,
                        size=None,
                        verbose_name="audience",
                    ),
                ),
                (
                    "service_type",
                    models.CharField(
                        choices=[("business", "Business service"), ("technical", "Technical service")],
                        default="technical",
                        max_length=9,
                        verbose_name="kind of service",
                    ),
                ),
                (
                    "support_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supported_services",
                        to="accounts.team",
                        verbose_name="support team",
                    ),
                ),
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
                "ordering": ("name",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["audience"], name="service_audience"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("tier__range", (1, 4))), name="service_tier_is_1_to_4"),
                    models.CheckConstraint(
                        condition=models.Q(("needs_owner", False), ("team__isnull", True), _connector="OR"),
                        name="an_owned_service_needs_no_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("service_type__in", ("business", "technical"))),
                        name="service_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Regex(
                            models.Func(
                                models.F("audience"),
                                models.Value(" "),
                                function="array_to_string",
                                output_field=models.TextField(),
                            ),
                            models.Value("^(all|staff|team:[1-9][0-9]{0,17})( (all|staff|team:[1-9][0-9]{0,17}))*$"),
                        ),
                        name="service_audience_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Environment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 40.",
                            )
                        ],
                        verbose_name="name",
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="description")),
                ("is_production", models.BooleanField(default=False, verbose_name="judged as production")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "environment",
                "verbose_name_plural": "environments",
                "ordering": ("position", "name"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_production", True), models.Q(("name", "production"), _negated=True), _connector="OR"
                        ),
                        name="production_is_judged_as_production",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnvironmentWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "word",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 40.",
                            )
                        ],
                        verbose_name="word",
                    ),
                ),
                (
                    "environment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="catalog.environment",
                        verbose_name="environment",
                    ),
                ),
            ],
            options={
                "verbose_name": "word for an environment",
                "verbose_name_plural": "words for environments",
                "ordering": ("word",),
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("name_key", ReadAlike(of="name", unique=True)),
                (
                    "agreement_type",
                    models.CharField(
                        choices=[
                            ("sla", "Service level agreement"),
                            ("ola", "Operational level agreement"),
                            ("underpinning", "Underpinning contract"),
                        ],
                        default="sla",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("party", models.CharField(blank=True, max_length=120, verbose_name="agreed with")),
                ("position", models.PositiveIntegerField(default=100, verbose_name="position")),
                ("tier", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="tier")),
                ("priority", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="priority")),
                ("category", models.CharField(blank=True, max_length=200, verbose_name="category")),
                ("channel", models.CharField(blank=True, max_length=10, verbose_name="channel")),
                ("number", models.PositiveIntegerField(default=1, verbose_name="newest version")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
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
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "ordering": ("position", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tier", None), ("tier__range", (1, 4)), _connector="OR"),
                        name="agreement_tier_is_1_to_4",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority", None), ("priority__range", (1, 5)), _connector="OR"),
                        name="agreement_priority_is_1_to_5",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agreement_type__in", ("sla", "ola", "underpinning"))),
                        name="agreement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ("", "portal", "phone", "mail", "chat", "alert", "api", "import"))
                        ),
                        name="agreement_channel_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_until", None),
                            ("valid_from__lt", models.F("valid_until")),
                            _connector="OR",
                        ),
                        name="agreement_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("targets", models.JSONField(verbose_name="targets")),
                ("pauses", models.JSONField(default=list, verbose_name="pauses")),
                ("warn", models.JSONField(default=list, verbose_name="warns at")),
                (
                    "on_reopen",
                    models.CharField(
                        choices=[("continue", "goes on"), ("restart", "begins again")],
                        default="continue",
                        max_length=8,
                        verbose_name="when reopened",
                    ),
                ),
                ("levels", models.JSONField(default=list, verbose_name="levels")),
                ("by_id", models.BigIntegerField(null=True, verbose_name="by")),
                ("by_name", models.CharField(max_length=150, verbose_name="by name")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="catalog.agreement",
                        verbose_name="agreement",
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
                (
                    "availability",
                    models.DecimalField(decimal_places=9, max_digits=10, null=True, verbose_name="availability"),
                ),
            ],
            options={
                "verbose_name": "version of an agreement",
                "verbose_name_plural": "versions of agreements",
                "ordering": ("agreement", "-number"),
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "number"), name="one_agreement_version_of_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(("on_reopen__in", ("continue", "restart"))),
                        name="agreement_reopens_by_a_known_rule",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("availability", None),
                            models.Q(("availability__gt", 0), ("availability__lte", 1)),
                            _connector="OR",
                        ),
                        name="agreement_availability_is_a_share",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agreementversion",
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
                table="catalog_agreementversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agreementversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="catalog_agreementversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "strength",
                    models.CharField(
                        blank=True, choices=[("hard", "hard"), ("soft", "soft")], max_length=4, verbose_name="strength"
                    ),
                ),
                ("data_source", models.CharField(default="people", max_length=63, verbose_name="source of the data")),
                ("change_reference", models.CharField(blank=True, max_length=20, verbose_name="change")),
                ("first_seen", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                ("last_seen", models.DateTimeField(blank=True, null=True, verbose_name="last seen")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "relation",
                "verbose_name_plural": "relations",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("strength__in", ["", "hard", "soft"])), name="relation_strength_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("first_seen")), _connector="OR"
                        ),
                        name="a_relation_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CI",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("stock", "in stock"),
                            ("building", "being built"),
                            ("active", "in service"),
                            ("maintenance", "taken out"),
                            ("retired", "retired"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("environment", models.CharField(blank=True, max_length=40, verbose_name="environment")),
                ("description", models.TextField(blank=True, max_length=4000, verbose_name="description")),
                ("attributes", models.JSONField(blank=True, default=dict, verbose_name="fields")),
                ("confidential", models.BooleanField(default=False, verbose_name="confidential")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "last_seen_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last seen at"),
                ),
                (
                    "certified_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="certified at"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "certified_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.ci",
                    ),
                ),
                (
                    "support_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="support team",
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
                        verbose_name="owner team",
                    ),
                ),
            ],
            options={
                "verbose_name": "configuration item",
                "verbose_name_plural": "configuration items",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="ci_merged_into",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("attributes", name="jsonb_path_ops"),
                        name="ci_attributes",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                        ),
                        name="ci_name_trigrams",
                    ),
                    models.Index(condition=models.Q(("confidential", True)), fields=["team"], name="ci_confidential"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["planned", "stock", "building", "active", "maintenance", "retired"])
                        ),
                        name="ci_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(("merged_into", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="no_item_lives_on_in_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.GreaterThan(
                                models.Value(64000),
                                models.Func(
                                    django.db.models.functions.comparison.Cast("attributes", models.TextField()),
                                    function="octet_length",
                                    output_field=models.IntegerField(),
                                ),
                            )
                        ),
                        name="ci_attributes_are_small",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CIClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Lower-case letters, digits and '_', at most 40, beginning with a letter.",
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "lineage",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=300, verbose_name="description")),
                ("icon", models.CharField(blank=True, max_length=40, verbose_name="icon")),
                ("abstract", models.BooleanField(default=False, verbose_name="only for what it passes on")),
                ("built_in", models.BooleanField(default=False, editable=False, verbose_name="built in")),
                (
                    "schemes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, null=True, size=None
                    ),
                ),
                ("fresh_for", models.DurationField(blank=True, null=True, verbose_name="fresh for")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "field_set",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="fields.fieldset",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="catalog.ciclass",
                    ),
                ),
            ],
            options={
                "verbose_name": "class",
                "verbose_name_plural": "classes",
                "ordering": ("slug",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["lineage"], name="ci_class_lineage"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z][a-z0-9_]{0,39}$")), name="ci_class_key_has_shape"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lineage__len__lte", 6)), name="ci_class_tree_is_at_most_six_deep"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Condition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("up", "up"), ("degraded", "degraded"), ("down", "down")],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("source", models.CharField(max_length=150, verbose_name="source")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("said_at", models.DateTimeField(verbose_name="said at")),
                ("fresh_until", models.DateTimeField(verbose_name="fresh until")),
                (
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="conditions", to="catalog.ci"
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "condition of an item",
                "verbose_name_plural": "conditions of items",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["degraded", "down"])), name="a_condition_is_a_fault"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="a_condition_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("ci", "source"),
                        name="one_open_condition_of_a_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="by")),
                ("actor_name", models.CharField(max_length=150, verbose_name="by name")),
                ("change_reference", models.CharField(blank=True, max_length=20, verbose_name="change")),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
            ],
            options={
                "verbose_name": "explanation of an edit",
                "verbose_name_plural": "explanations of edits",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("change_reference", ""), ("why", ""), _negated=True),
                        name="an_explanation_names_a_change_or_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GraphChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "change of the graph",
                "verbose_name_plural": "changes of the graph",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=63, verbose_name="name")),
                ("needs", models.PositiveIntegerField(blank=True, null=True, verbose_name="needs")),
                (
                    "needs_share",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="needs, in per cent"),
                ),
                ("whole_below", models.PositiveIntegerField(blank=True, null=True, verbose_name="degraded below")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="catalog.ci",
                        verbose_name="consumer",
                    ),
                ),
            ],
            options={
                "verbose_name": "group",
                "verbose_name_plural": "groups",
                "ordering": ("consumer", "name"),
                "constraints": [
                    models.UniqueConstraint(fields=("consumer", "name"), name="one_group_of_a_name"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("needs__gte", 1), ("needs_share", None)),
                            models.Q(("needs", None), ("needs_share__range", (1, 100))),
                            _connector="OR",
                        ),
                        name="a_group_needs_a_number_or_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("whole_below", None), ("whole_below__gte", 1), _connector="OR"),
                        name="whole_below_is_at_least_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="History",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, verbose_name="key")),
                ("before", models.JSONField(null=True, verbose_name="before")),
                ("after", models.JSONField(null=True, verbose_name="after")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="by")),
                ("actor_name", models.CharField(max_length=150, verbose_name="by name")),
                ("source", models.CharField(default="people", max_length=63, verbose_name="source")),
                ("run", models.BigIntegerField(null=True, verbose_name="run")),
                ("change_reference", models.CharField(blank=True, max_length=20, verbose_name="change")),
                ("accounted", models.BooleanField(default=True, verbose_name="accounted for")),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
                (
                    "ci",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history",
                        to="catalog.ci",
                    ),
                ),
            ],
            options={
                "verbose_name": "history of an item",
                "verbose_name_plural": "histories of items",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        models.F("ci"),
                        models.F("key"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="ci_history_by_key",
                    ),
                    models.Index(fields=["ci", "-id"], name="ci_history_newest_first"),
                    models.Index(
                        condition=models.Q(("accounted", False)), fields=["ci", "-id"], name="ci_history_unaccounted"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scheme", models.CharField(max_length=80, verbose_name="scheme")),
                ("value", models.CharField(max_length=500, verbose_name="value")),
                ("contested", models.BooleanField(default=False, verbose_name="contested")),
                (
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="identifiers", to="catalog.ci"
                    ),
                ),
            ],
            options={
                "verbose_name": "identifier",
                "verbose_name_plural": "identifiers",
                "ordering": ("scheme", "value"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("contested", False)),
                        fields=("scheme", "value"),
                        name="an_identifier_names_one_item",
                    ),
                    models.UniqueConstraint(fields=("ci", "scheme", "value"), name="an_item_has_an_identifier_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RelationType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}\\Z",
                                "Lower-case letters, digits and '_', at most 40, beginning with a letter.",
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                ("reading", models.CharField(max_length=60, verbose_name="reading")),
                ("reverse", models.CharField(max_length=60, verbose_name="reading back")),
                (
                    "flows",
                    models.CharField(
                        choices=[
                            ("to_source", "to the source"),
                            ("to_target", "to the target"),
                            ("none", "to neither"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="a failure flows",
                    ),
                ),
                (
                    "strength",
                    models.CharField(
                        choices=[("hard", "hard"), ("soft", "soft")],
                        default="hard",
                        max_length=4,
                        verbose_name="strength",
                    ),
                ),
                (
                    "grouping",
                    models.CharField(
                        choices=[
                            ("none", "each for itself"),
                            ("one", "all in one group"),
                            ("environment", "a group for each environment"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="grouping",
                    ),
                ),
                (
                    "source_classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "target_classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("built_in", models.BooleanField(default=False, editable=False, verbose_name="built in")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "type of relation",
                "verbose_name_plural": "types of relations",
                "ordering": ("slug",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("flows__in", ["to_source", "to_target", "none"])),
                        name="relation_flow_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("strength__in", ["hard", "soft"])), name="relation_type_strength_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grouping__in", ["none", "one", "environment"])),
                        name="relation_grouping_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grouping", "none"), models.Q(("flows", "none"), _negated=True), _connector="OR"
                        ),
                        name="only_what_flows_is_grouped",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="service",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "DELETE FROM catalog_arrow WHERE provider_id = OLD.id OR consumer_id = OLD.id;",
                    "DELETE FROM catalog_relation WHERE source_id = OLD.id OR target_id = OLD.id;",
                    "DELETE FROM catalog_group WHERE consumer_id = OLD.id;",
                    "DELETE FROM catalog_identifier WHERE ci_id = OLD.id;",
                    "DELETE FROM catalog_condition WHERE ci_id = OLD.id;",
                    "DELETE FROM catalog_ci WHERE id = OLD.id;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="takes_item_back",
                operation="DELETE",
                table="catalog_service",
                when="AFTER",
            ),
        ),
        migrations.CreateModel(
            name="Arrow",
            fields=[
                (
                    "relation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="arrow",
                        serialize=False,
                        to="catalog.relation",
                    ),
                ),
                (
                    "strength",
                    models.CharField(
                        choices=[("hard", "hard"), ("soft", "soft")], max_length=4, verbose_name="strength"
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feels", to="catalog.ci"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrows",
                        to="catalog.group",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="felt_by",
                        to="catalog.ci",
                    ),
                ),
            ],
            options={
                "verbose_name": "arrow",
                "verbose_name_plural": "arrows",
                "ordering": ("relation",),
                "indexes": [
                    models.Index(
                        fields=["provider"], include=("consumer", "strength", "group"), name="arrow_by_provider"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("strength__in", ["hard", "soft"])), name="arrow_strength_is_known"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="relation",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations_out",
                to="catalog.ci",
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations_in",
                to="catalog.ci",
                verbose_name="target",
            ),
        ),
        migrations.AddField(
            model_name="ci",
            name="ci_class",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="catalog.ciclass",
                verbose_name="class",
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="catalog.group",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="explanation",
            name="history",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="explanation", to="catalog.history"
            ),
        ),
        migrations.AddField(
            model_name="relation",
            name="type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="relations",
                to="catalog.relationtype",
                verbose_name="type",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relationtype",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN ((OLD.flows, OLD.strength) IS DISTINCT FROM (NEW.flows, NEW.strength))",
                func=[
                    "DELETE FROM catalog_arrow WHERE relation_id IN (SELECT id FROM catalog_relation WHERE type_id = NEW.id);",
                    "INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)",
                    "SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow",
                    "WHERE relation_id IN (SELECT id FROM catalog_relation WHERE type_id = NEW.id);",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="turns_arrows",
                operation='UPDATE OF "flows", "strength"',
                table="catalog_relationtype",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ciclass",
            trigger=itsm.audit.triggers.CompiledGuard(
                declare="DECLARE above bigint[] := '{}';",
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF (OLD.parent_id, OLD.lineage, OLD.slug, OLD.built_in, OLD.field_set_id)",
                    "      IS DISTINCT FROM (NEW.parent_id, NEW.lineage, NEW.slug, NEW.built_in, NEW.field_set_id) THEN",
                    "    RAISE EXCEPTION 'a class stays where it is' USING ERRCODE = 'check_violation';",
                    "  END IF;",
                    "  RETURN NEW;",
                    "END IF;",
                    "IF NEW.parent_id IS NOT NULL THEN",
                    "  SELECT lineage INTO above FROM catalog_ciclass WHERE id = NEW.parent_id FOR SHARE;",
                    "END IF;",
                    "NEW.lineage := above || NEW.id;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="lineage",
                operation='INSERT OR UPDATE OF "parent_id", "lineage", "slug", "built_in", "field_set_id"',
                table="catalog_ciclass",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="ci",
            index=models.Index(fields=["ci_class", "status", "id"], name="ci_by_class"),
        ),
        migrations.AddIndex(
            model_name="ci",
            index=models.Index(fields=["environment", "ci_class"], name="ci_by_environment"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ci",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN ((OLD.name, OLD.team_id, OLD.description) IS DISTINCT FROM (NEW.name, NEW.team_id, NEW.description))",
                func=[
                    "IF EXISTS (",
                    "  SELECT FROM catalog_service s WHERE s.id = NEW.id",
                    "  AND (s.name, s.team_id, s.description) IS DISTINCT FROM (NEW.name, NEW.team_id, NEW.description)",
                    ") THEN",
                    "  RAISE EXCEPTION 'the item of a service says what the service says' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="says_what_its_service_says",
                operation='UPDATE OF "name", "team_id", "description"',
                table="catalog_ci",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ci",
            trigger=itsm.audit.triggers.CompiledGuard(
                declare="DECLARE turned bigint[];",
                func=[
                    "SELECT array_agg(n.id) INTO turned FROM new_rows n JOIN old_rows o USING (id)",
                    "WHERE (n.status = 'retired' OR n.merged_into_id IS NOT NULL)",
                    "  <> (o.status = 'retired' OR o.merged_into_id IS NOT NULL);",
                    "IF turned IS NOT NULL THEN",
                    "  DELETE FROM catalog_arrow WHERE provider_id = ANY (turned) OR consumer_id = ANY (turned);",
                    "  INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)",
                    "  SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow",
                    "  WHERE provider_id = ANY (turned) OR consumer_id = ANY (turned);",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="arrows_follow_life",
                operation="UPDATE",
                referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                table="catalog_ci",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="group",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM new_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_inserts",
                operation="INSERT",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="catalog_group",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="group",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM new_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_updates",
                operation="UPDATE",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="catalog_group",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="group",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM old_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_deletes",
                operation="DELETE",
                referencing="REFERENCING OLD TABLE AS old_rows ",
                table="catalog_group",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="history",
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
                table="catalog_history",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="history",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="catalog_history",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="explanation",
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
                table="catalog_explanation",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="explanation",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="catalog_explanation",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("source", "target", "type"),
                name="one_living_relation_of_a_type_between_two_items",
            ),
        ),
        migrations.AddConstraint(
            model_name="relation",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True), name="no_item_is_related_to_itself"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (NEW.group_id IS NOT NULL)",
                func=[
                    "IF NOT EXISTS (",
                    "  SELECT FROM catalog_relationtype t, catalog_group g WHERE t.id = NEW.type_id AND g.id = NEW.group_id",
                    "  AND g.consumer_id = CASE t.flows WHEN 'to_source' THEN NEW.source_id WHEN 'to_target' THEN NEW.target_id END",
                    ") THEN",
                    "  RAISE EXCEPTION 'a group holds what its own consumer rests on' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="group_is_its_consumers",
                operation='INSERT OR UPDATE OF "group_id", "source_id", "target_id", "type_id"',
                table="catalog_relation",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)",
                    "SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow",
                    "WHERE relation_id IN (SELECT id FROM new_rows);",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="begins_arrows",
                operation="INSERT",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="catalog_relation",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="relation",
            trigger=itsm.audit.triggers.CompiledGuard(
                declare="DECLARE turned bigint[];",
                func=[
                    "SELECT array_agg(n.id) INTO turned FROM new_rows n JOIN old_rows o USING (id)",
                    "WHERE (n.source_id, n.target_id, n.type_id, n.strength, n.group_id, n.ended_at IS NULL)",
                    "  IS DISTINCT FROM (o.source_id, o.target_id, o.type_id, o.strength, o.group_id, o.ended_at IS NULL);",
                    "IF turned IS NOT NULL THEN",
                    "  DELETE FROM catalog_arrow WHERE relation_id = ANY (turned);",
                    "  INSERT INTO catalog_arrow (relation_id, provider_id, consumer_id, strength, group_id)",
                    "  SELECT relation_id, provider_id, consumer_id, strength, group_id FROM catalog_derivedarrow",
                    "  WHERE relation_id = ANY (turned);",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="keeps_arrows",
                operation="UPDATE",
                referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                table="catalog_relation",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrow",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF NOT EXISTS (",
                    "  SELECT FROM catalog_derivedarrow d WHERE d.relation_id = NEW.relation_id AND d.provider_id = NEW.provider_id",
                    "  AND d.consumer_id = NEW.consumer_id AND d.strength = NEW.strength AND d.group_id IS NOT DISTINCT FROM NEW.group_id",
                    ") THEN",
                    "  RAISE EXCEPTION 'an arrow says what its relation says' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="says_what_its_relation_says",
                operation="INSERT OR UPDATE",
                table="catalog_arrow",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrow",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM new_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_inserts",
                operation="INSERT",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="catalog_arrow",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrow",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM new_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_updates",
                operation="UPDATE",
                referencing="REFERENCING NEW TABLE AS new_rows ",
                table="catalog_arrow",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="arrow",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM old_rows) THEN",
                    "  INSERT INTO catalog_graphchange (at) VALUES (statement_timestamp());",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="STATEMENT",
                name="logs_deletes",
                operation="DELETE",
                referencing="REFERENCING OLD TABLE AS old_rows ",
                table="catalog_arrow",
                when="AFTER",
            ),
        ),
        migrations.RunSQL(DERIVED_ARROWS, "DROP VIEW catalog_derivedarrow"),
        migrations.RunSQL(SERVICES_ARE_ITEMS, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="service",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "INSERT INTO catalog_ci (id, ci_class_id, name, status, environment, team_id, support_team_id, description,",
                    "                        attributes, confidential, reason, created_at, version)",
                    "VALUES (NEW.id, (SELECT id FROM catalog_ciclass WHERE slug = NEW.service_type || '_service'), NEW.name, 'active',",
                    "        '', NEW.team_id, NEW.support_team_id, NEW.description, '{}', false, '', NEW.created_at, 1);",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="begins_item",
                operation="INSERT",
                table="catalog_service",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="service",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN ((OLD.name, OLD.service_type, OLD.team_id, OLD.support_team_id, OLD.description) IS DISTINCT FROM (NEW.name, NEW.service_type, NEW.team_id, NEW.support_team_id, NEW.description))",
                func=[
                    "UPDATE catalog_ci SET name = NEW.name, team_id = NEW.team_id, support_team_id = NEW.support_team_id,",
                    "  ci_class_id = (SELECT id FROM catalog_ciclass WHERE slug = NEW.service_type || '_service'),",
                    "  description = NEW.description, version = version + 1",
                    "WHERE id = NEW.id;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="names_item",
                operation='UPDATE OF "name", "service_type", "team_id", "support_team_id", "description"',
                table="catalog_service",
                when="AFTER",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ci",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('active', 'maintenance'),",
                    "  ('active', 'retired'),",
                    "  ('building', 'active'),",
                    "  ('building', 'retired'),",
                    "  ('maintenance', 'active'),",
                    "  ('maintenance', 'retired'),",
                    "  ('planned', 'active'),",
                    "  ('planned', 'building'),",
                    "  ('planned', 'retired'),",
                    "  ('planned', 'stock'),",
                    "  ('retired', 'planned'),",
                    "  ('stock', 'active'),",
                    "  ('stock', 'building'),",
                    "  ('stock', 'retired')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_ci does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_ci",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Source",
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
                        verbose_name="key",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("backstage", "Backstage"),
                            ("netbox", "NetBox"),
                            ("kubernetes", "Kubernetes"),
                            ("ansible", "Ansible facts"),
                            ("csv", "CSV"),
                            ("bulk", "REST"),
                            ("people", "written by hand"),
                        ],
                        max_length=12,
                        verbose_name="format",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                ("silent_after", models.DurationField(blank=True, null=True, verbose_name="silent after")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "source of items",
                "verbose_name_plural": "sources of items",
                "ordering": ("rank", "slug"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("format__in", ["backstage", "netbox", "kubernetes", "ansible", "csv", "bulk", "people"])
                        ),
                        name="format_of_a_source_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("dry", models.BooleanField(default=False, verbose_name="only to see")),
                ("complete", models.BooleanField(default=False, verbose_name="complete")),
                ("atomic", models.BooleanField(default=False, verbose_name="all or nothing")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("applying", "applying"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="documents")),
                ("cursor", models.PositiveIntegerField(default=0, verbose_name="through")),
                ("counts", models.JSONField(default=dict, verbose_name="counts")),
                ("examples", models.JSONField(default=list, verbose_name="examples")),
                ("problem", models.CharField(blank=True, max_length=500, verbose_name="what went wrong")),
                ("change_reference", models.CharField(blank=True, max_length=20, verbose_name="change")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
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
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="catalog.source",
                        verbose_name="source",
                    ),
                ),
                ("gone", models.JSONField(default=list, verbose_name="gone")),
                ("kept", models.JSONField(default=list, verbose_name="kept")),
            ],
            options={
                "verbose_name": "import of items",
                "verbose_name_plural": "imports of items",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "applying", "done", "failed", "cancelled"])),
                        name="state_of_an_import_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cursor__lte", models.F("total"))),
                        name="an_import_goes_no_further_than_its_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Precedence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(default="*", max_length=80, verbose_name="key")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "ci_class",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.ciclass",
                        verbose_name="class",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="catalog.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of precedence",
                "verbose_name_plural": "rules of precedence",
                "ordering": ("ci_class", "key", "rank"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ci_class", "key", "source"), name="one_rank_of_a_source_for_a_class_and_a_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("columns", models.JSONField(default=dict, verbose_name="columns")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mapping", to="catalog.source"
                    ),
                ),
            ],
            options={
                "verbose_name": "mapping of columns",
                "verbose_name_plural": "mappings of columns",
                "ordering": ("source",),
            },
        ),
        migrations.CreateModel(
            name="SourceRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=500, verbose_name="key")),
                ("class_slug", models.CharField(blank=True, max_length=40, verbose_name="class")),
                ("values", models.JSONField(default=dict, verbose_name="identified by")),
                (
                    "tokens",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("claims", models.JSONField(default=dict, verbose_name="claims")),
                ("said_at", models.JSONField(default=dict, verbose_name="said at")),
                ("hash", models.CharField(blank=True, max_length=64, verbose_name="hash of the content")),
                ("observed_at", models.DateTimeField(verbose_name="observed at")),
                (
                    "dated",
                    models.BooleanField(default=False, verbose_name="says itself when it was observed"),
                ),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("gone_at", models.DateTimeField(blank=True, null=True, verbose_name="gone at")),
                (
                    "ci",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="catalog.ci",
                        verbose_name="configuration item",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="catalog.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "record of a source",
                "verbose_name_plural": "records of sources",
                "ordering": ("id",),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["tokens"], name="source_record_tokens"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "key"), name="a_source_has_a_key_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RelationClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(max_length=40, verbose_name="type")),
                ("direction", models.CharField(max_length=3, verbose_name="direction")),
                ("by", models.CharField(default="key", max_length=80, verbose_name="by")),
                ("target", models.CharField(max_length=500, verbose_name="target")),
                (
                    "relation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="claims",
                        to="catalog.relation",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relation_claims",
                        to="catalog.sourcerecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "claimed relation",
                "verbose_name_plural": "claimed relations",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("relation", None)),
                        fields=["by", "target"],
                        name="relation_claims_that_wait",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("record", "type", "direction", "by", "target"), name="a_record_claims_a_relation_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["out", "in"])), name="direction_of_a_claim_is_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, verbose_name="key")),
                ("values", models.JSONField(default=dict, verbose_name="values")),
                ("first_seen", models.DateTimeField(verbose_name="first seen")),
                ("last_seen", models.DateTimeField(verbose_name="last seen")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("accepted", "accepted"), ("settled", "settled")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="conflicts", to="catalog.ci"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="conflicts", to="catalog.sourcerecord"
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict of sources",
                "verbose_name_plural": "conflicts of sources",
                "ordering": ("-last_seen", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["ci", "key"], name="open_conflicts_of_an_item"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("ci", "key", "record"), name="one_conflict_of_a_record_on_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "accepted", "settled"])),
                        name="state_of_a_conflict_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("same", models.BooleanField(verbose_name="same")),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="said at")),
                (
                    "a",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.sourcerecord"
                    ),
                ),
                (
                    "b",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.sourcerecord"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "verdict on two records",
                "verbose_name_plural": "verdicts on two records",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("a", "b"), name="one_verdict_on_two_records"),
                    models.CheckConstraint(
                        condition=models.Q(("a__lt", models.F("b"))), name="the_older_record_of_a_verdict_comes_first"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField(verbose_name="place")),
                ("name", models.CharField(max_length=500, verbose_name="document")),
                ("document", models.JSONField(null=True, verbose_name="content")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("refused", "refused"),
                            ("created", "created"),
                            ("updated", "updated"),
                            ("unchanged", "unchanged"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="reason")),
                (
                    "ci",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="catalog.ci"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="catalog.run"
                    ),
                ),
                ("claims", models.PositiveIntegerField(default=0, verbose_name="relations")),
                ("held", models.BooleanField(default=False, verbose_name="held")),
            ],
            options={
                "verbose_name": "document of an import",
                "verbose_name_plural": "documents of imports",
                "ordering": ("run", "n"),
                "indexes": [models.Index(fields=["run", "outcome", "n"], name="documents_by_outcome")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "n"), name="a_document_has_its_place_in_an_import"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["waiting", "refused", "created", "updated", "unchanged"])),
                        name="outcome_of_a_document_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Measure",
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
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                ("limit", models.FloatField(verbose_name="limit")),
                (
                    "side",
                    models.CharField(
                        choices=[("below", "must stay below"), ("above", "must stay above")],
                        default="below",
                        max_length=5,
                        verbose_name="side",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[("hour", "an hour"), ("day", "a day")],
                        default="day",
                        max_length=4,
                        verbose_name="step",
                    ),
                ),
                (
                    "season",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "1"), (7, "7"), (24, "24")], default=1, verbose_name="season"
                    ),
                ),
                (
                    "fold",
                    models.CharField(
                        choices=[("max", "the highest"), ("mean", "the mean"), ("p95", "the 95th percentile")],
                        default="max",
                        max_length=4,
                        verbose_name="fold",
                    ),
                ),
                ("lead_days", models.PositiveSmallIntegerField(default=30, verbose_name="days ahead")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="catalog.ci",
                        verbose_name="item",
                    ),
                ),
                ("set_by", models.JSONField(default=dict, editable=False, verbose_name="set by")),
                (
                    "imported_as",
                    models.CharField(blank=True, editable=False, max_length=63, verbose_name="imported as"),
                ),
            ],
            options={
                "verbose_name": "measure",
                "verbose_name_plural": "measures",
                "ordering": ("name", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["below", "above"])), name="measure_side_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("step__in", ["hour", "day"])), name="measure_step_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("fold__in", ["max", "mean", "p95"])), name="measure_fold_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("season__in", (1, 7, 24))), name="measure_season_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lead_days__range", (1, 365))), name="measure_leads_1_to_365_days"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit__in", ("-Infinity", "Infinity", "NaN")), _negated=True),
                        name="measure_limit_is_finite",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("imported_as", ""), _negated=True),
                        fields=("ci", "imported_as"),
                        name="an_item_has_an_imported_measure_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Forecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("limit", models.FloatField(verbose_name="limit")),
                ("points", models.PositiveIntegerField(verbose_name="points")),
                ("too_little", models.BooleanField(default=False, verbose_name="too little data")),
                ("bands", models.JSONField(default=list, verbose_name="bands")),
                ("soonest", models.DateTimeField(null=True, verbose_name="soonest")),
                ("likely", models.DateTimeField(null=True, verbose_name="likely")),
                ("latest", models.DateTimeField(null=True, verbose_name="latest")),
                ("held", models.FloatField(null=True, verbose_name="bands held")),
                (
                    "senders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="forecasts", to="catalog.measure"
                    ),
                ),
                ("measured_until", models.DateTimeField(null=True, verbose_name="measured until")),
                ("sees_until", models.DateTimeField(null=True, verbose_name="sees until")),
            ],
            options={
                "verbose_name": "forecast",
                "verbose_name_plural": "forecasts",
                "ordering": ("-made_at", "-id"),
                "indexes": [
                    models.Index(fields=["measure", "-made_at"], name="forecast_newest_first"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exhaustion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("warned_at", models.DateTimeField(verbose_name="warned at")),
                ("soonest", models.DateTimeField(verbose_name="soonest")),
                ("calm_since", models.DateTimeField(null=True, verbose_name="calm since")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="work.task",
                        verbose_name="task",
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exhaustions", to="catalog.measure"
                    ),
                ),
            ],
            options={
                "verbose_name": "exhaustion ahead",
                "verbose_name_plural": "exhaustions ahead",
                "ordering": ("-warned_at",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("measure",),
                        name="one_open_warning_of_a_measure",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("warned_at")), _connector="OR"
                        ),
                        name="a_warning_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("value", models.FloatField(verbose_name="value")),
                ("by_id", models.BigIntegerField(null=True, verbose_name="by")),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="catalog.measure"
                    ),
                ),
            ],
            options={
                "verbose_name": "point",
                "verbose_name_plural": "points",
                "ordering": ("at",),
                "constraints": [
                    models.UniqueConstraint(fields=("measure", "at"), name="one_point_of_a_measure_at_an_instant"),
                    models.CheckConstraint(
                        condition=models.Q(("value__in", ("-Infinity", "Infinity", "NaN")), _negated=True),
                        name="point_is_finite",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_key", ReadAlike(of="name")),
                ("description", models.TextField(blank=True, max_length=4000, verbose_name="description")),
                (
                    "audience",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        default=itsm.accounts.audiences.everybody,
                        size=None,
                        verbose_name="audience",
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="named_by",
                        to="catalog.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offerings",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "offering",
                "verbose_name_plural": "offerings",
                "ordering": ("name", "id"),
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["audience"], name="offering_audience"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("service", "name_key"), name="one_offering_of_a_name_in_a_service"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Regex(
                            models.Func(
                                models.F("audience"),
                                models.Value(" "),
                                function="array_to_string",
                                output_field=models.TextField(),
                            ),
                            models.Value("^(all|staff|team:[1-9][0-9]{0,17})( (all|staff|team:[1-9][0-9]{0,17}))*$"),
                        ),
                        name="offering_audience_is_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="agreement",
            name="offering",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="agreements",
                to="catalog.offering",
                verbose_name="offering",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("offering", None), ("service", None), _connector="OR"),
                name="agreement_is_for_an_offering_or_a_service",
            ),
        ),
        migrations.CreateModel(
            name="Layout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("positions", models.JSONField(default=dict, verbose_name="positions")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.ci",
                        verbose_name="configuration item",
                    ),
                ),
                (
                    "viewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "layout of a graph",
                "verbose_name_plural": "layouts of graphs",
                "ordering": ("id",),
                "constraints": [models.UniqueConstraint(fields=("subject", "viewer"), name="one_layout_of_a_viewer")],
            },
        ),
        migrations.CreateModel(
            name="Examined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("history_id", models.BigIntegerField(default=0, verbose_name="history")),
                ("whole_at", models.DateTimeField(null=True, verbose_name="whole at")),
            ],
            options={
                "verbose_name": "what was examined",
                "verbose_name_plural": "what was examined",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_row_says_what_was_examined")
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("environment", models.CharField(blank=True, max_length=40, verbose_name="environment")),
                ("due", models.DateField(verbose_name="due")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("open", "open"),
                            ("closed", "closed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_at", models.DateTimeField(editable=False, null=True, verbose_name="opened at")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "ci_class",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.ciclass",
                        verbose_name="class",
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
                "verbose_name": "certification round",
                "verbose_name_plural": "certification rounds",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "open", "closed", "cancelled"])),
                        name="state_of_a_round_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened_at__isnull", False),
                            models.Q(("status__in", ["open", "closed"]), _negated=True),
                            _connector="OR",
                        ),
                        name="a_round_that_was_opened_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoundLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.CharField(max_length=32, verbose_name="hash of the content")),
                ("offered", models.BooleanField(verbose_name="offered as confirmed")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confirmed", "right as it is"),
                            ("corrected", "right now that it is corrected"),
                            ("gone", "no longer there"),
                            ("not_ours", "not ours"),
                        ],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("at", models.DateTimeField(null=True, verbose_name="answered at")),
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
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.ci",
                        verbose_name="item",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="catalog.round"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a round",
                "verbose_name_plural": "lines of rounds",
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["ci", "-at"], name="answers_on_an_item"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "ci"), name="a_round_asks_for_an_item_once"),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["", "confirmed", "corrected", "gone", "not_ours"])),
                        name="answer_of_a_round_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("at", None)),
                            models.Q(models.Q(("answer", ""), _negated=True), ("at__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_answer_says_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "finding_kind",
                    models.CharField(
                        choices=[
                            ("complete", "complete"),
                            ("full", "full"),
                            ("fresh", "fresh"),
                            ("unique", "unique"),
                            ("connected", "connected"),
                            ("owned", "owned"),
                            ("certified", "certified"),
                            ("consistent", "consistent"),
                            ("accounted", "accounted"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=100, verbose_name="key")),
                ("detail", models.JSONField(default=dict, verbose_name="detail")),
                ("first_seen", models.DateTimeField(verbose_name="first seen")),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="cleared at")),
                ("accepted_until", models.DateTimeField(blank=True, null=True, verbose_name="accepted until")),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "ci",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="catalog.ci",
                        verbose_name="item",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="work.task",
                        verbose_name="task",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at", None)),
                        fields=["ci", "finding_kind"],
                        name="open_findings_of_an_item",
                    ),
                    models.Index(
                        condition=models.Q(("cleared_at", None)), fields=["-id"], name="open_findings_newest_first"
                    ),
                    models.Index(
                        condition=models.Q(("task__isnull", False)), fields=["task"], name="findings_with_a_task"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)),
                        fields=("finding_kind", "ci", "key"),
                        name="one_open_finding_of_a_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "finding_kind__in",
                                [
                                    "complete",
                                    "full",
                                    "fresh",
                                    "unique",
                                    "connected",
                                    "owned",
                                    "certified",
                                    "consistent",
                                    "accounted",
                                ],
                            )
                        ),
                        name="kind_of_a_finding_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_until", None), models.Q(("why", ""), _negated=True), _connector="OR"
                        ),
                        name="who_accepts_a_finding_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cleared_at", None), ("cleared_at__gte", models.F("first_seen")), _connector="OR"
                        ),
                        name="a_finding_is_cleared_after_it_was_seen",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HealthDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("measure", models.CharField(max_length=10, verbose_name="measure")),
                ("bad", models.PositiveIntegerField(verbose_name="bad")),
                ("total", models.PositiveIntegerField(verbose_name="of")),
                (
                    "ci_class",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.ciclass"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.team"
                    ),
                ),
            ],
            options={
                "verbose_name": "health of a day",
                "verbose_name_plural": "health of days",
                "ordering": ("day",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ci_class", "team", "measure", "day"), name="one_health_of_a_day", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "measure__in",
                                (
                                    "complete",
                                    "full",
                                    "fresh",
                                    "unique",
                                    "connected",
                                    "owned",
                                    "certified",
                                    "consistent",
                                    "accounted",
                                    "correct",
                                ),
                            )
                        ),
                        name="measure_of_health_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bad__lte", models.F("total"))), name="no_more_are_bad_than_there_are"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="round",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('draft', 'cancelled'),",
                    "  ('draft', 'open'),",
                    "  ('open', 'cancelled'),",
                    "  ('open', 'closed')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_round does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_round",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("through", models.BigIntegerField(default=0, verbose_name="through")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="total")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewal",
                        to="catalog.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal of a source's items",
                "verbose_name_plural": "renewals of sources' items",
                "ordering": ("source",),
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["id"], name="renewals_that_are_owed")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("asked_at")), _connector="OR"
                        ),
                        name="a_renewal_ends_after_its_beginning",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("symptoms", models.TextField(blank=True, max_length=2000, verbose_name="symptoms")),
                (
                    "audience",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        default=catalog.knowledge.models.articles.internal,
                        size=None,
                        verbose_name="audience",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("review", "In review"),
                            ("published", "Published"),
                            ("retired", "Retired"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("number", models.PositiveIntegerField(default=1, verbose_name="newest version")),
                ("live", models.PositiveIntegerField(blank=True, null=True, verbose_name="live version")),
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
                ("review_on", models.DateField(blank=True, null=True, verbose_name="looked at again on")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("origin_kind", models.CharField(blank=True, max_length=40, verbose_name="kind of its origin")),
                ("origin_id", models.BigIntegerField(null=True, verbose_name="its origin")),
                ("helpful", models.PositiveIntegerField(default=0, verbose_name="helped")),
                ("votes", models.PositiveIntegerField(default=0, verbose_name="votes")),
                ("uses", models.PositiveIntegerField(default=0, verbose_name="uses")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("edited_at", models.DateTimeField(verbose_name="edited at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="record version")),
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
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
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
                "verbose_name": "article",
                "verbose_name_plural": "articles",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ArticleUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="used",
                        to="catalog.article",
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
                "verbose_name": "use of an article",
                "verbose_name_plural": "uses of articles",
            },
        ),
        migrations.CreateModel(
            name="ArticleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("review", "In review"),
                            ("published", "Published"),
                            ("outdated", "Outdated"),
                            ("retired", "Retired"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "language",
                    catalog.knowledge.models.versions.TextSearchField(
                        choices=[
                            ("english", "English"),
                            ("german", "German"),
                            ("french", "French"),
                            ("spanish", "Spanish"),
                            ("simple", "another language"),
                        ],
                        default="english",
                        max_length=20,
                        verbose_name="language",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("symptoms", models.TextField(blank=True, max_length=2000, verbose_name="symptoms")),
                ("body", models.TextField(blank=True, max_length=40000, verbose_name="text")),
                (
                    "audience",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None, verbose_name="audience"
                    ),
                ),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="who wrote in it"
                    ),
                ),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.CombinedSearchVector(
                                django.contrib.postgres.search.SearchVector(
                                    "title", config=models.F("language"), weight="A"
                                ),
                                "||",
                                django.contrib.postgres.search.SearchVector(
                                    "symptoms", config=models.F("language"), weight="B"
                                ),
                                django.contrib.postgres.search.SearchConfig(models.F("language")),
                            ),
                            "||",
                            django.contrib.postgres.search.SearchVector(
                                "body", config=models.F("language"), weight="C"
                            ),
                            django.contrib.postgres.search.SearchConfig(models.F("language")),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="catalog.article",
                    ),
                ),
                (
                    "published_by",
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
                "verbose_name": "version of an article",
                "verbose_name_plural": "versions of articles",
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="ArticleVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("helped", models.BooleanField(verbose_name="helped")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to="catalog.article",
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
                "verbose_name": "vote on an article",
                "verbose_name_plural": "votes on articles",
            },
        ),
        migrations.CreateModel(
            name="ArticleWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=30, verbose_name="token")),
                ("word", models.CharField(max_length=30, verbose_name="word")),
                ("letters", models.CharField(max_length=30, verbose_name="letters")),
                ("uses", models.IntegerField(verbose_name="articles")),
            ],
            options={
                "verbose_name": "word of articles",
                "verbose_name_plural": "words of articles",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(models.F("word"), name="gin_trgm_ops"),
                        name="article_word_trigrams",
                    ),
                    models.Index(fields=["letters"], name="article_word_letters"),
                    models.Index(fields=["word"], name="article_word_itself", opclasses=["text_pattern_ops"]),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("token", "word"), name="one_word_of_articles_by_token"),
                    models.CheckConstraint(
                        condition=models.Q(("uses__gte", 0)), name="a_word_is_in_no_fewer_than_no_articles"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=django.contrib.postgres.indexes.GinIndex(fields=["audience"], name="article_audience"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["status", "-id"], name="article_by_state"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["origin_kind", "origin_id"], name="article_by_origin"),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(("live__isnull", False)), fields=["review_on"], name="article_by_review"
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "review", "published", "retired"])),
                name="state_of_an_article_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Regex(
                    models.Func(
                        models.F("audience"),
                        models.Value(" "),
                        function="array_to_string",
                        output_field=models.TextField(),
                    ),
                    models.Value("^(all|staff|team:[1-9][0-9]{0,17})( (all|staff|team:[1-9][0-9]{0,17}))*$"),
                ),
                name="article_audience_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="an_article_has_a_title"
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("live", None), ("live__lte", models.F("number")), _connector="OR"),
                name="a_live_version_is_one_of_its_versions",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "published"), _negated=True), ("live", models.F("number")), _connector="OR"
                ),
                name="a_published_article_is_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "retired"), _negated=True), ("live", None), _connector="OR"),
                name="a_retired_article_is_not_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live", None), models.Q(("owner__isnull", False), ("review_on__isnull", False)), _connector="OR"
                ),
                name="a_live_article_has_an_owner_and_a_review_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin_id", None), ("origin_kind", "")),
                    models.Q(models.Q(("origin_kind", ""), _negated=True), ("origin_id__isnull", False)),
                    _connector="OR",
                ),
                name="the_origin_of_an_article_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("helpful__lte", models.F("votes"))),
                name="helpful_votes_are_among_the_votes_of_an_article",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="article",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('draft', 'published'),",
                    "  ('draft', 'retired'),",
                    "  ('draft', 'review'),",
                    "  ('published', 'draft'),",
                    "  ('published', 'retired'),",
                    "  ('retired', 'draft'),",
                    "  ('review', 'draft'),",
                    "  ('review', 'published'),",
                    "  ('review', 'retired')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_article does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_article",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="articleuse",
            index=models.Index(fields=["record_kind", "record_id"], name="article_use_by_record"),
        ),
        migrations.AddConstraint(
            model_name="articleuse",
            constraint=models.UniqueConstraint(
                fields=("article", "record_kind", "record_id"), name="one_use_of_an_article_on_a_record"
            ),
        ),
        migrations.AddIndex(
            model_name="articleversion",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("state", "published")), fields=["words"], name="words_of_live_articles"
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.UniqueConstraint(
                fields=("article", "number"), name="one_version_of_an_article_by_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")), fields=("article",), name="one_live_version_of_an_article"
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "review"])),
                fields=("article",),
                name="one_version_of_an_article_is_worked_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "review", "published", "outdated", "retired", "discarded"])),
                name="state_of_an_articles_version_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Regex(
                    models.Func(
                        models.F("audience"),
                        models.Value(" "),
                        function="array_to_string",
                        output_field=models.TextField(),
                    ),
                    models.Value("^(all|staff|team:[1-9][0-9]{0,17})( (all|staff|team:[1-9][0-9]{0,17}))*$"),
                ),
                name="version_audience_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_published_version_says_by_whom",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="articleversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.article_id IS DISTINCT FROM NEW.article_id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.state <> 'draft' AND (OLD.title, OLD.symptoms, OLD.body, OLD.language) IS DISTINCT FROM (NEW.title, NEW.symptoms, NEW.body, NEW.language) OR OLD.state NOT IN ('draft', 'review') AND OLD.audience IS DISTINCT FROM NEW.audience)",
                func=[
                    "IF audit_only_masks(to_jsonb(OLD) - '{words,head}'::text[], to_jsonb(NEW) - '{words,head}'::text[]) THEN",
                    "  RETURN NEW;",
                    "END IF;",
                    "RAISE EXCEPTION 'the text of a version stays as it was proposed' USING ERRCODE = 'check_violation';",
                ],
                level="ROW",
                name="written_text_stays",
                operation="UPDATE",
                table="catalog_articleversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="articleversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (NEW.published_by_id = ANY (NEW.writers))",
                func=[
                    "RAISE EXCEPTION 'who wrote in a version does not publish it' USING ERRCODE = 'check_violation';"
                ],
                level="ROW",
                name="another_person_publishes",
                operation="INSERT OR UPDATE",
                table="catalog_articleversion",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="articlevote",
            constraint=models.UniqueConstraint(fields=("article", "person"), name="one_vote_of_a_person_on_an_article"),
        ),
        migrations.CreateModel(
            name="Improvement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("why", models.TextField(blank=True, max_length=4000, verbose_name="why")),
                (
                    "benefit",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 – very little"),
                            (2, "2 – little"),
                            (3, "3 – some"),
                            (4, "4 – much"),
                            (5, "5 – very much"),
                        ],
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="benefit",
                    ),
                ),
                (
                    "effort",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 – very little"),
                            (2, "2 – little"),
                            (3, "3 – some"),
                            (4, "4 – much"),
                            (5, "5 – very much"),
                        ],
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="effort",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("idea", "Idea"),
                            ("accepted", "Accepted"),
                            ("doing", "Doing"),
                            ("measuring", "Measuring"),
                            ("done", "Done"),
                            ("dropped", "Dropped"),
                        ],
                        default="idea",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("due", models.DateField(blank=True, null=True, verbose_name="due")),
                ("measure", models.CharField(blank=True, max_length=60, verbose_name="measure")),
                (
                    "before",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="before"),
                ),
                ("before_at", models.DateTimeField(blank=True, null=True, verbose_name="measured before at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                (
                    "after",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="after"),
                ),
                ("measured_at", models.DateTimeField(blank=True, null=True, verbose_name="measured again at")),
                ("because", models.CharField(blank=True, max_length=500, verbose_name="dropped because")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
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
                (
                    "proposed_by",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "improvement",
                "verbose_name_plural": "improvements",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["status", "-id"], name="improvement_by_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["idea", "accepted", "doing", "measuring", "done", "dropped"])
                        ),
                        name="state_of_an_improvement_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("benefit__range", (1, 5)), ("effort__range", (1, 5))),
                        name="benefit_and_effort_are_one_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["idea", "dropped"]),
                            models.Q(("owner__isnull", False), models.Q(("measure", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="an_accepted_improvement_has_an_owner_and_a_measure",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "done"), _negated=True),
                            models.Q(
                                ("after__isnull", False),
                                ("before__isnull", False),
                                (
                                    "measured_at__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("finished_at"), "+", models.Value(datetime.timedelta(days=14))
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_done_improvement_was_measured_again_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "dropped"), _negated=True),
                            models.Q(("because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_dropped_improvement_says_why",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="improvement",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('accepted', 'doing'),",
                    "  ('accepted', 'dropped'),",
                    "  ('doing', 'dropped'),",
                    "  ('doing', 'measuring'),",
                    "  ('idea', 'accepted'),",
                    "  ('idea', 'dropped'),",
                    "  ('measuring', 'done'),",
                    "  ('measuring', 'dropped')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_improvement does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_improvement",
                when="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="articleversion",
            name="head",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.CombinedSearchVector(
                    django.contrib.postgres.search.SearchVector("title", config=models.F("language"), weight="A"),
                    "||",
                    django.contrib.postgres.search.SearchVector("symptoms", config=models.F("language"), weight="B"),
                    django.contrib.postgres.search.SearchConfig(models.F("language")),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="articleversion",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("state", "published")), fields=["head"], name="head_of_live_articles"
            ),
        ),
        migrations.CreateModel(
            name="CatalogItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        editable=False,
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
                ("summary", models.CharField(blank=True, max_length=300, verbose_name="summary")),
                ("category", models.CharField(blank=True, max_length=60, verbose_name="category")),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="keywords",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Proposed"),
                            ("published", "Published"),
                            ("retired", "Retired"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("number", models.PositiveIntegerField(default=1, verbose_name="newest version")),
                ("live", models.PositiveIntegerField(blank=True, null=True, verbose_name="live version")),
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
                ("needs_second", models.BooleanField(default=True, verbose_name="another person publishes it")),
                (
                    "entitled",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=81),
                        blank=True,
                        default=list,
                        editable=False,
                        size=None,
                        verbose_name="who may ask for it",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("edited_at", models.DateTimeField(verbose_name="edited at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="record version")),
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
                "verbose_name": "catalog item",
                "verbose_name_plural": "catalog items",
                "ordering": ("name", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("live__isnull", False)), fields=["category", "name"], name="items_offered"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "proposed", "published", "retired"])),
                        name="state_of_a_catalog_item_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="a_catalog_item_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("live", None), ("live__lte", models.F("number")), _connector="OR"),
                        name="a_live_item_version_is_one_of_its_versions",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "published"), _negated=True),
                            ("live", models.F("number")),
                            _connector="OR",
                        ),
                        name="a_published_catalog_item_is_live",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "retired"), _negated=True), ("live", None), _connector="OR"
                        ),
                        name="a_retired_catalog_item_is_not_live",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("live", None), ("owner__isnull", False), _connector="OR"),
                        name="a_live_catalog_item_has_an_owner",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CatalogItemVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("proposed", "Proposed"),
                            ("published", "Published"),
                            ("outdated", "Outdated"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("summary", models.CharField(blank=True, max_length=300, verbose_name="summary")),
                ("description", models.TextField(blank=True, max_length=40000, verbose_name="description")),
                ("category", models.CharField(blank=True, max_length=60, verbose_name="category")),
                (
                    "keywords",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="keywords",
                    ),
                ),
                ("picture", models.UUIDField(blank=True, null=True, verbose_name="picture")),
                (
                    "expected_hours",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="expected time in hours"),
                ),
                ("form", models.JSONField(default=catalog.items.models.versions.no_form, verbose_name="form")),
                (
                    "approval",
                    models.JSONField(default=catalog.items.models.versions.no_approval, verbose_name="approval"),
                ),
                (
                    "fulfilment",
                    models.JSONField(default=catalog.items.models.versions.no_fulfilment, verbose_name="fulfilment"),
                ),
                (
                    "bundle",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="bundle",
                    ),
                ),
                ("price_minor", models.BigIntegerField(default=0, verbose_name="price")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "price_period",
                    models.CharField(
                        choices=[("once", "once"), ("month", "a month"), ("year", "a year")],
                        default="once",
                        max_length=5,
                        verbose_name="price is paid",
                    ),
                ),
                ("asks_cost_centre", models.BooleanField(default=False, verbose_name="asks for a cost centre")),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="who wrote in it"
                    ),
                ),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                ("proposed_at", models.DateTimeField(null=True, verbose_name="proposed at")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="catalog.catalogitem",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        db_index=False,
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
                        related_name="+",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a catalog item",
                "verbose_name_plural": "versions of catalog items",
                "ordering": ("-number",),
                "constraints": [
                    models.UniqueConstraint(fields=("item", "number"), name="one_version_of_a_catalog_item_by_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "published")),
                        fields=("item",),
                        name="one_live_version_of_a_catalog_item",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed"])),
                        fields=("item",),
                        name="one_version_of_a_catalog_item_is_worked_on",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed", "published", "outdated", "discarded"])),
                        name="state_of_an_items_version_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor__gte", 0), ("price_minor__lte", 1000000000000)),
                        name="price_of_an_item_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_minor", 0), ("currency__regex", "^[A-Z]{3}$"), _connector="OR"),
                        name="a_price_has_a_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_period__in", ["once", "month", "year"])),
                        name="period_of_a_price_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expected_hours", None), ("expected_hours__lte", 8760), _connector="OR"),
                        name="expected_time_of_an_item_is_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "published"), _negated=True),
                            models.Q(("published_at__isnull", False), ("published_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_published_item_version_says_by_whom",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=80, verbose_name="token")),
                ("allow", models.BooleanField(default=True, verbose_name="may ask for it")),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entitlements",
                        to="catalog.catalogitem",
                    ),
                ),
            ],
            options={
                "verbose_name": "entitlement",
                "verbose_name_plural": "entitlements",
                "ordering": ("token",),
                "indexes": [models.Index(fields=["token", "allow", "item"], name="entitlement_by_token")],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "token"), name="one_word_of_a_token_on_an_item"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "token__regex",
                                "^(all|staff|(team|user):[1-9][0-9]{0,17}|role:[a-z]{1,20}|location:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$",
                            )
                        ),
                        name="token_of_an_entitlement_is_known",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="catalogitem",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('draft', 'proposed'),",
                    "  ('draft', 'published'),",
                    "  ('draft', 'retired'),",
                    "  ('proposed', 'draft'),",
                    "  ('proposed', 'published'),",
                    "  ('proposed', 'retired'),",
                    "  ('published', 'draft'),",
                    "  ('published', 'retired'),",
                    "  ('retired', 'draft')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_catalogitem does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_catalogitem",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="catalogitemversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.item_id IS DISTINCT FROM NEW.item_id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.state <> 'draft' AND (OLD.name, OLD.summary, OLD.description, OLD.category, OLD.service_id, OLD.keywords, OLD.picture, OLD.expected_hours, OLD.form, OLD.approval, OLD.fulfilment, OLD.bundle, OLD.price_minor, OLD.currency, OLD.price_period, OLD.asks_cost_centre, OLD.agreement_id, OLD.hash, OLD.writers) IS DISTINCT FROM (NEW.name, NEW.summary, NEW.description, NEW.category, NEW.service_id, NEW.keywords, NEW.picture, NEW.expected_hours, NEW.form, NEW.approval, NEW.fulfilment, NEW.bundle, NEW.price_minor, NEW.currency, NEW.price_period, NEW.asks_cost_centre, NEW.agreement_id, NEW.hash, NEW.writers))",
                func=[
                    "IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "  RETURN NEW;",
                    "END IF;",
                    "RAISE EXCEPTION 'a version of a catalog item stays as it was proposed' USING ERRCODE = 'check_violation';",
                ],
                level="ROW",
                name="item_version_stays",
                operation="UPDATE",
                table="catalog_catalogitemversion",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="catalogitemversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition='WHEN (NEW.published_by_id = ANY (NEW.writers) AND (NOT NEW.approval @? \'$.steps[*] ? (@.when == null)\' OR NEW.fulfilment @> \'{"tasks": [{"kind": "change"}]}\'))',
                func=[
                    "RAISE EXCEPTION 'who wrote in a version that needs a second person does not publish it'",
                    "  USING ERRCODE = 'check_violation';",
                ],
                level="ROW",
                name="another_person_publishes_item",
                operation="INSERT OR UPDATE",
                table="catalog_catalogitemversion",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "teams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="queues"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approving", "Waits for approval"),
                            ("fulfilling", "Being fulfilled"),
                            ("done", "Done"),
                            ("declined", "Declined"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("complete", "complete"),
                            ("partial", "partly fulfilled"),
                            ("none", "nothing was delivered"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("cost_centre", models.CharField(blank=True, max_length=60, verbose_name="cost centre")),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                ("submitted_at", models.DateTimeField(verbose_name="asked at")),
                ("approved_at", models.DateTimeField(editable=False, null=True, verbose_name="approved at")),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed at")),
                ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="confirmed at")),
                ("asker_spoke_at", models.DateTimeField(editable=False, null=True, verbose_name="requester spoke at")),
                ("desk_spoke_at", models.DateTimeField(editable=False, null=True, verbose_name="desk spoke at")),
                (
                    "next_due",
                    models.DateTimeField(
                        default=datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC),
                        editable=False,
                        verbose_name="due",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "requested_for",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="for",
                    ),
                ),
            ],
            options={
                "verbose_name": "request",
                "verbose_name_plural": "requests",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="RequestItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("item_version", models.PositiveIntegerField(verbose_name="version of the item")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="quantity")),
                ("answers", models.JSONField(blank=True, default=dict, verbose_name="answers")),
                ("price_minor", models.BigIntegerField(blank=True, null=True, verbose_name="price")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approving", "Waits for approval"),
                            ("fulfilling", "Being fulfilled"),
                            ("waiting", "Waits for an answer"),
                            ("done", "Done"),
                            ("incomplete", "Done in part"),
                            ("declined", "Declined"),
                            ("skipped", "Left out"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("question", models.TextField(blank=True, max_length=2000, verbose_name="question")),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                ("delivered", models.TextField(blank=True, max_length=2000, verbose_name="what was delivered")),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("approved_at", models.DateTimeField(editable=False, null=True, verbose_name="approved at")),
                ("began_at", models.DateTimeField(editable=False, null=True, verbose_name="begun at")),
                ("since", models.DateTimeField(verbose_name="in this state since")),
                ("ended_at", models.DateTimeField(editable=False, null=True, verbose_name="ended at")),
                ("reopened_at", models.DateTimeField(editable=False, null=True, verbose_name="reopened at")),
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.catalogitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="catalog.request",
                        verbose_name="request",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "requested item",
                "verbose_name_plural": "requested items",
                "ordering": ("request", "position"),
            },
        ),
        migrations.CreateModel(
            name="WantedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=80, verbose_name="change model")),
                ("values", models.JSONField(blank=True, default=dict, verbose_name="values")),
                (
                    "state",
                    models.CharField(
                        choices=[("wanted", "wanted"), ("opened", "opened"), ("done", "done"), ("failed", "failed")],
                        default="wanted",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("change_number", models.BigIntegerField(null=True, unique=True, verbose_name="change")),
                ("said", models.TextField(blank=True, max_length=2000, verbose_name="what was said")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="catalog.requestitem",
                        verbose_name="requested item",
                    ),
                ),
                (
                    "task",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="work.task",
                        verbose_name="task",
                    ),
                ),
            ],
            options={
                "verbose_name": "change that a task waits for",
                "verbose_name_plural": "changes that tasks wait for",
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["by", "-id"], name="request_by_asker"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["requested_for", "-id"], name="request_by_served"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["status", "-id"], name="request_by_status"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("status__in", ("approving", "fulfilling"))),
                fields=["next_due", "id"],
                name="request_open_due",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["submitted_at"], include=("status", "outcome"), name="request_by_asking"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("status__in", ("approving", "fulfilling"))),
                fields=["teams"],
                name="request_open_by_team",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "approving", "fulfilling", "done", "declined", "cancelled"])
                ),
                name="request_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("status__in", ("done", "declined", "cancelled")),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status__in", ("done", "declined", "cancelled")), _negated=True),
                        ("closed_at", None),
                        ("outcome", ""),
                    ),
                    _connector="OR",
                ),
                name="request_that_is_over_says_when_and_what_came",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["declined", "cancelled"]), _negated=True),
                    ("outcome", "none"),
                    _connector="OR",
                ),
                name="nothing_came_of_what_was_declined",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at", None), ("status", "done"), _connector="OR"),
                name="only_a_request_that_is_done_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("teams", []), _negated=True), name="a_request_lies_in_a_queue"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="request",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('approving', 'cancelled'),",
                    "  ('approving', 'declined'),",
                    "  ('approving', 'done'),",
                    "  ('approving', 'fulfilling'),",
                    "  ('cancelled', 'fulfilling'),",
                    "  ('declined', 'fulfilling'),",
                    "  ('done', 'fulfilling'),",
                    "  ('draft', 'approving'),",
                    "  ('fulfilling', 'cancelled'),",
                    "  ('fulfilling', 'declined'),",
                    "  ('fulfilling', 'done')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_request does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_request",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(fields=["team", "status", "-id"], name="requested_item_by_team"),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(
                condition=models.Q(("status__in", ("approving", "fulfilling", "waiting"))),
                fields=["assigned_to", "-id"],
                name="requested_item_by_person",
            ),
        ),
        migrations.AddIndex(
            model_name="requestitem",
            index=models.Index(
                fields=["item", "-approved_at"], include=("ended_at", "status"), name="requested_item_by_item"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.UniqueConstraint(fields=("request", "position"), name="one_requested_item_of_a_position"),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "draft",
                            "approving",
                            "fulfilling",
                            "waiting",
                            "done",
                            "incomplete",
                            "declined",
                            "skipped",
                            "cancelled",
                        ],
                    )
                ),
                name="requested_item_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__range", (1, 100))), name="requested_item_is_asked_for_at_least_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", ""), ("price_minor", None)),
                    models.Q(("price_minor__gte", 0), models.Q(("currency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="price_of_a_requested_item_has_its_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False),
                        ("status__in", ("done", "incomplete", "declined", "skipped", "cancelled")),
                    ),
                    models.Q(
                        models.Q(
                            ("status__in", ("done", "incomplete", "declined", "skipped", "cancelled")), _negated=True
                        ),
                        ("ended_at", None),
                    ),
                    _connector="OR",
                ),
                name="requested_item_that_is_over_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["fulfilling", "waiting", "done", "incomplete"]), _negated=True),
                    ("approved_at__isnull", False),
                    _connector="OR",
                ),
                name="nothing_is_fulfilled_before_it_is_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["declined", "skipped", "incomplete"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="what_is_not_delivered_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "waiting"), _negated=True),
                    models.Q(("question", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_waiting_item_says_what_for",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="requestitem",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('approving', 'cancelled'),",
                    "  ('approving', 'declined'),",
                    "  ('approving', 'fulfilling'),",
                    "  ('approving', 'skipped'),",
                    "  ('done', 'fulfilling'),",
                    "  ('draft', 'approving'),",
                    "  ('fulfilling', 'cancelled'),",
                    "  ('fulfilling', 'done'),",
                    "  ('fulfilling', 'incomplete'),",
                    "  ('fulfilling', 'skipped'),",
                    "  ('fulfilling', 'waiting'),",
                    "  ('incomplete', 'fulfilling'),",
                    "  ('waiting', 'cancelled'),",
                    "  ('waiting', 'fulfilling'),",
                    "  ('waiting', 'incomplete'),",
                    "  ('waiting', 'skipped')",
                    ") THEN",
                    "  RAISE EXCEPTION 'catalog_requestitem does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="catalog_requestitem",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="wantedchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["wanted", "opened", "done", "failed"])),
                name="wanted_change_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wantedchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["opened", "done"]), _negated=True),
                    ("change_number__isnull", False),
                    _connector="OR",
                ),
                name="an_opened_change_has_its_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="wantedchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True), models.Q(("said", ""), _negated=True), _connector="OR"
                ),
                name="a_failed_change_says_why",
            ),
        ),
        migrations.CreateModel(
            name="FormUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("record_kind", models.CharField(blank=True, max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(null=True, verbose_name="record")),
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
                "verbose_name": "file for a form",
                "verbose_name_plural": "files for forms",
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["record_kind", "record_id"], name="form_upload_by_record"),
                    models.Index(condition=models.Q(("record_id", None)), fields=["at"], name="form_upload_unused"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("record_id", None), ("record_kind", "")),
                            models.Q(("record_id__isnull", False), models.Q(("record_kind", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_used_upload_names_its_record",
                    )
                ],
            },
        ),
    ]
