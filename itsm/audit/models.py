"""What happened: one entry per event, written in the event's own transaction, never changed; and the chain that proves
it (`sql/chain.sql`), which only the database writes."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.audit import append_only
from itsm.audit.append_only import LINKS_ARE_KEPT
from itsm.audit.chains import CHAINS
from itsm.audit.of_agents import MAY_NOTE
from itsm.kernel.actors import Kind


class Entry(models.Model):
    """Who did what to which record, through which door, with values before and after."""

    at = models.DateTimeField(_("at"), db_default=models.functions.Now(), editable=False)
    actor_id = models.BigIntegerField(_("actor"), null=True)  # no foreign key: history outlives accounts
    actor_name = models.CharField(_("actor name"), max_length=150)
    actor_kind = models.CharField(_("actor kind"), max_length=10)
    via = models.CharField(_("door"), max_length=10)
    event = models.CharField(_("event"), max_length=80)
    record_kind = models.CharField(_("record kind"), max_length=40)
    record_id = models.BigIntegerField(_("record"))
    reference = models.CharField(_("reference"), max_length=80)
    changes = models.JSONField(_("changes"), default=dict)  # field -> [before, after]
    remark = models.TextField(_("remark"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-id",)
        triggers = append_only.KEPT
        indexes = [
            models.Index(fields=["record_kind", "record_id", "-id"], name="audit_by_record"),
            models.Index(fields=["actor_id", "-id"], name="audit_by_actor"),
            BrinIndex(fields=["at"], name="audit_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(actor_kind=Kind.AGENT.value) | models.Q(event__in=MAY_NOTE),
                name="software_agents_decide_nothing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.reference} by {self.actor_name}"


class Link(models.Model):
    """What proves an entry: the hash of what it says, and of the link before it in one of sixteen chains.

    `revision` 0: as it was written; 1 and more: after names or texts were taken from it, `because` of an erasure
    ("mask", `because_id` is its id) or of a rule of retention ("purge"). The newest alone has its salt.
    """

    pk = models.CompositePrimaryKey("chain", "seq")
    chain = models.SmallIntegerField(_("chain"))
    seq = models.BigIntegerField(_("position"))
    entry_id = models.BigIntegerField(_("entry"))
    revision = models.IntegerField(_("revision"))
    because = models.CharField(_("because of"), max_length=10, blank=True)
    because_id = models.BigIntegerField(_("because of which"), null=True)
    form = models.SmallIntegerField(_("form"))
    salt = models.BinaryField(_("salt"), null=True)
    content = models.BinaryField(_("hash of what it says"))
    previous = models.BinaryField(_("hash of the link before"))
    hash = models.BinaryField(_("hash"))

    class Meta:
        verbose_name = _("audit link")
        verbose_name_plural = _("audit links")
        triggers = [LINKS_ARE_KEPT, append_only.TABLE_IS_KEPT]
        constraints = [
            models.UniqueConstraint(fields=["entry_id", "revision"], name="one_link_of_a_revision"),
            models.CheckConstraint(condition=models.Q(chain__range=(0, CHAINS - 1)), name="a_chain_is_one_of_sixteen"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}"


class Head(models.Model):
    """The last link of a chain, locked by whoever appends the next one."""

    chain = models.SmallIntegerField(_("chain"), primary_key=True)
    seq = models.BigIntegerField(_("position"))
    hash = models.BinaryField(_("hash"))

    class Meta:
        verbose_name = _("head of an audit chain")
        verbose_name_plural = _("heads of audit chains")
        triggers = [append_only.TABLE_IS_KEPT]

    def __str__(self) -> str:
        return f"{self.chain}:{self.seq}"


class Anchor(models.Model):
    """Heads that were signed to be laid outside: the line as it lies there (`itsm.audit.anchors`)."""

    number = models.BigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("at"))
    line = models.TextField(_("line"))
    digest = models.CharField(_("hash of the line"), max_length=64)

    class Meta:
        verbose_name = _("audit anchor")
        verbose_name_plural = _("audit anchors")
        ordering = ("-number",)
        triggers = append_only.KEPT

    def __str__(self) -> str:
        return str(self.number)


class Copied(models.Model):
    """That all anchors up to a number lie outside, or that the last try failed: one row a place (folder, web)."""

    place = models.CharField(_("place"), max_length=40, unique=True)
    number = models.BigIntegerField(_("number"), default=0)
    at = models.DateTimeField(_("at"), null=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("copies of audit anchors")
        verbose_name_plural = _("copies of audit anchors")

    def __str__(self) -> str:
        return f"{self.place}: {self.number}"


class Verification(models.Model):
    """A check of the history: all of it (`whole`) or what came since the one before, and what was wrong."""

    at = models.DateTimeField(_("at"))
    whole = models.BooleanField(_("all of it"))
    heads = models.JSONField(_("heads"))
    newest = models.BigIntegerField(_("newest entry"))
    entries = models.BigIntegerField(_("entries"))
    seconds = models.FloatField(_("seconds"))
    findings = models.JSONField(_("findings"), default=list)
    anchored = models.BigIntegerField(_("anchors"), default=0)

    class Meta:
        verbose_name = _("check of the history")
        verbose_name_plural = _("checks of the history")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {len(self.findings)}"
