"""The first shape of the catalog tables."""

import django.core.validators
import django.db.models.deletion
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import itsm.audit.triggers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("clocks", "0001_initial"),
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
            ],
            options={
                "verbose_name": "service",
                "verbose_name_plural": "services",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Dependency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("redundancy", models.CharField(blank=True, max_length=63, verbose_name="redundancy group")),
                ("needs", models.PositiveSmallIntegerField(default=1, verbose_name="needs")),
                (
                    "on",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dependents",
                        to="catalog.service",
                        verbose_name="depends on",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dependencies",
                        to="catalog.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "dependency",
                "verbose_name_plural": "dependencies",
                "ordering": ("id",),
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
        migrations.AddConstraint(
            model_name="environment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_production", True), models.Q(("name", "production"), _negated=True), _connector="OR"
                ),
                name="production_is_judged_as_production",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__range", (1, 4))), name="service_tier_is_1_to_4"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("needs_owner", False), ("team__isnull", True), _connector="OR"),
                name="an_owned_service_needs_no_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="dependency",
            constraint=models.UniqueConstraint(fields=("service", "on"), name="one_arrow_between_two_services"),
        ),
        migrations.AddConstraint(
            model_name="dependency",
            constraint=models.CheckConstraint(
                condition=models.Q(("service", models.F("on")), _negated=True), name="no_service_depends_on_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="dependency",
            constraint=models.CheckConstraint(
                condition=models.Q(("needs__gte", 1)), name="a_redundancy_group_needs_at_least_one"
            ),
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
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
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "ordering": ("position", "id"),
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
            ],
            options={
                "verbose_name": "version of an agreement",
                "verbose_name_plural": "versions of agreements",
                "ordering": ("agreement", "-number"),
            },
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier", None), ("tier__range", (1, 4)), _connector="OR"),
                name="agreement_tier_is_1_to_4",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority", None), ("priority__range", (1, 5)), _connector="OR"),
                name="agreement_priority_is_1_to_5",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreement_type__in", ("sla", "ola", "underpinning"))),
                name="agreement_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ("", "portal", "phone", "mail", "chat", "alert", "api", "import"))),
                name="agreement_channel_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementversion",
            constraint=models.UniqueConstraint(
                fields=("agreement", "number"), name="one_agreement_version_of_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_reopen__in", ("continue", "restart"))), name="agreement_reopens_by_a_known_rule"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agreementversion",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
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
    ]
