"""The first shape of the api tables."""

from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("principal", models.CharField(max_length=60, verbose_name="principal")),
                ("route", models.CharField(max_length=200, verbose_name="route")),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                ("request_hash", models.CharField(max_length=64, verbose_name="request hash")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("made", models.CharField(blank=True, max_length=80, verbose_name="what it made")),
                ("location", models.CharField(blank=True, max_length=300, verbose_name="location")),
                ("report", models.TextField(blank=True, verbose_name="report")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "indexes": [models.Index(fields=["created_at"], name="answer_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("principal", "route", "key"), name="one_answer_per_key")
                ],
            },
        ),
    ]
