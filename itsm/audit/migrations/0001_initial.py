"""The first shape of the audit tables."""

import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.first_migration import FirstMigration
from itsm.audit.sql import chain, masking
from itsm.audit.triggers import CompiledGuard


class Migration(FirstMigration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="at"
                    ),
                ),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="actor")),
                ("actor_name", models.CharField(max_length=150, verbose_name="actor name")),
                ("actor_kind", models.CharField(max_length=10, verbose_name="actor kind")),
                ("via", models.CharField(max_length=10, verbose_name="door")),
                ("event", models.CharField(max_length=80, verbose_name="event")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("reference", models.CharField(max_length=80, verbose_name="reference")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("remark", models.TextField(blank=True, verbose_name="remark")),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["record_kind", "record_id", "-id"], name="audit_by_record"),
                    models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
                    django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="audit_by_time"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actor_kind", "agent"), _negated=True),
                            (
                                "event__in",
                                (
                                    "agent.called",
                                    "attestation.made",
                                    "change.cancelled",
                                    "change.created",
                                    "change.edited",
                                    "change.finished",
                                    "change.impact_taken",
                                    "change.put_on_hold",
                                    "change.resumed",
                                    "change.reverted",
                                    "change.rolled_back",
                                    "change.sent_to_gate",
                                    "change.started",
                                    "change.submitted",
                                    "confidential.read",
                                    "proposal.created",
                                    "proposal.withdrawn",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="software_agents_decide_nothing",
                    )
                ],
            },
        ),
        masking(),
        AddTrigger(
            model_name="entry",
            trigger=CompiledGuard(
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
                table="audit_entry",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="entry",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="audit_entry",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("chain", models.SmallIntegerField(primary_key=True, serialize=False, verbose_name="chain")),
                ("seq", models.BigIntegerField(verbose_name="position")),
                ("hash", models.BinaryField(verbose_name="hash")),
            ],
            options={
                "verbose_name": "head of an audit chain",
                "verbose_name_plural": "heads of audit chains",
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "chain", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("chain", models.SmallIntegerField(verbose_name="chain")),
                ("seq", models.BigIntegerField(verbose_name="position")),
                ("entry_id", models.BigIntegerField(verbose_name="entry")),
                ("revision", models.IntegerField(verbose_name="revision")),
                ("because", models.CharField(blank=True, max_length=10, verbose_name="because of")),
                ("because_id", models.BigIntegerField(null=True, verbose_name="because of which")),
                ("form", models.SmallIntegerField(verbose_name="form")),
                ("salt", models.BinaryField(null=True, verbose_name="salt")),
                ("content", models.BinaryField(verbose_name="hash of what it says")),
                ("previous", models.BinaryField(verbose_name="hash of the link before")),
                ("hash", models.BinaryField(verbose_name="hash")),
            ],
            options={
                "verbose_name": "audit link",
                "verbose_name_plural": "audit links",
            },
        ),
        AddTrigger(
            model_name="head",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="audit_head",
                when="BEFORE",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("entry_id", "revision"), name="one_link_of_a_revision"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("chain__range", (0, 15))), name="a_chain_is_one_of_sixteen"
            ),
        ),
        AddTrigger(
            model_name="link",
            trigger=CompiledGuard(
                func=[
                    "IF TG_OP = 'UPDATE' THEN",
                    "  IF NEW.salt IS NULL AND to_jsonb(OLD) - 'salt' = to_jsonb(NEW) - 'salt' THEN",
                    "    RETURN NEW;",
                    "  END IF;",
                    "END IF;",
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';",
                ],
                level="ROW",
                name="links_are_kept",
                operation="UPDATE OR DELETE",
                table="audit_link",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="link",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="audit_link",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(unique=True, verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("line", models.TextField(verbose_name="line")),
                ("digest", models.CharField(max_length=64, verbose_name="hash of the line")),
            ],
            options={
                "verbose_name": "audit anchor",
                "verbose_name_plural": "audit anchors",
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="Copied",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=40, unique=True, verbose_name="place")),
                ("number", models.BigIntegerField(default=0, verbose_name="number")),
                ("at", models.DateTimeField(null=True, verbose_name="at")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="error")),
            ],
            options={
                "verbose_name": "copies of audit anchors",
                "verbose_name_plural": "copies of audit anchors",
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("whole", models.BooleanField(verbose_name="all of it")),
                ("heads", models.JSONField(verbose_name="heads")),
                ("newest", models.BigIntegerField(verbose_name="newest entry")),
                ("entries", models.BigIntegerField(verbose_name="entries")),
                ("seconds", models.FloatField(verbose_name="seconds")),
                ("findings", models.JSONField(default=list, verbose_name="findings")),
                ("anchored", models.BigIntegerField(default=0, verbose_name="anchors")),
            ],
            options={
                "verbose_name": "check of the history",
                "verbose_name_plural": "checks of the history",
                "ordering": ("-id",),
            },
        ),
        AddTrigger(
            model_name="anchor",
            trigger=CompiledGuard(
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
                table="audit_anchor",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="anchor",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="audit_anchor",
                when="BEFORE",
            ),
        ),
        chain(),
    ]
