"""The first shape of the tables of single sign-on."""

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
            name="CameBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticket_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of its ticket")),
                ("request_id", models.CharField(max_length=80, verbose_name="request")),
                ("said", models.JSONField(verbose_name="what it says")),
                ("expires_at", models.DateTimeField(db_index=True, verbose_name="expires at")),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer that waits",
                "verbose_name_plural": "answers that wait",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ProviderSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sid_hash", models.CharField(max_length=64, verbose_name="hash of its name")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.identityprovider",
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
                "verbose_name": "session at a provider",
                "verbose_name_plural": "sessions at providers",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["at"], name="provider_sessions_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "sid_hash", "user"), name="a_session_there_is_known_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsedAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.CharField(max_length=64, verbose_name="hash of its name")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.identityprovider",
                    ),
                ),
            ],
            options={
                "verbose_name": "used answer",
                "verbose_name_plural": "used answers",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["expires_at"], name="used_answers_by_end")],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "key_hash"), name="an_answer_is_used_once")
                ],
            },
        ),
    ]
