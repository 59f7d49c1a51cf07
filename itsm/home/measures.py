"""/metrics: what is owed, what is due, what was decided. Read from the database, so every process says the same."""

from collections.abc import Iterable

from django.db import DatabaseError, connection
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

# name, help, label ("" for none), query returning (label, value) or (value,)
_QUERIES: tuple[tuple[str, str, str, str], ...] = (
    ("headroom_deliveries_owed", "Deliveries that are owed.", "channel",
     "SELECT channel, count(*) FROM notifications_delivery WHERE delivered_at IS NULL AND dead_at IS NULL GROUP BY 1"),
    ("headroom_deliveries_dead", "Deliveries that were given up.", "channel",
     "SELECT channel, count(*) FROM notifications_delivery WHERE dead_at IS NOT NULL GROUP BY 1"),
    ("headroom_oldest_owed_seconds", "Age of the oldest delivery that is owed.", "",
     "SELECT COALESCE(extract(epoch FROM now() - min(created_at)), 0) FROM notifications_delivery"
     " WHERE delivered_at IS NULL AND dead_at IS NULL"),
    ("headroom_deliveries_owed_by_lane", "Deliveries that are owed.", "lane",
     "SELECT lane, count(*) FROM notifications_delivery WHERE delivered_at IS NULL AND dead_at IS NULL GROUP BY 1"),
    ("headroom_last_sweep_age_seconds", "Time since a worker finished a sweep; NaN when none ever did.", "",
     "SELECT COALESCE(extract(epoch FROM now() - max(swept_at)), 'NaN') FROM clocks_heartbeat"
     " WHERE split_part(worker, '@', 1) NOT IN ('paging', 'intake', 'mail', 'push', 'webhook', 'watch', 'auditor')"),
    ("headroom_lane_age_seconds", "Time since a lane, the worker (celery) or the watch finished a look.", "lane",
     "SELECT split_part(worker, '@', 1), extract(epoch FROM now() - max(swept_at)) FROM clocks_heartbeat"
     " WHERE swept_at IS NOT NULL GROUP BY 1"),
    ("headroom_late_found", "What the watch found more than a minute late, and did, since the first of them.", "what",
     "SELECT name, found FROM clocks_lateness"),
    ("headroom_mailbox_unread_seconds", "Time since a mailbox that should be read was read, or connected.", "mailbox",
     "SELECT slug, extract(epoch FROM now() - COALESCE(read_at, connected_at, created_at)) FROM mail_mailbox"
     " WHERE host <> '' AND paused_at IS NULL"),
    ("headroom_undeliverable_addresses", "Addresses that nothing is sent to because mail bounced there.", "",
     "SELECT count(*) FROM mail_undeliverableaddress WHERE lifted_at IS NULL"),
    ("headroom_outgoing_held", "1 while outgoing deliveries are held after a restore.", "",
     "SELECT count(*) FROM notifications_quarantine WHERE released_at IS NULL"),
    ("headroom_backup_age_seconds", "Age of the data of the last backup that passed; +Inf where there is none.", "",
     "SELECT COALESCE(extract(epoch FROM now() - max(of_at)), 'Infinity') FROM continuity_continuityrun"
     " WHERE what = 'backup' AND passed"),
    ("headroom_drill_age_seconds", "Time since a backup was restored and proven; +Inf where none ever was.", "",
     "SELECT COALESCE(extract(epoch FROM now() - max(ended_at)), 'Infinity') FROM continuity_continuityrun"
     " WHERE what = 'drill' AND passed"),
    ("headroom_due_overdue", "Promises past their instant and not kept.", "",
     "SELECT count(*) FROM clocks_due WHERE done_at IS NULL AND given_up_at IS NULL AND at < now()"),
    ("headroom_due_given_up", "Promises that were given up.", "",
     "SELECT count(*) FROM clocks_due WHERE given_up_at IS NOT NULL"),
    ("invariant_violations", "What was found of an invariant that does not hold; 0 where it holds.", "id",
     "SELECT c.invariant, CASE WHEN v.id IS NULL THEN 0 ELSE greatest(v.count, 1) END FROM invariants_invariantcheck c"
     " LEFT JOIN invariants_violation v ON v.invariant = c.invariant AND v.cleared_at IS NULL"),
    ("headroom_auditor_age_seconds", "Time since the auditor had an answer to all that it asks each minute.", "",
     "SELECT extract(epoch FROM now() - looked_at) FROM invariants_auditor"),
    ("headroom_incidents_open", "Open incidents by priority.", "priority",
     "SELECT priority, count(*) FROM incidents_incident WHERE status IN ('new','in_progress','on_hold') GROUP BY 1"),
    # A retired objective is evaluated no more: it is neither in a state nor late.
    ("headroom_budgets", "Error budgets by state.", "state",
     "SELECT b.state, count(*) FROM slo_budget b JOIN slo_objective o ON o.id = b.objective_id"
     " WHERE o.retired_at IS NULL GROUP BY 1"),
    ("headroom_budgets_evaluated_age_seconds", "Age of the oldest evaluation of a budget.", "",
     "SELECT COALESCE(extract(epoch FROM now() - min(b.evaluated_at)), 0) FROM slo_budget b"
     " JOIN slo_objective o ON o.id = b.objective_id WHERE o.retired_at IS NULL"),
    ("headroom_gate_verdicts", "Verdicts of the gate in the last hour, by outcome.", "outcome",
     "SELECT outcome, count(*) FROM changes_decision WHERE decided_at > now() - interval '1 hour' GROUP BY 1"),
)  # fmt: skip


class _FromTheDatabase(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        up = GaugeMetricFamily("headroom_database_up", "1 when the database answered.")
        try:
            with connection.cursor() as cursor:
                for name, text, label, query in _QUERIES:
                    cursor.execute(query)
                    yield _family(name, text, label, cursor.fetchall())
            up.add_metric([], 1)
        except DatabaseError:
            up.add_metric([], 0)
        yield up


def _family(name: str, text: str, label: str, rows: list[tuple[object, ...]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label] if label else [])
    for row in rows:
        family.add_metric([str(row[0])] if label else [], float(str(row[-1])))
    return family


def exposition() -> bytes:
    registry = CollectorRegistry()
    registry.register(_FromTheDatabase())
    return generate_latest(registry)
