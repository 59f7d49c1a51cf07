"""The first shape of the tables of software agents."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
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
            name="Agent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(blank=True, max_length=200, verbose_name="what it is for")),
                (
                    "capabilities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("gate", "ask the gate, and report what was deployed"),
                                ("desk:read", "search and read what its owner may see"),
                                ("desk:propose", "propose; a person accepts or dismisses"),
                                ("catalog:read", "read services, impact and who is on call"),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        size=None,
                        verbose_name="capabilities",
                    ),
                ),
                (
                    "outward_after_reading",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("gate", "ask the gate, and report what was deployed"),
                                ("desk:read", "search and read what its owner may see"),
                                ("desk:propose", "propose; a person accepts or dismisses"),
                                ("catalog:read", "read services, impact and who is on call"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="may write outward after reading words of strangers",
                    ),
                ),
                (
                    "read_outside_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="read words of strangers at"),
                ),
                ("last_called_at", models.DateTimeField(editable=False, null=True, verbose_name="last called at")),
                ("stopped_at", models.DateTimeField(editable=False, null=True, verbose_name="stopped at")),
                (
                    "stop_reason",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="why it was stopped"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agent",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stopped by",
                    ),
                ),
            ],
            options={
                "verbose_name": "software agent",
                "verbose_name_plural": "software agents",
                "ordering": ("account__username",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capabilities__contained_by", ["gate", "desk:read", "desk:propose", "catalog:read"]),
                            (
                                "outward_after_reading__contained_by",
                                ["gate", "desk:read", "desk:propose", "catalog:read"],
                            ),
                        ),
                        name="capabilities_of_agents_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stopped_at", None), ("stopped_by", None)),
                            models.Q(("stopped_at__isnull", False), ("stopped_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_stopped_an_agent_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallCount",
            fields=[
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="agents.agent",
                        verbose_name="agent",
                    ),
                ),
                ("minute", models.DateTimeField(verbose_name="minute")),
                ("calls", models.PositiveIntegerField(verbose_name="calls")),
            ],
            options={
                "verbose_name": "calls of a minute",
                "verbose_name_plural": "calls of a minute",
            },
        ),
        migrations.CreateModel(
            name="AgentSwitch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stopped_at", models.DateTimeField(editable=False, null=True, verbose_name="stopped at")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "stopped_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stopped by",
                    ),
                ),
            ],
            options={
                "verbose_name": "switch of all software agents",
                "verbose_name_plural": "switch of all software agents",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_switch_of_all_agents"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stopped_at", None), ("stopped_by", None)),
                            models.Q(("stopped_at__isnull", False), ("stopped_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="who_stopped_all_agents_is_known",
                    ),
                ],
            },
        ),
    ]
