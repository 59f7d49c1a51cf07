"""What the platform's own apps promise for later, re-derived from their records: I15.

In words of SQL, as their tables are below or beside this package; each name is the one under which its app registers it
with `itsm.clocks.due`. `tests/itsm/invariants/test_promises.py` holds this list against all names.
"""

from itsm.clocks.thresholds import NAMES, PREFIX
from itsm.invariants.platform.promised import promises, says_nothing, watched_by


def register_ours() -> None:
    """What the platform itself promises. Called once, at start."""
    promises(
        "approvals: a confirmation expires",
        "SELECT 'confirmation', k.id, 'CNF-' || lpad(k.id::text, 5, '0') FROM approvals_confirmation k"
        " WHERE k.status = 'proposed'",
    )
    promises(
        "mail.apply", "SELECT 'incoming_mail', m.id, 'mail-' || m.id FROM mail_incomingmail m WHERE m.status = 'new'"
    )
    promises(
        "escalation_step",
        "SELECT 'escalation', e.id, 'escalation ' || e.id FROM paging_escalation e"
        " WHERE e.status IN ('paging', 'exhausted') AND e.next_at IS NOT NULL",
    )
    promises(
        "escalation_lapse",
        "SELECT 'escalation', e.id, 'escalation ' || e.id FROM paging_escalation e"
        " WHERE e.status = 'held' AND e.next_at IS NOT NULL",
    )
    promises(
        "sla_breach",
        "SELECT 'clock', c.id, c.record_kind || ' ' || c.record_id || ': ' || c.name, c.due_at FROM clocks_clock c"
        " WHERE c.state = 'running' AND c.due_at IS NOT NULL AND c.target_s IS NOT NULL"
        " AND NOT 'breach' = ANY (c.told)",
        until=True,
    )
    _of_people()
    _of_the_rest()


def _of_people() -> None:
    """Accounts, their providers, their erasure."""
    promises("erasure.go_on", "SELECT 'user', e.user_id, 'erased-' || e.user_id FROM erasure_erasure e"
             " WHERE e.ended_at IS NULL")  # fmt: skip
    promises("erasure.export", "SELECT 'person_export', x.id, 'export ' || x.id FROM erasure_personexport x"
             " WHERE x.ended_at IS NULL")  # fmt: skip
    promises(
        "erasure.export_gone",
        "SELECT 'person_export', x.id, 'export ' || x.id, x.ended_at + interval '24 hours'"
        " FROM erasure_personexport x WHERE x.ended_at IS NOT NULL AND x.name <> ''",
        until=True,
    )
    promises(
        "second factors: a reset is due",
        "SELECT 'factor_reset', r.id, 'reset ' || r.id, r.due_at FROM second_factors_factorreset r"
        " WHERE r.done_at IS NULL AND r.stopped_at IS NULL AND r.due_at IS NOT NULL",
        until=True,
    )
    promises(
        "scim.follow",
        "SELECT DISTINCT 'identity_provider', p.id, p.slug FROM scim_owed o JOIN scim_scimuser u ON u.id = o.member_id"
        " JOIN identity_identityprovider p ON p.id = u.provider_id",
    )
    promises(
        "directory.preview",
        "SELECT 'sync_run', r.id, 'preview ' || r.id FROM directory_syncrun r"
        " WHERE r.preview AND r.outcome = 'waiting'",
    )
    # From its first sync on: one that was only just trusted is promised its first by the next minute's look.
    promises(
        "directory.sync",
        "SELECT 'identity_provider', p.id, p.slug, 'infinity'::timestamptz FROM identity_identityprovider p"
        " WHERE p.protocol = 'ldap' AND p.trusted_at IS NOT NULL AND p.withdrawn_at IS NULL"
        " AND EXISTS (SELECT FROM directory_syncrun r"
        " WHERE r.provider_id = p.id AND NOT r.preview AND r.outcome = 'done')",
        until=True,
    )


def _of_the_rest() -> None:
    """What lies beside them."""
    promises(
        "proposals: close",
        "SELECT 'proposal', p.id, 'proposal ' || p.id, p.closes_at FROM proposals_proposal p WHERE p.state = 'waiting'",
        until=True,
    )
    promises(
        "fields_purge",
        "SELECT 'field', f.id, f.key FROM fields_field f WHERE f.purging_at IS NOT NULL",
    )
    maintenance = "SELECT 'public_maintenance', m.id, 'maintenance ' || m.id, m.{at} FROM statuspage_maintenance m"
    promises(
        "status-maintenance-begins", maintenance.format(at="starts_at") + " WHERE m.status = 'scheduled'", until=True
    )
    promises(
        "status-maintenance-ends",
        maintenance.format(at="ends_at") + " WHERE m.status IN ('scheduled', 'in_progress')",
        until=True,
    )
    promises(
        "mail.keep_sign_in",
        "SELECT 'mailbox', m.id, m.address, 'infinity'::timestamptz FROM mail_mailbox m"
        " WHERE m.host <> '' AND m.auth = 'xoauth2' AND m.token_used_at IS NOT NULL",
        until=True,
    )
    promises("audit.check_asked_for", "SELECT 'asked_check', c.id, 'check ' || c.id FROM audit_trail_askedcheck c"
             " WHERE c.ended_at IS NULL")  # fmt: skip
    watched_by("audit.anchor", "anchors")
    watched_by("mail.fetch", "mailboxes")
    watched_by("invariants: tell of a violation", "violations_untold")
    says_nothing("escalation_exhausted", "The last resort was called with it; whoever keeps the subject sees it there.")
    says_nothing("calendar_recount", "Each clock that is read reckons anew; a warning may come at the older instant.")
    for name in NAMES:
        if name != "breach":
            says_nothing(PREFIX + name, "A warning ahead of a breach, which is promised and re-derived.")
