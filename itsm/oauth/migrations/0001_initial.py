"""The first shape of the tables of OAuth."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("agents", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OAuthClient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.CharField(max_length=400, unique=True, verbose_name="client id")),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                (
                    "redirect_uris",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=400), size=None, verbose_name="redirect addresses"
                    ),
                ),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                ("registered_from", models.CharField(max_length=64, verbose_name="registered from")),
                ("used_at", models.DateTimeField(null=True, verbose_name="last used at")),
                ("read_at", models.DateTimeField(null=True, verbose_name="document read at")),
                ("fresh_until", models.DateTimeField(null=True, verbose_name="document counts until")),
                ("changed_at", models.DateTimeField(null=True, verbose_name="redirect addresses changed at")),
            ],
            options={
                "verbose_name": "OAuth client",
                "verbose_name_plural": "OAuth clients",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["registered_at"], name="oauth_clients_by_age")],
            },
        ),
        migrations.CreateModel(
            name="OAuthGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "capabilities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("gate", "ask the gate, and report what was deployed"),
                                ("desk:read", "search and read what its owner may see"),
                                ("desk:propose", "propose; a person accepts or dismisses"),
                                ("catalog:read", "read services, impact and who is on call"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="capabilities",
                    ),
                ),
                ("resource", models.CharField(max_length=400, verbose_name="resource")),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "ended_because",
                    models.CharField(
                        choices=[
                            ("revoked", "given back by the client"),
                            ("reuse", "a code or refresh token came a second time: somebody else may have it"),
                            ("taken", "taken away by its person"),
                            ("stopped", "the agent was stopped or ended"),
                        ],
                        max_length=10,
                        null=True,
                        verbose_name="why it ended",
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="agents.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="oauth.oauthclient",
                        verbose_name="client",
                    ),
                ),
            ],
            options={
                "verbose_name": "OAuth grant",
                "verbose_name_plural": "OAuth grants",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="OAuthCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                (
                    "capabilities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("gate", "ask the gate, and report what was deployed"),
                                ("desk:read", "search and read what its owner may see"),
                                ("desk:propose", "propose; a person accepts or dismisses"),
                                ("catalog:read", "read services, impact and who is on call"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="capabilities",
                    ),
                ),
                ("redirect_uri", models.CharField(max_length=400, verbose_name="redirect address")),
                ("code_challenge", models.CharField(max_length=128, verbose_name="challenge")),
                ("resource", models.CharField(max_length=400, verbose_name="resource")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.agent",
                        verbose_name="agent",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="oauth.oauthclient",
                        verbose_name="client",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="oauth.oauthgrant",
                        verbose_name="grant",
                    ),
                ),
            ],
            options={
                "verbose_name": "authorization code",
                "verbose_name_plural": "authorization codes",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="OAuthRefresh",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.token",
                        verbose_name="access token",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refreshes",
                        to="oauth.oauthgrant",
                        verbose_name="grant",
                    ),
                ),
            ],
            options={
                "verbose_name": "refresh token",
                "verbose_name_plural": "refresh tokens",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="oauthclient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("client_id__startswith", "https://"),
                        ("fresh_until__isnull", False),
                        ("read_at__isnull", False),
                    ),
                    models.Q(
                        models.Q(("client_id__startswith", "https://"), _negated=True),
                        ("changed_at", None),
                        ("fresh_until", None),
                        ("read_at", None),
                    ),
                    _connector="OR",
                ),
                name="a_client_of_an_address_was_read_there",
            ),
        ),
        migrations.AddConstraint(
            model_name="oauthgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_because", None)),
                    models.Q(("ended_at__isnull", False), ("ended_because__isnull", False)),
                    _connector="OR",
                ),
                name="why_a_grant_ended_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="oauthgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("capabilities__contained_by", ["gate", "desk:read", "desk:propose", "catalog:read"])
                ),
                name="capabilities_of_grants_are_known",
            ),
        ),
        AddTrigger(
            model_name="oauthgrant",
            trigger=CompiledGuard(
                func=[
                    "IF TG_OP = 'DELETE' THEN",
                    "  IF OLD.expires_at > now() THEN",
                    "    RAISE EXCEPTION '% goes once it has expired', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';",
                    "  END IF;",
                    "  RETURN OLD;",
                    "END IF;",
                    "IF to_jsonb(OLD) - ARRAY['ended_at', 'ended_because'] IS DISTINCT FROM to_jsonb(NEW) - ARRAY['ended_at', 'ended_because'] OR (OLD.ended_at IS NOT NULL AND OLD.ended_at IS DISTINCT FROM NEW.ended_at) OR (OLD.ended_because IS NOT NULL AND OLD.ended_because IS DISTINCT FROM NEW.ended_because) THEN",
                    "  RAISE EXCEPTION '% is used once, and stays as it was made', TG_TABLE_NAME",
                    "    USING ERRCODE = 'insufficient_privilege';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="ends_once",
                operation="UPDATE OR DELETE",
                table="oauth_oauthgrant",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="oauthcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="a_code_expires_after_birth"
            ),
        ),
        migrations.AddConstraint(
            model_name="oauthcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("grant", None), ("used_at__isnull", False), _connector="OR"),
                name="a_code_gives_as_it_is_used",
            ),
        ),
        AddTrigger(
            model_name="oauthcode",
            trigger=CompiledGuard(
                func=[
                    "IF TG_OP = 'DELETE' THEN",
                    "  IF OLD.expires_at > now() THEN",
                    "    RAISE EXCEPTION '% goes once it has expired', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';",
                    "  END IF;",
                    "  RETURN OLD;",
                    "END IF;",
                    "IF to_jsonb(OLD) - ARRAY['used_at', 'grant_id'] IS DISTINCT FROM to_jsonb(NEW) - ARRAY['used_at', 'grant_id'] OR (OLD.used_at IS NOT NULL AND OLD.used_at IS DISTINCT FROM NEW.used_at) OR (OLD.grant_id IS NOT NULL AND OLD.grant_id IS DISTINCT FROM NEW.grant_id) THEN",
                    "  RAISE EXCEPTION '% is used once, and stays as it was made', TG_TABLE_NAME",
                    "    USING ERRCODE = 'insufficient_privilege';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="used_once",
                operation="UPDATE OR DELETE",
                table="oauth_oauthcode",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="oauthrefresh",
            trigger=CompiledGuard(
                func=[
                    "IF TG_OP = 'DELETE' THEN",
                    "  IF OLD.expires_at > now() THEN",
                    "    RAISE EXCEPTION '% goes once it has expired', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';",
                    "  END IF;",
                    "  RETURN OLD;",
                    "END IF;",
                    "IF to_jsonb(OLD) - ARRAY['used_at'] IS DISTINCT FROM to_jsonb(NEW) - ARRAY['used_at'] OR (OLD.used_at IS NOT NULL AND OLD.used_at IS DISTINCT FROM NEW.used_at) THEN",
                    "  RAISE EXCEPTION '% is used once, and stays as it was made', TG_TABLE_NAME",
                    "    USING ERRCODE = 'insufficient_privilege';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="used_once",
                operation="UPDATE OR DELETE",
                table="oauth_oauthrefresh",
                when="BEFORE",
            ),
        ),
    ]
