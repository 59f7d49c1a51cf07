"""The first shape of the work tables."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_kind", models.CharField(max_length=40)),
                ("from_id", models.BigIntegerField()),
                ("to_kind", models.CharField(max_length=40)),
                ("to_id", models.BigIntegerField()),
                (
                    "meaning",
                    models.CharField(
                        choices=[("fixes", "fixes"), ("caused", "caused"), ("relates", "relates to")],
                        max_length=10,
                        verbose_name="meaning",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "link",
                "verbose_name_plural": "links",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["to_kind", "to_id"], name="link_by_target")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("from_kind", "from_id", "to_kind", "to_id", "meaning"), name="one_link_of_a_meaning"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_id", models.F("to_id")), ("from_kind", models.F("to_kind")), _negated=True
                        ),
                        name="no_record_links_to_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("text", models.TextField(max_length=20000, verbose_name="note")),
                ("private", models.BooleanField(default=True, verbose_name="private")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["record_kind", "record_id", "id"], name="note_by_record")],
            },
        ),
        migrations.AlterField(
            model_name="link",
            name="meaning",
            field=models.CharField(
                choices=[
                    ("fixes", "fixes"),
                    ("caused", "caused"),
                    ("relates", "relates to"),
                    ("duplicates", "is a duplicate of"),
                    ("follows", "follows"),
                    ("affects", "affects"),
                ],
                max_length=10,
                verbose_name="meaning",
            ),
        ),
        migrations.CreateModel(
            name="Watcher",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("at", models.DateTimeField(verbose_name="since")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="why")),
                ("muted", models.BooleanField(default=False, verbose_name="muted")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
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
                "verbose_name": "watcher",
                "verbose_name_plural": "watchers",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["user", "record_kind", "record_id"], name="watcher_by_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "record_id", "user"), name="one_watcher_of_a_record")
                ],
            },
        ),
        migrations.CreateModel(
            name="View",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "slug",
                    models.SlugField(
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="slug",
                    ),
                ),
                (
                    "share",
                    models.CharField(
                        choices=[("none", "only me"), ("team", "a team"), ("everyone", "everyone who works here")],
                        default="none",
                        max_length=10,
                        verbose_name="who sees it",
                    ),
                ),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="query")),
                ("sort", models.CharField(blank=True, max_length=20, verbose_name="order")),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=70), blank=True, default=list, size=24
                    ),
                ),
                (
                    "layout",
                    models.CharField(
                        choices=[("list", "list"), ("board", "board")],
                        default="list",
                        max_length=5,
                        verbose_name="layout",
                    ),
                ),
                ("group_by", models.CharField(blank=True, max_length=20, verbose_name="grouped by")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "view",
                "verbose_name_plural": "views",
                "ordering": ("-id",),
                "constraints": [
                    models.UniqueConstraint(fields=("record_kind", "slug"), name="one_view_of_a_slug"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("share", "team"), ("team__isnull", False)),
                            models.Q(models.Q(("share", "team"), _negated=True), ("team", None)),
                            _connector="OR",
                        ),
                        name="view_of_a_team_names_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Arrangement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("is_tab", models.BooleanField(default=False, verbose_name="is a tab")),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=70), blank=True, default=list, size=24
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrangements",
                        to="work.view",
                    ),
                ),
            ],
            options={
                "verbose_name": "arrangement",
                "verbose_name_plural": "arrangements",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "record_kind", "view"), name="one_arrangement_of_a_view", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_tab", False), ("view__isnull", False), _connector="OR"),
                        name="only_a_view_is_a_tab",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("task_kind", models.CharField(blank=True, max_length=20, verbose_name="kind")),
                ("key", models.CharField(blank=True, editable=False, max_length=40, verbose_name="key")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("mandatory", models.BooleanField(default=False, verbose_name="mandatory")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due")),
                (
                    "after",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name="after"
                    ),
                ),
                ("began_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="begun at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("done", "done"), ("not_done", "not done"), ("skipped", "left out")],
                        editable=False,
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="done at")),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "ordering": ("position", "id"),
                "indexes": [
                    models.Index(fields=["record_kind", "record_id", "position"], name="task_by_record"),
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["assigned_to", "due_at"],
                        name="open_task_by_person",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("done_by", None), ("outcome", "")),
                            models.Q(("done_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="task_that_is_over_says_when_and_how",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("record_kind", "record_id", "key"),
                        name="one_task_of_a_key_on_a_record",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeWorked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="what was done")),
                ("day", models.DateField(verbose_name="day")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "time worked",
                "verbose_name_plural": "time worked",
                "ordering": ("-day", "-id"),
                "indexes": [
                    models.Index(
                        fields=["record_kind", "record_id"], include=("minutes",), name="time_worked_by_record"
                    ),
                    models.Index(
                        fields=["record_kind", "day"], include=("record_id", "minutes"), name="time_worked_by_day"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes__range", (1, 1440))), name="time_worked_is_within_a_day"
                    )
                ],
            },
        ),
    ]
