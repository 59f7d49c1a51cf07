"""The first shape of the webhooks tables."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import itsm.webhooks.models
from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("name_key", ReadAlike(of="name", unique=True)),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("standard", "Standard Webhooks"),
                            ("slack", "Slack"),
                            ("teams", "Microsoft Teams"),
                            ("mattermost", "Mattermost"),
                            ("matrix", "Matrix"),
                        ],
                        default="standard",
                        max_length=12,
                        verbose_name="form",
                    ),
                ),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), size=None, verbose_name="events"
                    ),
                ),
                ("only_team", models.BooleanField(default=False, verbose_name="only what lies with this team")),
                ("credential", models.CharField(blank=True, max_length=63, verbose_name="credential")),
                (
                    "credential_before",
                    models.CharField(blank=True, editable=False, max_length=63, verbose_name="credential before"),
                ),
                (
                    "key",
                    models.CharField(
                        default=itsm.webhooks.models.new_key, editable=False, max_length=64, verbose_name="key"
                    ),
                ),
                ("key_before", models.CharField(blank=True, editable=False, max_length=64, verbose_name="key before")),
                (
                    "before_until",
                    models.DateTimeField(editable=False, null=True, verbose_name="the secret before counts until"),
                ),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
                (
                    "slash_credential",
                    models.CharField(blank=True, max_length=63, verbose_name="secret of its slash commands"),
                ),
                ("off_at", models.DateTimeField(editable=False, null=True, verbose_name="off since")),
                (
                    "off_because",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="off because"),
                ),
                ("failing_since", models.DateTimeField(editable=False, null=True, verbose_name="failing since")),
                ("last_ok_at", models.DateTimeField(editable=False, null=True, verbose_name="last success")),
                ("last_error", models.CharField(blank=True, editable=False, max_length=500, verbose_name="last error")),
                ("told_at", models.DateTimeField(editable=False, null=True, verbose_name="its owner was told at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="told when something was given up",
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
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook endpoint",
                "verbose_name_plural": "webhook endpoints",
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="ChatMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("thread", models.CharField(max_length=255, verbose_name="message there")),
                ("at", models.DateTimeField(verbose_name="changed at")),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="webhooks.webhookendpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "chat message",
                "verbose_name_plural": "chat messages",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="WebhookEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True, verbose_name="message")),
                ("type", models.CharField(max_length=100, verbose_name="type")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("record_kind", models.CharField(blank=True, max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(null=True, verbose_name="record")),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="reference")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("path", models.CharField(blank=True, max_length=200, verbose_name="path")),
                ("body", models.TextField(verbose_name="body")),
            ],
            options={
                "verbose_name": "webhook event",
                "verbose_name_plural": "webhook events",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["at"], name="webhook_event_by_time"),
                    models.Index(fields=["record_kind", "record_id"], name="webhook_event_by_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("is_replay", models.BooleanField(default=False, verbose_name="sent again by hand")),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="webhooks.webhookendpoint",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="webhooks.webhookevent",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ChatAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chat_user", models.CharField(max_length=150, verbose_name="user there")),
                ("name", models.CharField(max_length=100, verbose_name="name there")),
                ("access_version", models.PositiveIntegerField(verbose_name="version of the ways in")),
                ("linked_at", models.DateTimeField(verbose_name="linked at")),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="webhooks.webhookendpoint",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "chat account",
                "verbose_name_plural": "chat accounts",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="SlashCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80, unique=True, verbose_name="key")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="webhooks.webhookendpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "slash command",
                "verbose_name_plural": "slash commands",
                "ordering": ("id",),
                "indexes": [models.Index(fields=["endpoint", "at"], name="slash_call_by_time")],
            },
        ),
        migrations.AddConstraint(
            model_name="chataccount",
            constraint=models.UniqueConstraint(fields=("endpoint", "chat_user"), name="a_chat_account_is_one_persons"),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("slash_credential", ""), ("form__in", ("slack", "mattermost")), _connector="OR"),
                name="only_some_chats_send_commands",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("form__in", ["standard", "slack", "teams", "mattermost", "matrix"])),
                name="an_endpoint_has_a_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("off_at", None), ("failing_since", None), _connector="OR"),
                name="what_is_off_does_not_fail",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("events__len__gte", 1)), name="an_endpoint_wants_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("only_team", False), ("team__isnull", False), _connector="OR"),
                name="only_of_a_team_that_is_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="chatmessage",
            constraint=models.UniqueConstraint(
                fields=("endpoint", "record_kind", "record_id"), name="one_message_of_a_record_in_each_chat"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["endpoint", "-id"], name="webhook_log"),
        ),
    ]
