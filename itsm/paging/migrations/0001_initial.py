"""The first shape of paging."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import itsm.audit.triggers
import itsm.paging.models.providers
from itsm.alike import ReadAlike
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("oncall", "0001_initial"),
        ("webhooks", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "SMS"), ("voice", "Voice call")], max_length=5, verbose_name="channel"
                    ),
                ),
                ("address", models.CharField(max_length=20, verbose_name="number")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                (
                    "verified_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="verified at"),
                ),
                ("code_hash", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "code_sent_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="code sent at"),
                ),
                ("code_tries", models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="wrong codes")),
                (
                    "failing_since",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="failing since"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="added at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_points",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact point",
                "verbose_name_plural": "contact points",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="EscalationPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        editable=False,
                        max_length=63,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\Z",
                                "Use lower-case letters, digits and '-', at most 63.",
                            )
                        ],
                        verbose_name="slug",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                ("repeats", models.PositiveSmallIntegerField(default=2, verbose_name="repeats")),
                ("is_last_resort", models.BooleanField(default=False, verbose_name="last resort")),
                ("live_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="live since")),
                ("retired_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="retired at")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation policy",
                "verbose_name_plural": "escalation policies",
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_kind", models.CharField(max_length=40, verbose_name="kind of subject")),
                ("subject_id", models.BigIntegerField(verbose_name="subject")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("path", models.CharField(max_length=200, verbose_name="path")),
                ("snapshot", models.JSONField(editable=False, verbose_name="policy as it stood")),
                (
                    "urgency",
                    models.CharField(choices=[("high", "High"), ("low", "Low")], max_length=4, verbose_name="urgency"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("paging", "Paging"),
                            ("held", "Acknowledged"),
                            ("exhausted", "Last resort"),
                            ("stopped", "Stopped"),
                        ],
                        default="paging",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("round", models.PositiveIntegerField(default=0, verbose_name="round")),
                ("step", models.PositiveSmallIntegerField(default=0, verbose_name="step")),
                ("run_from", models.PositiveIntegerField(default=1, verbose_name="first round of this run")),
                (
                    "next_cause",
                    models.CharField(
                        choices=[
                            ("begun", "It began"),
                            ("time_out", "Nobody answered in time"),
                            ("functional", "It was handed over"),
                            ("hierarchical", "Last resort"),
                            ("lapsed", "Nothing happened after it was acknowledged"),
                            ("manual", "Somebody began it"),
                        ],
                        default="begun",
                        max_length=12,
                        verbose_name="why the next step comes",
                    ),
                ),
                ("next_at", models.DateTimeField(blank=True, null=True, verbose_name="next at")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "held_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="acknowledged at"),
                ),
                (
                    "held_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "On a page"),
                            ("link", "By the link they were sent"),
                            ("api", "Over REST"),
                            ("code", "By a code from their phone"),
                            ("subject", "By starting work on it"),
                        ],
                        editable=False,
                        max_length=8,
                        verbose_name="acknowledged how",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("ended_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "begun_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="paging.escalationpolicy",
                        verbose_name="policy",
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation",
                "verbose_name_plural": "escalations",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="EscalationStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("wait_s", models.PositiveIntegerField(verbose_name="seconds until the next step")),
                ("between_from", models.TimeField(blank=True, null=True, verbose_name="from")),
                ("between_to", models.TimeField(blank=True, null=True, verbose_name="until")),
                (
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="paging.escalationpolicy",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of an escalation policy",
                "verbose_name_plural": "steps of escalation policies",
                "ordering": ("policy", "position"),
            },
        ),
        migrations.CreateModel(
            name="EscalationTaken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField(verbose_name="round")),
                ("step", models.PositiveSmallIntegerField(verbose_name="step")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("begun", "It began"),
                            ("time_out", "Nobody answered in time"),
                            ("functional", "It was handed over"),
                            ("hierarchical", "Last resort"),
                            ("lapsed", "Nothing happened after it was acknowledged"),
                            ("manual", "Somebody began it"),
                        ],
                        max_length=12,
                        verbose_name="cause",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("due_at", models.DateTimeField(verbose_name="was due at")),
                ("noted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="noted at")),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="people"
                    ),
                ),
                ("skipped", models.CharField(blank=True, max_length=20, verbose_name="skipped because")),
                (
                    "escalation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken",
                        to="paging.escalation",
                    ),
                ),
            ],
            options={
                "verbose_name": "step taken",
                "verbose_name_plural": "steps taken",
                "ordering": ("escalation", "id"),
            },
        ),
        migrations.CreateModel(
            name="Page",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("round", models.PositiveIntegerField(default=0, verbose_name="round")),
                ("step", models.PositiveSmallIntegerField(default=0, verbose_name="step")),
                ("subject_kind", models.CharField(max_length=40, verbose_name="kind of subject")),
                ("subject_id", models.BigIntegerField(verbose_name="subject")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("path", models.CharField(max_length=200, verbose_name="path")),
                ("why", models.CharField(blank=True, max_length=200, verbose_name="why")),
                (
                    "urgency",
                    models.CharField(choices=[("high", "High"), ("low", "Low")], max_length=4, verbose_name="urgency"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("acknowledged", "Acknowledged"), ("ended", "Ended")],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("code", models.CharField(max_length=8, verbose_name="code")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "On a page"),
                            ("link", "By the link they were sent"),
                            ("api", "Over REST"),
                            ("code", "By a code from their phone"),
                            ("subject", "By starting work on it"),
                        ],
                        max_length=8,
                        verbose_name="acknowledged how",
                    ),
                ),
                (
                    "escalation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="paging.escalation",
                        verbose_name="escalation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                        verbose_name="queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "page",
                "verbose_name_plural": "pages",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PageAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("push", "Push"), ("mail", "Mail"), ("sms", "SMS"), ("voice", "Voice call")],
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=120, verbose_name="to")),
                ("key", models.CharField(max_length=80, verbose_name="key")),
                ("number", models.PositiveIntegerField(verbose_name="which try")),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="paging.page",
                        verbose_name="page",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt to reach somebody",
                "verbose_name_plural": "attempts to reach somebody",
                "ordering": ("page", "id"),
            },
        ),
        migrations.CreateModel(
            name="AttemptReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "status",
                    models.CharField(
                        choices=[("delivered", "Delivered"), ("failed", "Failed")], max_length=10, verbose_name="status"
                    ),
                ),
                ("said", models.CharField(blank=True, max_length=200, verbose_name="said")),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="paging.pageattempt"
                    ),
                ),
            ],
            options={
                "verbose_name": "report of an attempt",
                "verbose_name_plural": "reports of attempts",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="AttemptOutcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("ok", models.BooleanField(verbose_name="accepted")),
                ("ms", models.PositiveIntegerField(verbose_name="milliseconds")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="answer")),
                ("their_id", models.CharField(blank=True, max_length=120, verbose_name="their number")),
                (
                    "attempt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outcome", to="paging.pageattempt"
                    ),
                ),
            ],
            options={
                "verbose_name": "outcome of an attempt",
                "verbose_name_plural": "outcomes of attempts",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="PagingProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("name_key", ReadAlike(of="name", unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "SMS"), ("voice", "Voice call")], max_length=5, verbose_name="channel"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "body",
                    models.CharField(
                        choices=[("json", "JSON"), ("form", "Form")], default="json", max_length=4, verbose_name="body"
                    ),
                ),
                ("template", models.TextField(max_length=4000, verbose_name="template")),
                (
                    "auth",
                    models.CharField(
                        choices=[("none", "None"), ("bearer", "Bearer token"), ("basic", "User name and password")],
                        default="none",
                        max_length=6,
                        verbose_name="signs in by",
                    ),
                ),
                ("username", models.CharField(blank=True, max_length=120, verbose_name="user name")),
                ("credential", models.CharField(blank=True, max_length=63, verbose_name="credential")),
                ("ok_pointer", models.CharField(blank=True, max_length=120, verbose_name="where the answer says so")),
                ("ok_value", models.CharField(blank=True, max_length=120, verbose_name="what it says then")),
                ("id_pointer", models.CharField(blank=True, max_length=120, verbose_name="where its number stands")),
                ("reports", models.BooleanField(default=False, verbose_name="reports what became of it")),
                (
                    "token",
                    models.CharField(
                        default=itsm.paging.models.providers.new_token, editable=False, max_length=64, unique=True
                    ),
                ),
                ("off_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="off since")),
                (
                    "open_until",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="passed over until"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "paging provider",
                "verbose_name_plural": "paging providers",
                "ordering": ("channel", "position", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["sms", "voice"])), name="a_provider_reaches_phones"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("auth", "none"), models.Q(("credential", ""), _negated=True), _connector="OR"
                        ),
                        name="who_signs_in_names_a_credential",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="pageattempt",
            name="provider",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="paging.pagingprovider",
            ),
        ),
        migrations.CreateModel(
            name="PersonalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "urgency",
                    models.CharField(choices=[("high", "High"), ("low", "Low")], max_length=4, verbose_name="urgency"),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                (
                    "channel",
                    models.CharField(
                        choices=[("push", "Push"), ("mail", "Mail"), ("sms", "SMS"), ("voice", "Voice call")],
                        max_length=5,
                        verbose_name="channel",
                    ),
                ),
                ("after_s", models.PositiveIntegerField(default=0, verbose_name="seconds after it began")),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="paging.contactpoint",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paging_rules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "personal rule",
                "verbose_name_plural": "personal rules",
                "ordering": ("person", "urgency", "position"),
            },
        ),
        migrations.CreateModel(
            name="StepTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind_of",
                    models.CharField(
                        choices=[
                            ("schedule", "On-call schedule"),
                            ("person", "Person"),
                            ("team", "Everybody of a team"),
                            ("owner", "Who leads the team it lies with"),
                            ("webhook", "Webhook or chat"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="oncall.schedule",
                    ),
                ),
                (
                    "which",
                    models.CharField(
                        choices=[
                            ("now", "who is on call now"),
                            ("next", "who is on call next"),
                            ("previous", "who was on call before"),
                            ("all", "everybody of the schedule"),
                        ],
                        default="now",
                        max_length=10,
                        verbose_name="whose turn",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="webhooks.webhookendpoint",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="targets", to="paging.escalationstep"
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
                "verbose_name": "target of a step",
                "verbose_name_plural": "targets of steps",
                "ordering": ("step", "id"),
            },
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(fields=("person", "channel", "address"), name="a_number_once_a_channel"),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("address__regex", "^\\+[1-9][0-9]{6,14}$")), name="a_number_is_e164"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["sms", "voice"])), name="a_contact_point_is_a_phone"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("repeats__lte", 9)), name="a_policy_repeats_at_most_nine_times"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="an_escalation_policy_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationpolicy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_last_resort", True), ("retired_at", None)),
                fields=("is_last_resort",),
                name="one_last_resort",
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(
                condition=models.Q(("status__in", ("paging", "exhausted"))),
                fields=["next_at"],
                name="escalation_calling_by_next",
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(fields=["subject_kind", "subject_id"], name="escalation_by_subject"),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(fields=["team", "-id"], name="escalation_by_team"),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("paging", "held", "exhausted"))),
                fields=("subject_kind", "subject_id", "policy"),
                name="one_open_escalation_of_a_subject_by_a_policy",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["paging", "held", "exhausted", "stopped"])),
                name="escalation_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgency__in", ["high", "low"])), name="escalation_urgency_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("paging", "exhausted")), _negated=True),
                    ("next_at__isnull", False),
                    _connector="OR",
                ),
                name="who_calls_says_when_next",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "held"), _negated=True), ("held_at__isnull", False), _connector="OR"
                ),
                name="a_held_escalation_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "stopped"), _negated=True), ("ended_at__isnull", False), _connector="OR"
                ),
                name="a_stopped_escalation_says_when",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalation",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('exhausted', 'held'),",
                    "  ('exhausted', 'paging'),",
                    "  ('exhausted', 'stopped'),",
                    "  ('held', 'paging'),",
                    "  ('held', 'stopped'),",
                    "  ('paging', 'exhausted'),",
                    "  ('paging', 'held'),",
                    "  ('paging', 'stopped')",
                    ") THEN",
                    "  RAISE EXCEPTION 'paging_escalation does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="paging_escalation",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.UniqueConstraint(fields=("policy", "position"), name="one_step_at_each_position"),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1)), name="escalation_steps_count_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("wait_s__gte", 60), ("wait_s__lte", 86400)), name="a_step_waits_a_minute_to_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("between_from", None), ("between_to", None)),
                    models.Q(("between_from__isnull", False), ("between_to__isnull", False)),
                    _connector="OR",
                ),
                name="a_step_has_both_times_or_none",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalationstep",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "PERFORM 1 FROM paging_escalationpolicy p WHERE p.id = OLD.policy_id FOR NO KEY UPDATE;",
                    "IF EXISTS (SELECT 1 FROM paging_escalationpolicy p WHERE p.id = OLD.policy_id AND p.retired_at IS NULL)",
                    "  AND NOT EXISTS (SELECT 1 FROM paging_escalationstep s WHERE s.policy_id = OLD.policy_id AND s.id <> OLD.id) THEN",
                    "  RAISE EXCEPTION 'an escalation policy would page nobody' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN OLD;",
                ],
                level="ROW",
                name="never_without_targets",
                operation="DELETE",
                table="paging_escalationstep",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationtaken",
            index=models.Index(fields=["at"], name="step_taken_by_time"),
        ),
        migrations.AddConstraint(
            model_name="escalationtaken",
            constraint=models.UniqueConstraint(fields=("escalation", "round", "step"), name="each_step_is_taken_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalationtaken",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="paging_escalationtaken",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalationtaken",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="paging_escalationtaken",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["person", "-id"], name="page_by_person"),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["subject_kind", "subject_id"], name="page_by_subject"),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["begun_at"], name="page_by_time"),
        ),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["team", "-id"], name="page_by_team"),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                condition=models.Q(("escalation__isnull", False)),
                fields=("escalation", "round", "step", "person"),
                name="a_step_pages_each_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("person", "code"), name="a_code_means_one_open_page"
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "acknowledged", "ended"])), name="page_status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="page",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="a_page_that_is_over_says_since_when",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attemptreport",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="paging_attemptreport",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attemptreport",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="paging_attemptreport",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="attemptoutcome",
            index=models.Index(
                condition=models.Q(("their_id", ""), _negated=True), fields=["their_id"], name="outcome_by_their_id"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attemptoutcome",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="paging_attemptoutcome",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attemptoutcome",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="paging_attemptoutcome",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="pageattempt",
            index=models.Index(fields=["key"], name="page_attempt_by_key"),
        ),
        migrations.AddIndex(
            model_name="pageattempt",
            index=models.Index(fields=["provider", "-begun_at"], name="page_attempt_by_provider"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pageattempt",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="rows_are_kept",
                operation="UPDATE OR DELETE",
                table="paging_pageattempt",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pageattempt",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="paging_pageattempt",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="personalrule",
            constraint=models.UniqueConstraint(
                fields=("person", "urgency", "position"), name="one_rule_at_each_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="personalrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("after_s__lte", 3600)), name="a_rule_begins_within_an_hour"
            ),
        ),
        migrations.AddConstraint(
            model_name="personalrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel__in", ["push", "mail"]), ("contact", None)),
                    models.Q(("channel__in", ["sms", "voice"]), ("contact__isnull", False)),
                    _connector="OR",
                ),
                name="a_rule_for_a_phone_names_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="steptarget",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("endpoint", None),
                        ("kind_of", "schedule"),
                        ("person", None),
                        ("schedule__isnull", False),
                        ("team", None),
                    ),
                    models.Q(
                        ("endpoint", None),
                        ("kind_of", "person"),
                        ("person__isnull", False),
                        ("schedule", None),
                        ("team", None),
                    ),
                    models.Q(
                        ("endpoint", None),
                        ("kind_of", "team"),
                        ("person", None),
                        ("schedule", None),
                        ("team__isnull", False),
                    ),
                    models.Q(
                        ("endpoint", None),
                        ("kind_of", "owner"),
                        ("person", None),
                        ("schedule", None),
                        ("team", None),
                    ),
                    models.Q(
                        ("endpoint__isnull", False),
                        ("kind_of", "webhook"),
                        ("person", None),
                        ("schedule", None),
                        ("team", None),
                    ),
                    _connector="OR",
                ),
                name="a_target_names_what_it_is",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="steptarget",
            trigger=itsm.audit.triggers.CompiledGuard(
                declare="DECLARE policy bigint; stands boolean; resort boolean; targets bigint; people bigint;",
                func=[
                    "SELECT s.policy_id INTO policy FROM paging_escalationstep s WHERE s.id = OLD.step_id;",
                    "IF policy IS NULL THEN RETURN NULL; END IF;",
                    "SELECT p.retired_at IS NULL, p.is_last_resort INTO stands, resort",
                    "FROM paging_escalationpolicy p WHERE p.id = policy FOR NO KEY UPDATE;",
                    "SELECT count(*), count(DISTINCT t.person_id) INTO targets, people",
                    "FROM paging_steptarget t JOIN paging_escalationstep s ON s.id = t.step_id WHERE s.policy_id = policy;",
                    "IF stands AND targets = 0 THEN",
                    "  RAISE EXCEPTION 'an escalation policy would page nobody' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF stands AND resort AND people < 2 THEN",
                    "  RAISE EXCEPTION 'the last resort needs two people' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NULL;",
                ],
                level="ROW",
                name="never_bare",
                operation='DELETE OR UPDATE OF "step_id", "kind_of", "person_id"',
                table="paging_steptarget",
                when="AFTER",
            ),
        ),
    ]
