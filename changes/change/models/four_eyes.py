"""Held by the database: a policy version rules by another person's approval of that very content, or as the first."""

from django.db.migrations.operations import RunSQL

ACTIVATED_BY_OTHERS = RunSQL(
    sql="""
    CREATE FUNCTION changes_policy_is_approved() RETURNS trigger
      LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE version changes_policyversion%ROWTYPE;
    BEGIN
      SELECT * INTO version FROM changes_policyversion WHERE id = NEW.version_id;
      IF NEW.answer_id IS NULL THEN
        IF version.number <> 1 OR version.proposed_by_id IS NOT NULL
           OR EXISTS (SELECT 1 FROM changes_policyactivation) THEN
          RAISE EXCEPTION 'only the first policy rules without an approval' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
      END IF;
      IF NOT EXISTS (
        SELECT 1 FROM approvals_approvaldecision a
        JOIN approvals_approvalrequest k ON k.id = a.ask_id
        JOIN accounts_user approver ON approver.id = a.by_id
        JOIN accounts_user proposer ON proposer.id = version.proposed_by_id
        WHERE a.id = NEW.answer_id AND a.decision = 'approve' AND k.status = 'approved'
          AND k.record_kind = 'policy' AND k.record_id = version.id
          AND a.content_hash = version.hash AND k.content_hash = version.hash
          AND approver.id <> coalesce(proposer.owner_id, proposer.id)
      ) THEN
        RAISE EXCEPTION 'a policy rules by the approval of another person' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER changes_policy_is_approved BEFORE INSERT ON changes_policyactivation
      FOR EACH ROW EXECUTE FUNCTION changes_policy_is_approved();""",
    reverse_sql="""
    DROP TRIGGER changes_policy_is_approved ON changes_policyactivation;
    DROP FUNCTION changes_policy_is_approved();""",
)
