"""The first shape of the tables of second factors."""

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
            name="FactorRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("requester", "Requester"),
                            ("agent", "Service-desk agent"),
                            ("engineer", "Engineer"),
                            ("approver", "Approver"),
                            ("manager", "Change manager"),
                            ("owner", "Service owner"),
                            ("auditor", "Auditor"),
                            ("admin", "Administrator"),
                        ],
                        max_length=20,
                        unique=True,
                        verbose_name="role",
                    ),
                ),
                ("required", models.BooleanField(default=False, verbose_name="required")),
                ("grace_until", models.DateTimeField(blank=True, null=True, verbose_name="reminded only until")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "rule for second factors",
                "verbose_name_plural": "rules for second factors",
                "ordering": ("role",),
            },
        ),
        migrations.CreateModel(
            name="UsedChallenge",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="hash")),
                ("used_at", models.DateTimeField(db_index=True, verbose_name="used at")),
            ],
            options={
                "verbose_name": "used challenge",
                "verbose_name_plural": "used challenges",
            },
        ),
        migrations.CreateModel(
            name="BreakGlass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                ("tested_at", models.DateTimeField(null=True, verbose_name="tested at")),
                ("drill_until", models.DateTimeField(null=True, verbose_name="a drill until")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "break-glass account",
                "verbose_name_plural": "break-glass accounts",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="BreakGlassUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("place", models.CharField(max_length=90, verbose_name="from")),
                ("drill", models.BooleanField(default=False, verbose_name="a drill")),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="acknowledged at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="what it was for")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="second_factors.breakglass",
                        verbose_name="account",
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="acknowledged by",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of break-glass",
                "verbose_name_plural": "uses of break-glass",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("acknowledged_at", None)),
                        fields=["id"],
                        name="break_glass_not_acknowledged",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("acknowledged_at", None), ("acknowledged_by", None)),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("acknowledged_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_use_is_acknowledged_with_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CodeApp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(verbose_name="added at")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used at")),
                ("sealed", models.TextField(editable=False, verbose_name="secret, encrypted")),
                ("last_step", models.BigIntegerField(default=0, editable=False, verbose_name="last step")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="code_apps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "app for codes",
                "verbose_name_plural": "apps for codes",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "name"), name="code_apps_of_a_person_have_names")
                ],
            },
        ),
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="factor_resets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "reset of second factors",
                "verbose_name_plural": "resets of second factors",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None), ("stopped_at", None)),
                        fields=("user",),
                        name="one_open_reset_of_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done_at", None), ("stopped_at", None), _connector="OR"),
                        name="a_reset_is_done_or_stopped",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "code_hash"), name="a_recovery_code_is_there_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecurityKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("created_at", models.DateTimeField(verbose_name="added at")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used at")),
                ("credential_id", models.BinaryField(unique=True, verbose_name="credential")),
                ("public_key", models.BinaryField(verbose_name="public key")),
                ("sign_count", models.BigIntegerField(default=0, editable=False, verbose_name="count")),
                ("passkey", models.BooleanField(default=False, verbose_name="passkey")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_keys",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "security key",
                "verbose_name_plural": "security keys",
                "ordering": ("id",),
                "constraints": [models.UniqueConstraint(fields=("user", "name"), name="keys_of_a_person_have_names")],
            },
        ),
        migrations.CreateModel(
            name="WrongTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=32, verbose_name="network")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "wrong try",
                "verbose_name_plural": "wrong tries",
                "indexes": [models.Index(fields=["user", "network", "at"], name="wrong_tries_by_network")],
            },
        ),
    ]
