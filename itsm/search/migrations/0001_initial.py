"""The first shape of the search tables."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("reference", models.CharField(max_length=80, verbose_name="reference")),
                ("title", models.CharField(max_length=220, verbose_name="title")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("path", models.CharField(max_length=200, verbose_name="path")),
                ("staff_only", models.BooleanField(default=True, verbose_name="staff only")),
                ("owner_id", models.BigIntegerField(null=True, verbose_name="owner")),
                (
                    "words",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.SearchVector(
                                "reference", "title", config="simple", weight="A"
                            ),
                            "||",
                            django.contrib.postgres.search.SearchVector("text", config="simple", weight="C"),
                            django.contrib.postgres.search.SearchConfig("simple"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "search document",
                "verbose_name_plural": "search documents",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="document_words"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("title"), name="gin_trgm_ops"
                        ),
                        name="document_title_trigrams",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "record_id"), name="one_document_per_record")
                ],
            },
        ),
    ]
