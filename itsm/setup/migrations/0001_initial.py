"""The first shape of the tables of the set-up."""

import django.contrib.postgres.fields
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SetupLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_hash", models.CharField(max_length=64, unique=True, verbose_name="hash")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
            ],
            options={
                "verbose_name": "set-up link",
                "verbose_name_plural": "set-up links",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="a_setup_link_expires_after_its_birth",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SetupProgress",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "skipped",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="passed over"
                    ),
                ),
                ("dismissed_at", models.DateTimeField(null=True, verbose_name="put away at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "progress of the set-up",
                "verbose_name_plural": "progress of the set-up",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_progress_of_the_setup")
                ],
            },
        ),
    ]
