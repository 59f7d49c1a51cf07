"""The first shape of the tables of SCIM."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScimUser",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False, verbose_name="id"
                    ),
                ),
                ("external_id", models.CharField(blank=True, max_length=300, verbose_name="id there")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("subject", models.CharField(max_length=300, verbose_name="called there")),
                ("user_name", models.CharField(max_length=254, verbose_name="user name there")),
                ("user_key", models.CharField(editable=False, max_length=300)),
                ("active", models.BooleanField(default=True, verbose_name="active there")),
                ("document", models.JSONField(default=dict, verbose_name="as it was sent")),
                (
                    "addresses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), default=list, editable=False, size=None
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.identityprovider",
                        verbose_name="provider",
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
            ],
            options={
                "verbose_name": "person written by SCIM",
                "verbose_name_plural": "people written by SCIM",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Owed",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="owed",
                        serialize=False,
                        to="scim.scimuser",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "person whose groups are to follow",
                "verbose_name_plural": "people whose groups are to follow",
            },
        ),
        migrations.CreateModel(
            name="ScimGroup",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False, verbose_name="id"
                    ),
                ),
                ("external_id", models.CharField(blank=True, max_length=300, verbose_name="id there")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("display_name", models.CharField(max_length=300, verbose_name="name")),
                ("name_key", models.CharField(editable=False, max_length=400)),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.identityprovider",
                        verbose_name="provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "group written by SCIM",
                "verbose_name_plural": "groups written by SCIM",
                "ordering": ("created_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="ScimMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="scim.scimgroup",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="scim.scimuser"
                    ),
                ),
            ],
            options={
                "verbose_name": "membership written by SCIM",
                "verbose_name_plural": "memberships written by SCIM",
            },
        ),
        migrations.AddField(
            model_name="scimgroup",
            name="members",
            field=models.ManyToManyField(
                related_name="groups", through="scim.ScimMembership", to="scim.scimuser", verbose_name="members"
            ),
        ),
        migrations.AddIndex(
            model_name="scimuser",
            index=models.Index(fields=["provider", "created_at", "id"], name="scim_users_in_order"),
        ),
        migrations.AddConstraint(
            model_name="scimuser",
            constraint=models.UniqueConstraint(fields=("provider", "user_key"), name="a_scim_user_name_is_one_person"),
        ),
        migrations.AddConstraint(
            model_name="scimuser",
            constraint=models.UniqueConstraint(fields=("provider", "subject"), name="a_scim_subject_is_one_person"),
        ),
        migrations.AddConstraint(
            model_name="scimuser",
            constraint=models.UniqueConstraint(fields=("provider", "user"), name="an_account_is_one_scim_user"),
        ),
        migrations.AddConstraint(
            model_name="scimuser",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("provider", "external_id"),
                name="a_scim_external_id_is_one_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimmembership",
            constraint=models.UniqueConstraint(fields=("group", "member"), name="a_scim_member_is_in_a_group_once"),
        ),
        migrations.AddConstraint(
            model_name="scimgroup",
            constraint=models.UniqueConstraint(fields=("provider", "name_key"), name="a_scim_group_name_is_one_group"),
        ),
        migrations.AddConstraint(
            model_name="scimgroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("provider", "external_id"),
                name="a_scim_external_id_is_one_group",
            ),
        ),
    ]
