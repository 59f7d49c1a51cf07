"""The first shape of continuity."""

import pgtrigger.migrations
from django.db import migrations, models

import itsm.audit.triggers
from itsm.audit.first_migration import FirstMigration


class Migration(FirstMigration):
    initial = True

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ContinuityRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("backup", "Backup"),
                            ("drill", "Restore drill"),
                            ("restore", "Restore"),
                            ("upgrade", "Upgrade"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="began")),
                ("ended_at", models.DateTimeField(verbose_name="ended")),
                ("of_at", models.DateTimeField(null=True, verbose_name="data of")),
                ("passed", models.BooleanField(verbose_name="passed")),
                ("problem", models.TextField(blank=True, max_length=2000, verbose_name="problem")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
            ],
            options={
                "verbose_name": "backup, drill, restore or upgrade",
                "verbose_name_plural": "backups, drills, restores and upgrades",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["what", "-ended_at"], name="continuity_by_what")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["backup", "drill", "restore", "upgrade"])),
                        name="continuity_is_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at__gte", models.F("began_at"))),
                        name="continuity_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("passed", True), models.Q(("problem", ""), _negated=True), _connector="OR"),
                        name="continuity_failure_says_why",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="continuityrun",
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
                table="continuity_continuityrun",
                when="BEFORE",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="continuityrun",
            trigger=itsm.audit.triggers.CompiledGuard(
                func=[
                    "RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';"
                ],
                level="STATEMENT",
                name="is_kept",
                operation="TRUNCATE",
                table="continuity_continuityrun",
                when="BEFORE",
            ),
        ),
    ]
