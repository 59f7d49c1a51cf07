"""The first shape of the search tables."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
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
                ("reference", models.CharField(max_length=150, verbose_name="reference")),
                ("prefix", models.CharField(blank=True, max_length=4, verbose_name="prefix")),
                ("number", models.BigIntegerField(null=True, verbose_name="number")),
                ("title", models.CharField(max_length=220, verbose_name="title")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("path", models.CharField(max_length=400, verbose_name="path")),
                (
                    "audience",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), size=None, verbose_name="audience"
                    ),
                ),
                (
                    "about",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None, verbose_name="about"
                    ),
                ),
                ("is_thing", models.BooleanField(default=False, verbose_name="has records of its own")),
                ("is_over", models.BooleanField(default=False, verbose_name="over")),
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
                        condition=models.Q(("is_thing", True)), fields=["words"], name="document_words_of_things"
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["audience"], name="document_audience"),
                    django.contrib.postgres.indexes.GinIndex(fields=["about"], name="document_about"),
                    models.Index(
                        condition=models.Q(("number__isnull", False)),
                        fields=["number", "prefix"],
                        name="document_number",
                    ),
                    models.Index(
                        models.F("reference"), condition=models.Q(("is_thing", True)), name="document_thing_reference"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "record_id"), name="one_document_per_record")
                ],
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=30, verbose_name="word")),
            ],
            options={
                "verbose_name": "word",
                "verbose_name_plural": "words",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(models.F("word"), name="gin_trgm_ops"),
                        fastupdate=False,
                        name="word_trigrams",
                    ),
                    models.Index(fields=["word"], name="word_itself", opclasses=["text_pattern_ops"]),
                ],
            },
        ),
    ]
