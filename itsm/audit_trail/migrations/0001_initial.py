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
    ]
