"""The first shape of the tables of proposals."""

import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import itsm.audit.triggers
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sort", models.CharField(max_length=40, verbose_name="kind")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("about", models.CharField(max_length=40, verbose_name="record's reference")),
                ("record_version", models.PositiveIntegerField(verbose_name="version of the record")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("source", models.CharField(blank=True, max_length=500, verbose_name="source")),
                ("digest", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="proposed at")),
                ("closes_at", models.DateTimeField(verbose_name="waits until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn"),
                            ("closed", "closed"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="software agent",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="on behalf of",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ProposalPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=80, verbose_name="field")),
                ("label", models.CharField(max_length=120, verbose_name="name")),
                (
                    "before",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name="value then"
                    ),
                ),
                (
                    "value",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name="proposed value"
                    ),
                ),
                ("stood", models.TextField(blank=True, verbose_name="value then, in words")),
                ("shown", models.TextField(blank=True, verbose_name="proposed value, in words")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("accepted", "accepted"),
                            ("edited", "accepted with changes"),
                            ("dismissed", "dismissed"),
                            ("overtaken", "overtaken"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("why", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "written",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder, null=True, verbose_name="written value"
                    ),
                ),
                (
                    "made",
                    models.JSONField(editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, null=True),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="proposals.proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a proposal",
                "verbose_name_plural": "parts of proposals",
                "ordering": ("proposal", "id"),
            },
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["record_kind", "record_id"],
                name="proposals_that_wait",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["agent", "-id"], name="proposals_by_agent"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["at"], name="proposals_by_day"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("agent", "record_kind", "record_id", "digest"),
                name="the_same_proposal_waits_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "decided", "withdrawn", "closed"))),
                name="proposal_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_proposal_has_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("at"))), name="a_proposal_waits_for_a_while"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN RETURN NEW; END IF;",
                    "IF (NEW.sort, NEW.record_kind, NEW.record_id, NEW.about, NEW.record_version, NEW.agent_id, NEW.reason, NEW.source,",
                    "    NEW.digest, NEW.at, NEW.closes_at)",
                    "   IS DISTINCT FROM (OLD.sort, OLD.record_kind, OLD.record_id, OLD.about, OLD.record_version, OLD.agent_id,",
                    "    OLD.reason, OLD.source, OLD.digest, OLD.at, OLD.closes_at) THEN",
                    "  RAISE EXCEPTION 'a proposal stays as it was made' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF OLD.state IN ('withdrawn', 'closed') AND NEW.state <> OLD.state THEN",
                    "  RAISE EXCEPTION 'a proposal that is over stays over' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="as_proposed",
                operation="UPDATE",
                table="proposals_proposal",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.agent_id AND u.account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'only software agents propose' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="by_agents",
                operation="INSERT",
                table="proposals_proposal",
                when="BEFORE",
            ),
        ),
        migrations.AddIndex(
            model_name="proposalpart",
            index=models.Index(fields=["decided_at"], name="proposal_parts_by_day"),
        ),
        migrations.AddConstraint(
            model_name="proposalpart",
            constraint=models.UniqueConstraint(fields=("proposal", "field"), name="a_field_is_proposed_once"),
        ),
        migrations.AddConstraint(
            model_name="proposalpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "waiting")),
                    models.Q(("decided_at__isnull", False), ("decided_by", None), ("state", "overtaken")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ("accepted", "edited", "dismissed")),
                    ),
                    _connector="OR",
                ),
                name="who_decided_a_part_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposalpart",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN RETURN NEW; END IF;",
                    "IF (NEW.proposal_id, NEW.field, NEW.label, NEW.before, NEW.value, NEW.stood, NEW.shown)",
                    "   IS DISTINCT FROM (OLD.proposal_id, OLD.field, OLD.label, OLD.before, OLD.value, OLD.stood, OLD.shown) THEN",
                    "  RAISE EXCEPTION 'what was proposed stays as it was made' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF OLD.state <> 'waiting' AND NEW.state NOT IN (OLD.state, 'waiting')",
                    "  OR OLD.state = 'overtaken' AND NEW.state <> 'overtaken' THEN",
                    "  RAISE EXCEPTION 'a part is decided once' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="decided_once",
                operation="UPDATE",
                table="proposals_proposalpart",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposalpart",
            trigger=itsm.audit.triggers.CompiledGuard(
                condition="WHEN (NEW.decided_by_id IS NOT NULL)",
                func=[
                    "IF NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = NEW.decided_by_id AND u.account_type = 'human') THEN",
                    "  RAISE EXCEPTION 'only people decide what was proposed' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="by_people",
                operation="INSERT OR UPDATE",
                table="proposals_proposalpart",
                when="BEFORE",
            ),
        ),
    ]
