"""The first shape of erasures: who was erased, who must be kept, and the functions that mask names."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration
from itsm.erasure.sql import erasing


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("audit", "0001_initial"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("masked", models.JSONField(default=dict, verbose_name="masked")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_legal_hold_says_why"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="erasure",
            name="at_block",
            field=models.BigIntegerField(default=0, verbose_name="next block"),
        ),
        migrations.AddField(
            model_name="erasure",
            name="ended_at",
            field=models.DateTimeField(null=True, verbose_name="ended at"),
        ),
        migrations.AddField(
            model_name="erasure",
            name="round",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="round"),
        ),
        migrations.AddField(
            model_name="erasure",
            name="tables",
            field=models.PositiveIntegerField(default=0, verbose_name="tables"),
        ),
        migrations.AddField(
            model_name="erasure",
            name="tables_left",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=63), default=list, size=None, verbose_name="tables left"
            ),
        ),
        migrations.CreateModel(
            name="ErasureWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.TextField(verbose_name="word")),
                ("plain", models.BooleanField(verbose_name="a plain word")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "word of an erasure",
                "verbose_name_plural": "words of erasures",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "word"), name="a_word_of_an_erasure_stands_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="tables done")),
                ("tables", models.PositiveIntegerField(default=0, verbose_name="tables")),
                ("name", models.CharField(blank=True, max_length=64, verbose_name="name of the file")),
                ("size", models.BigIntegerField(default=0, verbose_name="size")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "export of a person",
                "verbose_name_plural": "exports of people",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("user",),
                        name="one_export_of_a_person_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="what")),
                ("record_id", models.BigIntegerField(default=0, verbose_name="record")),
                ("title", models.CharField(blank=True, max_length=150, verbose_name="which")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold on records",
                "verbose_name_plural": "legal holds on records",
                "ordering": ("record_kind", "record_id"),
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "record_id"), name="a_record_is_held_once"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="a_hold_on_records_says_why"
                    ),
                ],
            },
        ),
        erasing(),
    ]
