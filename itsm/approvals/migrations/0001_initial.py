"""The first shape of the approvals tables."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models
from pgtrigger.migrations import AddTrigger

from itsm.audit.first_migration import FirstMigration
from itsm.audit.triggers import CompiledGuard


class Migration(FirstMigration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("content_hash", models.CharField(max_length=64, verbose_name="content hash")),
                (
                    "source_hash",
                    models.CharField(blank=True, max_length=64, verbose_name="hash of what it follows"),
                ),
                ("steps", models.JSONField(verbose_name="steps")),
                ("step", models.PositiveSmallIntegerField(default=0, verbose_name="step")),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="excluded people"
                    ),
                ),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("seconds_to_answer", models.PositiveIntegerField(null=True, verbose_name="seconds to answer")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("approved", "approved"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("ended_because", models.CharField(blank=True, max_length=200, verbose_name="why")),
            ],
            options={
                "verbose_name": "plan of approval",
                "verbose_name_plural": "plans of approval",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["record_kind", "record_id", "-id"], name="plans_about_a_record")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("record_kind", "record_id"),
                        name="one_open_plan_per_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("status", "open")),
                            models.Q(models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_plan_that_is_over_says_since_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["open", "approved", "declined", "withdrawn"])),
                        name="plan_status_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("content_hash", models.CharField(max_length=64, verbose_name="content hash")),
                ("authority", models.CharField(max_length=60, verbose_name="authority")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("requester", "Requester"),
                            ("agent", "Service-desk agent"),
                            ("engineer", "Engineer"),
                            ("approver", "Approver"),
                            ("manager", "Change manager"),
                            ("owner", "Service owner"),
                            ("auditor", "Auditor"),
                            ("admin", "Administrator"),
                        ],
                        blank=True,
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("quorum", models.PositiveSmallIntegerField(default=1, verbose_name="quorum")),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="excluded people"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("approved", "approved"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due at")),
                ("reminded_at", models.DateTimeField(null=True, verbose_name="reminded at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("ended_because", models.CharField(blank=True, max_length=200, verbose_name="why")),
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
                ("panel_id", models.BigIntegerField(null=True, verbose_name="panel")),
                ("panel_kind", models.CharField(blank=True, max_length=20, verbose_name="kind of panel")),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asks",
                        to="approvals.approvalplan",
                        verbose_name="plan",
                    ),
                ),
                ("part", models.CharField(blank=True, max_length=40, verbose_name="part")),
                (
                    "people",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="people who are asked",
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        blank=True,
                        choices=[("none_against", "nobody against"), ("majority", "majority")],
                        max_length=12,
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "ask for approval",
                "verbose_name_plural": "asks for approval",
                "ordering": ("due_at", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "open")), fields=["role", "due_at"], name="ask_open_by_role"
                    ),
                    models.Index(fields=["record_kind", "record_id", "-id"], name="asks_about_a_record"),
                    models.Index(
                        condition=models.Q(("status", "open"), models.Q(("panel_kind", ""), _negated=True)),
                        fields=["panel_kind", "panel_id"],
                        name="ask_open_of_panel",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("status", "open"), models.Q(("part", ""), _negated=True)),
                        fields=["people"],
                        name="ask_open_of_people",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="a_quorum_is_at_least_one"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("record_kind", "record_id", "part"),
                        name="one_open_ask_per_part",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("part", ""), ("people", []), ("plan", None), models.Q(("role", ""), _negated=True)
                            ),
                            models.Q(
                                ("panel_kind", ""),
                                ("plan__isnull", False),
                                ("role", ""),
                                ("team", None),
                                models.Q(("part", ""), _negated=True),
                                models.Q(("people", []), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_part_of_a_plan_names_its_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("panel_id", None), ("panel_kind", ""), ("rule", "")),
                            models.Q(
                                models.Q(("panel_kind", ""), _negated=True),
                                ("panel_id__isnull", False),
                                ("rule__in", ["none_against", "majority"]),
                            ),
                            _connector="OR",
                        ),
                        name="a_panel_is_named_with_its_rule",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("approve", "approved"),
                            ("decline", "declined"),
                            ("abstain", "abstained"),
                            ("recuse", "withdrew from deciding"),
                            ("discuss", "asked to discuss it"),
                        ],
                        max_length=10,
                        verbose_name="decision",
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=4000, verbose_name="comment")),
                ("content_hash", models.CharField(max_length=64, verbose_name="content hash")),
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
                (
                    "ask",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="approvals.approvalrequest",
                        verbose_name="ask",
                    ),
                ),
                ("vote_id", models.UUIDField(null=True, verbose_name="id of the vote")),
                (
                    "in_place_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="in place of",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to an ask",
                "verbose_name_plural": "answers to asks",
                "ordering": ("at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("vote_id", None)),
                        fields=("ask", "by"),
                        name="one_answer_per_person_and_ask",
                    ),
                    models.UniqueConstraint(fields=("ask", "vote_id"), name="a_vote_counts_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision__in", ["approve", "decline"]), ("vote_id__isnull", False), _connector="OR"
                        ),
                        name="only_votes_neither_approve_nor_decline",
                    ),
                    models.UniqueConstraint(
                        models.F("ask"),
                        django.db.models.functions.comparison.Coalesce("in_place_of", "by"),
                        condition=models.Q(("vote_id", None)),
                        name="a_person_and_their_delegate_answer_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                ("record_kind", models.CharField(max_length=40, verbose_name="record kind")),
                ("record_id", models.BigIntegerField(verbose_name="record")),
                ("record_reference", models.CharField(max_length=80, verbose_name="record")),
                ("record_path", models.CharField(blank=True, max_length=200, verbose_name="address")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason")),
                ("payload", models.JSONField(verbose_name="payload")),
                ("payload_hash", models.CharField(max_length=64, verbose_name="hash of the payload")),
                ("differences", models.JSONField(verbose_name="differences")),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="services that it is judged for",
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("requester", "Requester"),
                                ("agent", "Service-desk agent"),
                                ("engineer", "Engineer"),
                                ("approver", "Approver"),
                                ("manager", "Change manager"),
                                ("owner", "Service owner"),
                                ("auditor", "Auditor"),
                                ("admin", "Administrator"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                        verbose_name="roles",
                    ),
                ),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None, verbose_name="excluded people"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
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
                "verbose_name": "confirmation by a second person",
                "verbose_name_plural": "confirmations by a second person",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["record_kind", "record_id", "-id"], name="confirmations_of_a_record"),
                    models.Index(fields=["status", "-id"], name="confirmations_by_status"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "confirmed"), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_confirmed_write_names_who_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["proposed", "confirmed", "declined", "withdrawn", "expired"])
                        ),
                        name="confirmation_status_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("action", "record_kind", "record_id", "payload_hash"),
                        name="the_same_write_waits_once",
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="approvaldecision",
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
                table="approvals_approvaldecision",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="approvaldecision",
            trigger=CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="approvals_approvaldecision",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="confirmation",
            trigger=CompiledGuard(
                condition="WHEN (OLD.status IS DISTINCT FROM NEW.status)",
                func=[
                    "IF (OLD.status, NEW.status) NOT IN (",
                    "  ('proposed', 'confirmed'),",
                    "  ('proposed', 'declined'),",
                    "  ('proposed', 'expired'),",
                    "  ('proposed', 'withdrawn')",
                    ") THEN",
                    "  RAISE EXCEPTION 'approvals_confirmation does not move from % to %', OLD.status, NEW.status",
                    "    USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="moves_legally",
                operation='UPDATE OF "status"',
                table="approvals_confirmation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="confirmation",
            trigger=CompiledGuard(
                condition="WHEN (NEW.status = 'confirmed')",
                declare="DECLARE second accounts_user%ROWTYPE;",
                func=[
                    "SELECT * INTO second FROM accounts_user WHERE id = NEW.decided_by_id;",
                    "IF second.id IS NULL OR second.account_type <> 'human' OR NOT second.is_active THEN",
                    "  RAISE EXCEPTION 'only active people confirm' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF second.id = ANY (OLD.excluded) OR second.id IN (OLD.person_id, OLD.proposed_by_id) OR EXISTS (",
                    "  SELECT FROM accounts_persons(OLD.excluded || OLD.person_id || OLD.proposed_by_id) barred",
                    "  JOIN accounts_persons(ARRAY[second.id]) one ON one.person = barred.person",
                    ") THEN",
                    "  RAISE EXCEPTION 'four eyes: who proposed it does not confirm it' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="second_person",
                operation="UPDATE",
                table="approvals_confirmation",
                when="BEFORE",
            ),
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("record_kind", models.CharField(blank=True, max_length=40, verbose_name="kind of record")),
                ("panel_kind", models.CharField(blank=True, max_length=20, verbose_name="kind of panel")),
                ("panel_id", models.BigIntegerField(blank=True, null=True, verbose_name="panel")),
                ("scope", models.CharField(blank=True, max_length=100, verbose_name="scope")),
                ("scope_name", models.CharField(blank=True, max_length=80, verbose_name="name of the scope")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="delegate",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "ordering": ("-starts_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["delegate", "ends_at"], name="delegations_to"
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["person", "ends_at"], name="delegations_of"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="a_delegation_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("delegate")), _negated=True),
                        name="nobody_delegates_to_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("panel_id", None), ("panel_kind", "")),
                            models.Q(
                                models.Q(("panel_kind", ""), _negated=True),
                                ("panel_id__isnull", False),
                                ("record_kind", ""),
                            ),
                            _connector="OR",
                        ),
                        name="a_delegation_has_one_scope",
                    ),
                ],
            },
        ),
        AddTrigger(
            model_name="approvaldecision",
            trigger=CompiledGuard(
                declare="DECLARE approval approvals_approvalrequest%ROWTYPE; person accounts_user%ROWTYPE;",
                func=[
                    "SELECT * INTO approval FROM approvals_approvalrequest WHERE id = NEW.ask_id;",
                    "SELECT * INTO person FROM accounts_user WHERE id = NEW.by_id;",
                    "IF ARRAY[NEW.by_id, NEW.in_place_of_id] && approval.excluded OR EXISTS (",
                    "  SELECT FROM accounts_persons(approval.excluded) barred",
                    "  JOIN accounts_persons(ARRAY[NEW.by_id, NEW.in_place_of_id]) one ON one.person = barred.person",
                    ") THEN",
                    "  RAISE EXCEPTION 'four eyes: this person is excluded from this ask' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF EXISTS (",
                    "  SELECT 1 FROM approvals_delegation d",
                    "  WHERE d.delegate_id = NEW.by_id AND d.person_id = ANY (approval.excluded) AND d.ended_at IS NULL AND NEW.at >= d.starts_at AND NEW.at < d.ends_at",
                    "  AND d.record_kind IN ('', approval.record_kind)",
                    "  AND (d.panel_kind = '' OR (d.panel_kind, d.panel_id) = (approval.panel_kind, approval.panel_id))",
                    ") THEN",
                    "  RAISE EXCEPTION 'four eyes: this person decides in an excluded one''s place' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF NEW.in_place_of_id IS NOT NULL AND NOT EXISTS (",
                    "  SELECT 1 FROM approvals_delegation d JOIN accounts_user u ON u.id = d.person_id AND u.is_active",
                    "  WHERE d.delegate_id = NEW.by_id AND d.person_id = NEW.in_place_of_id AND d.ended_at IS NULL AND NEW.at >= d.starts_at AND NEW.at < d.ends_at",
                    "  AND d.record_kind IN ('', approval.record_kind)",
                    "  AND (d.panel_kind = '' OR (d.panel_kind, d.panel_id) = (approval.panel_kind, approval.panel_id))",
                    ") THEN",
                    "  RAISE EXCEPTION 'nobody decides in the place of another without a delegation' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF approval.part <> '' AND NOT coalesce(NEW.in_place_of_id, NEW.by_id) = ANY (approval.people) THEN",
                    "  RAISE EXCEPTION 'only the people who are asked answer this ask' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF person.account_type <> 'human' OR NOT person.is_active THEN",
                    "  RAISE EXCEPTION 'only active people answer asks' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF (approval.panel_kind = '') <> (NEW.vote_id IS NULL) THEN",
                    "  RAISE EXCEPTION 'panels vote, and only they' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "IF approval.status <> 'open' OR approval.content_hash <> NEW.content_hash THEN",
                    "  RAISE EXCEPTION 'this ask is settled or about other content' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="four_eyes",
                operation="INSERT",
                table="approvals_approvaldecision",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="delegation",
            trigger=CompiledGuard(
                declare="DECLARE ends text[] := '{ended_at,ended_by_id,version}';",
                func=[
                    "IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL",
                    "  OR to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends",
                    "THEN",
                    "  RAISE EXCEPTION 'a delegation is ended once, and changed in nothing else' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="only_ends",
                operation="UPDATE OR DELETE",
                table="approvals_delegation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="delegation",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (",
                    "  SELECT 1 FROM approvals_delegation d",
                    "  WHERE d.ended_at IS NULL AND d.starts_at < NEW.ends_at AND NEW.starts_at < d.ends_at AND (",
                    "    (d.person_id, d.record_kind, d.panel_kind) = (NEW.person_id, NEW.record_kind, NEW.panel_kind)",
                    "      AND d.panel_id IS NOT DISTINCT FROM NEW.panel_id",
                    "    OR (d.person_id, d.delegate_id) = (NEW.delegate_id, NEW.person_id)",
                    "  )",
                    ") THEN",
                    "  RAISE EXCEPTION 'one delegate at a time, and never in each other''s place' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="one_delegate_at_a_time",
                operation="INSERT",
                table="approvals_delegation",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="approvalplan",
            trigger=CompiledGuard(
                declare="DECLARE moves text[] := '{step,status,decided_at,ended_because,steps,excluded}';",
                func=[
                    "IF TG_OP = 'DELETE' OR OLD.status <> 'open' OR NEW.step < OLD.step OR NOT NEW.excluded @> OLD.excluded",
                    "  OR to_jsonb(NEW) - moves <> to_jsonb(OLD) - moves",
                    "THEN",
                    "  RAISE EXCEPTION 'a plan only goes on, and is over once' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="is_kept",
                operation="UPDATE OR DELETE",
                table="approvals_approvalplan",
                when="BEFORE",
            ),
        ),
        AddTrigger(
            model_name="delegation",
            trigger=CompiledGuard(
                func=[
                    "IF EXISTS (SELECT FROM accounts_user WHERE id IN (NEW.person_id, NEW.delegate_id, NEW.ended_by_id) AND account_type = 'agent') THEN",
                    "  RAISE EXCEPTION 'a software agent decides nothing' USING ERRCODE = 'check_violation';",
                    "END IF;",
                    "RETURN NEW;",
                ],
                level="ROW",
                name="not_by_an_agent",
                operation='INSERT OR UPDATE OF "person_id", "delegate_id", "ended_by_id"',
                table="approvals_delegation",
                when="BEFORE",
            ),
        ),
    ]
