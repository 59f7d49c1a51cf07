"""The first shape of the tables of identity."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("trusted_at", models.DateTimeField(editable=False, null=True, verbose_name="trusted since")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="short name")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("name_key", ReadAlike(of="name", unique=True)),
                (
                    "protocol",
                    models.CharField(
                        choices=[
                            ("oidc", "OpenID Connect"),
                            ("saml", "SAML 2.0"),
                            ("ldap", "LDAP or Active Directory"),
                            ("scim", "SCIM 2.0"),
                        ],
                        max_length=8,
                        verbose_name="protocol",
                    ),
                ),
                (
                    "sign_up",
                    models.CharField(
                        choices=[
                            ("invited", "nobody: an administrator adds people first"),
                            ("domains", "whose verified address is of one of these domains"),
                            ("everybody", "everybody whom the provider lets in"),
                        ],
                        default="invited",
                        max_length=10,
                        verbose_name="accounts are made for",
                    ),
                ),
                (
                    "domains",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="domains",
                    ),
                ),
                ("configuration", models.JSONField(default=dict, verbose_name="configuration")),
                ("manages_roles", models.BooleanField(default=False, verbose_name="its groups decide all roles")),
                ("manages_teams", models.BooleanField(default=False, verbose_name="its groups decide all teams")),
                ("known", models.JSONField(default=dict, editable=False, verbose_name="known of it")),
                ("known_at", models.DateTimeField(editable=False, null=True, verbose_name="known since")),
                ("last_error", models.CharField(blank=True, editable=False, max_length=300, verbose_name="last error")),
                ("last_used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used at")),
                (
                    "settling_owed",
                    models.BooleanField(default=False, editable=False, verbose_name="mappings are still to be applied"),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set up by",
                    ),
                ),
            ],
            options={
                "verbose_name": "identity provider",
                "verbose_name_plural": "identity providers",
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="GroupMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("trusted_at", models.DateTimeField(editable=False, null=True, verbose_name="trusted since")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="withdrawn at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("group", models.CharField(max_length=300, verbose_name="group")),
                ("role", models.CharField(blank=True, max_length=70, verbose_name="role")),
                ("lead", models.BooleanField(default=False, verbose_name="leads the team")),
                (
                    "mapped_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="mapped by",
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
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mappings",
                        to="identity.identityprovider",
                        verbose_name="provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "group mapping",
                "verbose_name_plural": "group mappings",
                "ordering": ("provider", "group", "id"),
            },
        ),
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=300, verbose_name="called there")),
                ("email_said", models.CharField(blank=True, max_length=254, verbose_name="address there")),
                ("name_said", models.CharField(blank=True, max_length=150, verbose_name="name there")),
                (
                    "groups",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        default=list,
                        size=None,
                        verbose_name="groups there",
                    ),
                ),
                ("given", models.JSONField(default=dict, verbose_name="given by its groups")),
                ("first_at", models.DateTimeField(verbose_name="first at")),
                ("said_at", models.DateTimeField(verbose_name="said at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("closed_as", models.PositiveIntegerField(null=True, verbose_name="account closed by it")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "identity at a provider",
                "verbose_name_plural": "identities at providers",
                "ordering": ("provider", "id"),
            },
        ),
        migrations.CreateModel(
            name="AllowedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="allowed at")),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="allowed_links",
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "allowed link",
                "verbose_name_plural": "allowed links",
                "ordering": ("provider", "id"),
            },
        ),
        migrations.CreateModel(
            name="RefusedSignIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("not_trusted", "the provider is not trusted here"),
                            ("not_invited", "no account waits for them"),
                            ("domain", "the address is of no domain that is let in"),
                            ("unverified", "the provider does not say that the address is verified"),
                            ("closed", "the account here is closed"),
                            ("double", "somebody here has that address, and would be there twice"),
                            ("incomplete", "the provider does not say who it is"),
                            ("bad_answer", "the provider's answer does not hold"),
                            ("unreachable", "the provider cannot be asked"),
                            ("denied", "the provider let them not in"),
                            ("password", "user name or password are not right"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("sentence", models.CharField(max_length=500, verbose_name="in words")),
                ("said", models.CharField(blank=True, max_length=300, verbose_name="who")),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused",
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "refused sign-in",
                "verbose_name_plural": "refused sign-ins",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sign_up", "domains"), _negated=True),
                    models.Q(("domains", []), _negated=True),
                    _connector="OR",
                ),
                name="sign_up_by_domain_names_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmapping",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", ""), ("team__isnull", False)),
                    models.Q(models.Q(("role", ""), _negated=True), ("lead", False), ("team", None)),
                    _connector="OR",
                ),
                name="a_group_means_a_role_or_a_team",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmapping",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None), models.Q(("role", ""), _negated=True)),
                fields=("provider", "group", "role"),
                name="a_group_is_a_role_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmapping",
            constraint=models.UniqueConstraint(
                condition=models.Q(("team__isnull", False), ("withdrawn_at", None)),
                fields=("provider", "group", "team"),
                name="a_group_is_a_team_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(fields=("provider", "subject"), name="a_subject_is_one_account"),
        ),
        migrations.AddConstraint(
            model_name="externalidentity",
            constraint=models.UniqueConstraint(
                fields=("provider", "user"), name="an_account_is_one_subject_of_a_provider"
            ),
        ),
        migrations.AddConstraint(
            model_name="allowedlink",
            constraint=models.UniqueConstraint(fields=("provider", "user"), name="a_link_is_allowed_once"),
        ),
        migrations.AddIndex(
            model_name="refusedsignin",
            index=models.Index(fields=["provider", "-at"], name="refused_sign_ins_by_time"),
        ),
    ]
