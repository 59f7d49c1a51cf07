"""The first shape of what the audit trail keeps."""

from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ConfidentialRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField(verbose_name="person")),
                ("behind", models.CharField(blank=True, max_length=150, verbose_name="with the rights of")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("hour", models.BigIntegerField(verbose_name="hour")),
            ],
            options={
                "verbose_name": "confidential read",
                "verbose_name_plural": "confidential reads",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user_id", "behind", "record_kind", "record_id", "hour"),
                        name="a_read_is_noted_once_an_hour",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AskedCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by_id", models.BigIntegerField(verbose_name="asked by")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("moved_at", models.DateTimeField(null=True, verbose_name="went on at")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="parts done")),
                ("of", models.PositiveIntegerField(default=0, verbose_name="parts")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
            ],
            options={
                "verbose_name": "check of the history that was asked for",
                "verbose_name_plural": "checks of the history that were asked for",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("ended_at", None)), name="one_check_is_under_way"
                    )
                ],
            },
        ),
    ]
