"""The first shape of the accounts tables."""

import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.triggers import CompiledGuard


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="user name",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=150, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "account_type",
                    models.CharField(
                        choices=[("human", "person"), ("service", "service account")],
                        default="human",
                        max_length=10,
                        verbose_name="account_type",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
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
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="roles",
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                (
                    "keyboard",
                    models.JSONField(blank=True, default=dict, editable=False, verbose_name="keys"),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "ordering": ("username",),
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=63, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="accounts.team"
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="teams",
            field=models.ManyToManyField(
                related_name="members", through="accounts.Membership", to="accounts.team", verbose_name="teams"
            ),
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=16, unique=True, verbose_name="id")),
                ("secret_hash", models.CharField(max_length=64, verbose_name="hash")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="scopes",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("user", "team"), name="one_membership_per_user_and_team"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"), name="user_names_differ_by_more_than_case"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "roles__contained_by",
                        ["requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin"],
                    )
                ),
                name="user_roles_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="token_expires_after_birth"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account_type", "service"), ("owner__isnull", False)),
                    models.Q(("account_type", "human"), ("owner__isnull", True)),
                    _connector="OR",
                ),
                name="programs_have_an_owner_and_people_none",
            ),
        ),
        AddTrigger(
            model_name="user",
            trigger=CompiledGuard(
                func=[
                    "IF NEW.owner_id IS NOT NULL AND NOT EXISTS (",
                    "  SELECT 1 FROM accounts_user WHERE id = NEW.owner_id AND account_type = 'human' FOR SHARE",
                    ") THEN",
                    "  RAISE EXCEPTION 'the owner of a service account is a person' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF NEW.account_type <> 'human' AND EXISTS (SELECT 1 FROM accounts_user WHERE owner_id = NEW.id) THEN",
                    "  RAISE EXCEPTION 'who owns service accounts stays a person' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="programs_belong_to_people",
                operation='INSERT OR UPDATE OF "owner_id", "account_type"',
                table="accounts_user",
                when="BEFORE",
            ),
        ),
    ]
