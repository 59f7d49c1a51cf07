"""The first shape of the tables of workload identity."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrustedIssuer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("trusted_at", models.DateTimeField(editable=False, null=True, verbose_name="trusted since")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("issuer", models.CharField(max_length=300, verbose_name="issuer")),
                ("keys", models.JSONField(default=dict, editable=False, verbose_name="keys")),
                ("keys_read_at", models.DateTimeField(editable=False, null=True, verbose_name="keys read at")),
                ("keys_asked_at", models.DateTimeField(editable=False, null=True, verbose_name="keys asked for at")),
                ("last_error", models.CharField(blank=True, editable=False, max_length=300, verbose_name="last error")),
                (
                    "trusted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="trusted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "trusted issuer",
                "verbose_name_plural": "trusted issuers",
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="UnmappedWorkload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, verbose_name="key")),
                ("claims", models.JSONField(verbose_name="claims")),
                ("first_at", models.DateTimeField(verbose_name="first at")),
                ("last_at", models.DateTimeField(verbose_name="last at")),
                ("times", models.PositiveIntegerField(default=1, verbose_name="times")),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unmapped",
                        to="workload_identity.trustedissuer",
                    ),
                ),
            ],
            options={
                "verbose_name": "unmapped workload",
                "verbose_name_plural": "unmapped workloads",
                "ordering": ("-last_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="WorkloadMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("trusted_at", models.DateTimeField(editable=False, null=True, verbose_name="trusted since")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("claims", models.JSONField(verbose_name="claims")),
                ("last_used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used at")),
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
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mappings",
                        to="workload_identity.trustedissuer",
                        verbose_name="issuer",
                    ),
                ),
                (
                    "mapped_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mapped by",
                    ),
                ),
            ],
            options={
                "verbose_name": "workload mapping",
                "verbose_name_plural": "workload mappings",
                "ordering": ("issuer", "id"),
            },
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("jti_hash", models.CharField(max_length=64, verbose_name="hash of its jti")),
                ("at", models.DateTimeField(verbose_name="used at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "issuer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workload_identity.trustedissuer",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.token"
                    ),
                ),
                (
                    "mapping",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="workload_identity.workloadmapping",
                    ),
                ),
            ],
            options={
                "verbose_name": "used assertion",
                "verbose_name_plural": "used assertions",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="trustedissuer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("issuer",), name="an_issuer_is_trusted_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="unmappedworkload",
            constraint=models.UniqueConstraint(fields=("issuer", "key"), name="an_unmapped_workload_is_listed_once"),
        ),
        migrations.AddConstraint(
            model_name="workloadmapping",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("issuer", "claims"), name="claims_are_mapped_once"
            ),
        ),
        migrations.AddIndex(
            model_name="usedassertion",
            index=models.Index(fields=["expires_at"], name="used_assertion_by_end"),
        ),
        migrations.AddConstraint(
            model_name="usedassertion",
            constraint=models.UniqueConstraint(fields=("issuer", "jti_hash"), name="a_workload_token_is_used_once"),
        ),
    ]
