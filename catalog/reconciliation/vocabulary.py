"""The words of reconciliation: formats, how runs go, what becomes of a document."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Format(TextChoices):
    """What a source sends. People write by hand; bulk documents come over REST."""

    BACKSTAGE = "backstage", _("Backstage")
    NETBOX = "netbox", _("NetBox")
    KUBERNETES = "kubernetes", _("Kubernetes")
    ANSIBLE = "ansible", _("Ansible facts")
    CSV = "csv", _("CSV")
    BULK = "bulk", _("REST")
    PEOPLE = "people", _("written by hand")


# Where a source begins when it is first used: the lower, the sooner believed.
RANKS = {
    Format.PEOPLE: 0, Format.NETBOX: 10, Format.BACKSTAGE: 15, Format.KUBERNETES: 20, Format.ANSIBLE: 20,
    Format.BULK: 25, Format.CSV: 30,
}  # fmt: skip


class RunState(TextChoices):
    """How far a run is. A planned one has checked everything and written nothing."""

    PLANNED = "planned", _("planned")
    APPLYING = "applying", _("applying")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Outcome(TextChoices):
    """What became of a document."""

    WAITING = "waiting", _("waiting")
    REFUSED = "refused", _("refused")
    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")


class ConflictState(TextChoices):
    """Open until somebody accepts that sources differ, or they agree again."""

    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    SETTLED = "settled", _("settled")


class Kept(TextChoices):
    """What stays as strict as it was, since who began an import may not loosen it."""

    RELATION = "relation", _("a relation")
    SHARE = "share", _("how many of a group are needed")
    MEMBERS = "members", _("how many of a group may fail")


class Direction(TextChoices):
    """Which end of a relation a document is that claims it: its source, or its target."""

    OUT = "out", _("from it")
    IN = "in", _("to it")


EVERY_KEY = "*"
BATCH = 500  # documents in one transaction
MOST_ATOMIC = 5_000  # documents of a run that is applied as one
MOST_KEPT = 1_000  # of what stays as strict as it was a run names so much
# What a claim is about, beside `attributes.<key>`.
# Conflicts that are no differing values: another branch of the classes, and what only people decide.
CLASS, IDENTITY = "class", "identity"
NAME, STATUS, ENVIRONMENT, TEAM, DESCRIPTION = "name", "status", "environment", "team", "description"
