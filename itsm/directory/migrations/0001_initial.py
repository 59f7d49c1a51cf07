"""The first shape of the tables of a directory's sync."""

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
            name="SyncRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("preview", models.BooleanField(default=False, verbose_name="preview")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "begins in a moment"),
                            ("running", "under way"),
                            ("done", "done"),
                            ("held", "waits for a person"),
                            ("failed", "failed"),
                            ("broken_off", "broken off"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("whole", models.BooleanField(default=False, verbose_name="all of it was read")),
                ("found", models.PositiveIntegerField(default=0, verbose_name="people there")),
                ("to_do", models.PositiveIntegerField(default=0, verbose_name="to do")),
                ("made", models.PositiveIntegerField(default=0, verbose_name="new accounts")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("left", models.PositiveIntegerField(default=0, verbose_name="left")),
                ("back", models.PositiveIntegerField(default=0, verbose_name="came back")),
                ("refused", models.PositiveIntegerField(default=0, verbose_name="not let in")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="could not be done")),
                ("sentence", models.CharField(blank=True, max_length=500, verbose_name="in words")),
                ("lines", models.JSONField(default=list, verbose_name="who")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.identityprovider",
                        verbose_name="provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "run of a sync",
                "verbose_name_plural": "runs of syncs",
                "ordering": ("-begun_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="DirectorySync",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(db_index=True, verbose_name="due at")),
                ("busy_until", models.DateTimeField(editable=False, null=True, verbose_name="held until")),
                ("changed_to", models.CharField(blank=True, editable=False, max_length=40, verbose_name="read up to")),
                (
                    "read_as",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="as it was set up then"),
                ),
                ("whole_at", models.DateTimeField(editable=False, null=True, verbose_name="read whole at")),
                ("done_at", models.DateTimeField(editable=False, null=True, verbose_name="done last at")),
                ("failing_since", models.DateTimeField(editable=False, null=True, verbose_name="failing since")),
                (
                    "held_since",
                    models.DateTimeField(editable=False, null=True, verbose_name="waits for a person since"),
                ),
                (
                    "leaving",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), default=list, editable=False, size=None
                    ),
                ),
                (
                    "let_go",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), default=list, editable=False, size=None
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "provider",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.identityprovider",
                        verbose_name="provider",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="directory.syncrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "sync of a directory",
                "verbose_name_plural": "syncs of directories",
                "ordering": ("provider",),
            },
        ),
        migrations.AddIndex(
            model_name="syncrun",
            index=models.Index(fields=["provider", "-begun_at", "-id"], name="sync_runs_in_order"),
        ),
        migrations.AddConstraint(
            model_name="syncrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["waiting", "running"]), ("ended_at__isnull", False), _connector="XOR"
                ),
                name="a_sync_run_that_is_over_has_an_end",
            ),
        ),
    ]
