"""The first shape of the accounts tables."""

import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

import itsm.audit.triggers
from itsm.accounts import sql
from itsm.accounts.reporting_line import NO_CIRCLE, PRIMARY_ADDRESS
from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard


class Migration(FirstMigration):
    initial = True

    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=63, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="time zone")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="within",
                        to="accounts.location",
                        verbose_name="lies in",
                    ),
                ),
            ],
            options={
                "verbose_name": "location",
                "verbose_name_plural": "locations",
                "ordering": ("name", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True), name="no_place_lies_in_itself"
                    )
                ],
            },
        ),
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
                        choices=[("human", "person"), ("service", "service account"), ("agent", "software agent")],
                        default="human",
                        max_length=10,
                        verbose_name="account type",
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
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="accounts.location",
                        verbose_name="location",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="merged into",
                    ),
                ),
                (
                    "former_owners",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="manager",
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
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("keyboard", models.JSONField(blank=True, default=dict, editable=False, verbose_name="keys")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "access_version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version of the ways in"),
                ),
                ("invited_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="invited at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "ordering": ("username",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("former_owners", []), _negated=True),
                        fields=["id"],
                        name="programs_handed_over",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("account_type", "human"),
                            ("is_active", True),
                            models.Q(("roles__contained_by", ["requester"]), _negated=True),
                        ),
                        fields=["name", "username"],
                        include=["id"],
                        name="user_assignable",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("username"), name="user_names_differ_by_more_than_case"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "roles__contained_by",
                                ["requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin"],
                            )
                        ),
                        name="user_roles_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account_type__in", ["service", "agent"]), ("owner__isnull", False)),
                            models.Q(("account_type", "human"), ("owner__isnull", True)),
                            _connector="OR",
                        ),
                        name="programs_have_an_owner_and_people_none",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="one_account_per_primary_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("account_type", "human"),
                                ("is_active", False),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="who_was_merged_is_a_person_and_inactive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("manager", models.F("id")), _negated=True),
                        name="nobody_is_their_own_manager",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=63, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "asks_shared_since",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        null=True,
                        verbose_name="members see what each of them asks for, since",
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="accounts.team",
                        verbose_name="merged into",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "close_after_days",
                    models.PositiveSmallIntegerField(
                        default=3, verbose_name="closes what is resolved after working days"
                    ),
                ),
                ("confidential", models.BooleanField(default=False, verbose_name="confidential")),
                ("takes_work", models.BooleanField(default=False, verbose_name="takes work")),
                ("tier", models.PositiveSmallIntegerField(default=1, verbose_name="tier of support")),
                (
                    "triage",
                    models.BooleanField(default=False, editable=False, verbose_name="takes what no rule places"),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clocks.calendar",
                        verbose_name="calendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "team",
                "verbose_name_plural": "teams",
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("merged_into", None), ("retired_at__isnull", False), _connector="OR"),
                        name="a_merged_team_is_retired",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("merged_into", models.F("id")), _negated=True),
                        name="no_team_is_merged_into_itself",
                    ),
                    models.CheckConstraint(condition=models.Q(("tier__range", (1, 3))), name="team_tier_is_1_to_3"),
                    models.CheckConstraint(
                        condition=models.Q(("close_after_days__range", (1, 20))), name="team_closes_after_1_to_20_days"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confidential", False), ("takes_work", True), _connector="OR"),
                        name="a_confidential_team_is_a_queue",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("triage", False),
                            models.Q(("confidential", False), ("retired_at", None), ("takes_work", True)),
                            _connector="OR",
                        ),
                        name="triage_is_an_open_queue",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("triage", True)), fields=("triage",), name="one_triage_queue"
                    ),
                ],
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
                ("lead", models.BooleanField(default=False, verbose_name="leads the team")),
                (
                    "since",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "team"), name="one_membership_per_user_and_team"),
                ],
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
                (
                    "last_used_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("this_machine", "this machine"),
                            ("private", "a private network"),
                            ("internet", "the internet"),
                        ],
                        max_length=12,
                        verbose_name="last used from",
                    ),
                ),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="token_expires_after_birth"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmailAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail address",
                "verbose_name_plural": "e-mail addresses",
                "ordering": ("-is_primary", "email"),
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="one_account_per_address"
                    ),
                    models.UniqueConstraint(
                        fields=["user"], condition=models.Q(("is_primary", True)), name="one_primary_address"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "key_hash",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="hash of its key"),
                ),
                ("data", models.TextField(verbose_name="data")),
                ("device", models.CharField(blank=True, max_length=200, verbose_name="device")),
                (
                    "address_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("this_machine", "this machine"),
                            ("private", "a private network"),
                            ("internet", "the internet"),
                        ],
                        max_length=12,
                        verbose_name="from",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="began")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="expires at")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "ordering": ("-last_seen_at",),
            },
        ),
        migrations.CreateModel(
            name="ResetRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_from", models.CharField(max_length=45, verbose_name="address")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
            ],
            options={
                "verbose_name": "request for a new password",
                "verbose_name_plural": "requests for a new password",
                "indexes": [models.Index(fields=["asked_from", "asked_at"], name="reset_requests_by_address")],
            },
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
                    "IF TG_OP = 'UPDATE' AND 'agent' IN (OLD.account_type, NEW.account_type)",
                    "  AND (NEW.account_type <> OLD.account_type OR NEW.owner_id IS DISTINCT FROM OLD.owner_id) THEN",
                    "  RAISE EXCEPTION 'a software agent acts for who connected it, and stays one' USING ERRCODE = 'check_violation';",
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
        AddTrigger(
            model_name="user",
            trigger=CompiledGuard(
                func=[
                    "NEW.former_owners := ARRAY(",
                    "  SELECT unnest(OLD.former_owners)",
                    "  UNION",
                    "  SELECT OLD.owner_id WHERE OLD.owner_id IS DISTINCT FROM NEW.owner_id AND OLD.owner_id IS NOT NULL",
                    "  ORDER BY 1",
                    ");",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="remembers_owners",
                operation='UPDATE OF "owner_id", "former_owners"',
                table="accounts_user",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="location",
            trigger=CompiledGuard(
                condition="WHEN (NEW.parent_id IS NOT NULL)",
                func=[
                    "PERFORM pg_advisory_xact_lock(x'4D475201'::int);  -- held until the transaction ends",
                    "IF EXISTS (",
                    "  WITH RECURSIVE above(id) AS (",
                    "    SELECT NEW.parent_id",
                    "    UNION",
                    "    SELECT one.parent_id FROM accounts_location one JOIN above ON one.id = above.id",
                    "    WHERE one.parent_id IS NOT NULL",
                    "  )",
                    "  SELECT 1 FROM above WHERE id = NEW.id",
                    ") THEN",
                    "  RAISE EXCEPTION 'no place lies in itself, directly or through others' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="has_no_circle",
                operation='INSERT OR UPDATE OF "parent_id"',
                table="accounts_location",
                when="BEFORE",
            ),
        ),
        NO_CIRCLE,
        PRIMARY_ADDRESS,
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        blank=True,
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
                        verbose_name="role",
                    ),
                ),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("view", "see records and private notes"),
                            ("create", "open records in it, and move some into it"),
                            ("change", "edit records, take steps, write notes, take work"),
                            ("assign", "give work to others, and move records out"),
                        ],
                        max_length=10,
                        verbose_name="right",
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "member_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="granted",
                        to="accounts.team",
                        verbose_name="members of",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "grant",
                "verbose_name_plural": "grants",
                "ordering": ("team", "right", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("user__isnull", False)), fields=["user"], name="grant_by_person"),
                    models.Index(
                        condition=models.Q(("member_of__isnull", False)), fields=["member_of"], name="grant_by_team"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("member_of", None), ("role", ""), ("user__isnull", False)),
                            models.Q(("member_of", None), ("user", None), models.Q(("role", ""), _negated=True)),
                            models.Q(("member_of__isnull", False), ("role", ""), ("user", None)),
                            _connector="OR",
                        ),
                        name="a_grant_has_one_holder",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("right__in", ["view", "create", "change", "assign"])),
                        name="grant_right_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("team", "right", "user", "role", "member_of"),
                        name="one_grant_of_a_right",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="session",
            name="by",
            field=models.CharField(blank=True, max_length=80, verbose_name="signed in by"),
        ),
        migrations.AddField(
            model_name="session",
            name="strong",
            field=models.BooleanField(default=False, verbose_name="with several factors"),
        ),
        migrations.CreateModel(
            name="KnownPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("device", models.CharField(max_length=60, verbose_name="device")),
                (
                    "address_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("this_machine", "this machine"),
                            ("private", "a private network"),
                            ("internet", "the internet"),
                        ],
                        max_length=12,
                        verbose_name="from",
                    ),
                ),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_places",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "known place",
                "verbose_name_plural": "known places",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "device", "address_class"), name="a_place_is_known_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=63, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("name_key", ReadAlike(of="name")),
                ("description", models.TextField(blank=True, max_length=2000, verbose_name="description")),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="rights",
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "own role",
                "verbose_name_plural": "own roles",
                "ordering": ("name", "slug"),
            },
        ),
        migrations.RemoveIndex(
            model_name="user",
            name="user_assignable",
        ),
        migrations.AddField(
            model_name="user",
            name="own_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=63),
                blank=True,
                default=list,
                size=None,
                verbose_name="own roles",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("account_type", "human"),
                    ("is_active", True),
                    models.Q(("own_roles", []), ("roles__contained_by", ["requester"]), _negated=True),
                ),
                fields=["name", "username"],
                include=("id",),
                name="user_assignable",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF EXISTS (",
                    "  SELECT 1 FROM unnest(NEW.own_roles) held(slug)",
                    "  WHERE NOT EXISTS (SELECT 1 FROM accounts_ownrole WHERE slug = held.slug)",
                    ") THEN",
                    "  RAISE EXCEPTION 'there is no such own role' USING ERRCODE = 'foreign_key_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="own_roles_are_known",
                operation='INSERT OR UPDATE OF "own_roles"',
                table="accounts_user",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownrole",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="an_own_role_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownrole",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at", None)),
                fields=("name_key",),
                name="a_standing_own_role_is_one_of_a_name",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownrole",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'DELETE' OR NEW.slug <> OLD.slug OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL) THEN",
                    "  RAISE EXCEPTION 'own roles keep their names, and are retired for good' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="own_roles_stay",
                operation='UPDATE OF "slug", "retired_at" OR DELETE',
                table="accounts_ownrole",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account_type", "agent"), _negated=True),
                    models.Q(("own_roles", []), ("password__startswith", "!"), ("roles", [])),
                    _connector="OR",
                ),
                name="agents_hold_nothing_of_their_own",
            ),
        ),
        AddTrigger(
            model_name="grant",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.user_id, NEW.granted_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "user_id", "granted_by_id"',
                table="accounts_grant",
                when="BEFORE",
            ),
        ),
        sql.persons(),
    ]
