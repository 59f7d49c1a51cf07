"""The first shape of the notifications tables."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="since"),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
            ],
            options={
                "verbose_name": "quarantine",
                "verbose_name_plural": "quarantines",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                ("lane", models.CharField(db_default="desk", default="desk", max_length=10, verbose_name="lane")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
                ("aggregate", models.CharField(max_length=80, verbose_name="aggregate")),
                ("payload", models.JSONField(verbose_name="payload")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("delivered_at", models.DateTimeField(blank=True, null=True, verbose_name="delivered at")),
                ("dead_at", models.DateTimeField(blank=True, null=True, verbose_name="given up at")),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("dead_at", None), ("delivered_at", None)),
                        fields=["lane", "due_at", "id"],
                        name="delivery_owed",
                    ),
                    models.Index(
                        condition=models.Q(("dead_at", None), ("delivered_at", None)),
                        fields=["aggregate", "id"],
                        name="delivery_order",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("delivered_at", None), ("dead_at", None), _connector="OR"),
                        name="a_delivery_is_delivered_or_dead_not_both",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("ok", models.BooleanField(null=True, verbose_name="succeeded")),
                ("said", models.TextField(blank=True, verbose_name="answer")),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tries",
                        to="notifications.delivery",
                        verbose_name="delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt",
                "verbose_name_plural": "attempts",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["delivery", "id"], name="attempts_of_delivery")],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("path", models.CharField(blank=True, max_length=200, verbose_name="path")),
                ("record_kind", models.CharField(blank=True, max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(null=True, verbose_name="record")),
                ("reference", models.CharField(blank=True, max_length=40, verbose_name="reference")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                ("note_id", models.BigIntegerField(null=True, verbose_name="note")),
                ("event", models.CharField(blank=True, max_length=60, verbose_name="event")),
                ("relation", models.CharField(blank=True, max_length=10, verbose_name="told as")),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_at", None)), fields=["to", "-id"], name="notification_unread"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Collecting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "Mail"), ("push", "Push")], max_length=6, verbose_name="channel"
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="collected until")),
                ("by_wish", models.BooleanField(default=False, verbose_name="as they wished")),
                ("collected_at", models.DateTimeField(blank=True, null=True, verbose_name="collected at")),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collecting",
                        to="notifications.notification",
                        verbose_name="notification",
                    ),
                ),
            ],
            options={
                "verbose_name": "piece to collect",
                "verbose_name_plural": "pieces to collect",
                "indexes": [
                    models.Index(condition=models.Q(("collected_at", None)), fields=["due_at"], name="to_collect")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("notification", "channel"), name="collected_once_over_a_channel"),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ("mail", "push"))), name="collected_over_a_channel"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="device")),
                ("endpoint", models.CharField(max_length=1000, unique=True, verbose_name="endpoint")),
                ("p256dh", models.CharField(max_length=100, verbose_name="public key")),
                ("auth", models.CharField(max_length=40, verbose_name="shared secret")),
                ("shows_content", models.BooleanField(default=False, verbose_name="shows titles")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="added at")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="last sent at")),
                ("shown_at", models.DateTimeField(blank=True, null=True, verbose_name="last shown at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_devices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "device",
                "verbose_name_plural": "devices",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Rhythm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                ("quiet_until", models.TimeField(blank=True, null=True, verbose_name="quiet until")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rhythm",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "rhythm",
                "verbose_name_plural": "rhythms",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_until", None)),
                            models.Q(
                                ("quiet_from__isnull", False),
                                ("quiet_until__isnull", False),
                                models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="quiet_hours_begin_and_end",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleDefault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=60, verbose_name="event")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("caller", "caller"),
                            ("assignee", "assignee"),
                            ("team", "team"),
                            ("lead", "lead"),
                            ("watcher", "watcher"),
                            ("approver", "approver"),
                            ("owner", "owner"),
                            ("self", "oneself"),
                        ],
                        max_length=10,
                        verbose_name="relation",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("now", "at once"),
                            ("hourly", "collected hourly"),
                            ("daily", "collected daily"),
                            ("off", "not at all"),
                        ],
                        max_length=6,
                        null=True,
                        verbose_name="how",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "notification rule",
                "verbose_name_plural": "notification rules",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "relation"), name="one_default_for_each_event_and_relation"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("how__in", ("now", "hourly", "daily", "off")), ("how", None), _connector="OR"
                        ),
                        name="a_notification_rule_says_how",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "news",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mine", "Mine"),
                            ("team", "My teams'"),
                            ("watching", "What I watch"),
                            ("approvals", "What I decide"),
                            ("paging", "What burns"),
                        ],
                        max_length=10,
                        verbose_name="kind of news",
                    ),
                ),
                ("event", models.CharField(blank=True, max_length=60, verbose_name="event")),
                ("relation", models.CharField(blank=True, max_length=10, verbose_name="relation")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "Mail"), ("push", "Push")], max_length=6, verbose_name="channel"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("now", "at once"),
                            ("hourly", "collected hourly"),
                            ("daily", "collected daily"),
                            ("off", "not at all"),
                        ],
                        max_length=6,
                        verbose_name="how",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wishes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "wish",
                "verbose_name_plural": "wishes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "news", "event", "relation", "channel"),
                        name="one_wish_for_each_line_and_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ("mail", "push")), ("how__in", ("now", "hourly", "daily", "off"))
                        ),
                        name="a_wish_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("event", ""),
                                ("news__in", ("mine", "team", "watching", "approvals", "paging")),
                                ("relation", ""),
                            ),
                            models.Q(
                                ("news", ""),
                                models.Q(("event", ""), _negated=True),
                                models.Q(("relation", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_wish_is_of_a_class_or_of_a_rule",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="notification",
            name="is_mailed",
            field=models.BooleanField(db_default=False, default=False, verbose_name="mailed by itself"),
        ),
    ]
