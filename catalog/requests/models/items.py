"""One item of a request, as it was offered then: its version, its answers, its price."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.items.vocabulary import decimals
from catalog.requests.models.requests import Request
from catalog.requests.vocabulary import MOST_OF_ONE
from catalog.requests.workflow import IN_WORK, ITEM, ITEM_OPEN, ITEM_OVER, ItemStatus
from itsm.audit.legal_moves import OnlyMoves


class RequestItem(models.Model):
    """What is asked for: `item` by its version `item_version`, which never changes, with the answers to its form.

    `price_minor`: of all of it, in minor units of `currency`; None: nothing is said. `content_hash`: of what approvals
    are about. `began_at`: when the first task began; from then on it costs something. `since`: when it came into its
    state. `team`: its queue.
    """

    kind = "request_item"
    workflow = ITEM
    untold = ("answers", "content_hash", "reason", "delivered", "question", "approved_at", "began_at", "since",
              "ended_at", "reopened_at", "price_minor", "currency")  # fmt: skip
    vocabularies = {"decision": {"approve": (_("approved"), "green"), "decline": (_("declined"), "red")}}

    request = models.ForeignKey(
        Request, models.CASCADE, related_name="items", verbose_name=_("request"), db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    item = models.ForeignKey("catalog.CatalogItem", models.PROTECT, related_name="+", verbose_name=_("item"))
    item_version = models.PositiveIntegerField(_("version of the item"))
    name = models.CharField(_("name"), max_length=200)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("queue"))
    assigned_to = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assigned to")
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    price_minor = models.BigIntegerField(_("price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    status = models.CharField(_("state"), max_length=20, choices=ItemStatus, default=ItemStatus.DRAFT, editable=False)
    question = models.TextField(_("question"), blank=True, max_length=2000)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    delivered = models.TextField(_("what was delivered"), blank=True, max_length=2000)
    content_hash = models.CharField(max_length=64, editable=False)
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)
    began_at = models.DateTimeField(_("begun at"), null=True, editable=False)
    since = models.DateTimeField(_("in this state since"))
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    reopened_at = models.DateTimeField(_("reopened at"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    # For the requirements of its table, which know no tasks: filled in by operations, not stored.
    open_tasks: tuple[str, ...] = ()
    failed_tasks: tuple[str, ...] = ()

    class Meta:
        app_label = "catalog"
        verbose_name = _("requested item")
        verbose_name_plural = _("requested items")
        ordering = ("request", "position")
        triggers = [OnlyMoves(ITEM)]
        indexes = [
            models.Index(fields=["team", "status", "-id"], name="requested_item_by_team"),
            models.Index(
                fields=["assigned_to", "-id"], condition=Q(status__in=ITEM_OPEN), name="requested_item_by_person"
            ),
            models.Index(
                fields=["item", "-approved_at"], include=["ended_at", "status"], name="requested_item_by_item"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="one_requested_item_of_a_position"),
            models.CheckConstraint(condition=Q(status__in=ItemStatus.values), name="requested_item_status_is_known"),
            models.CheckConstraint(
                condition=Q(quantity__range=(1, MOST_OF_ONE)), name="requested_item_is_asked_for_at_least_once"
            ),
            models.CheckConstraint(
                condition=Q(price_minor=None, currency="") | (Q(price_minor__gte=0) & ~Q(currency="")),
                name="price_of_a_requested_item_has_its_currency",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ITEM_OVER, ended_at__isnull=False)
                | (~Q(status__in=ITEM_OVER) & Q(ended_at=None)),
                name="requested_item_that_is_over_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[*IN_WORK, ItemStatus.DONE, ItemStatus.INCOMPLETE])
                | Q(approved_at__isnull=False),
                name="nothing_is_fulfilled_before_it_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ItemStatus.DECLINED, ItemStatus.SKIPPED, ItemStatus.INCOMPLETE])
                | ~Q(reason=""),
                name="what_is_not_delivered_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status=ItemStatus.WAITING) | ~Q(question=""), name="a_waiting_item_says_what_for"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.name}"

    @property
    def reference(self) -> str:
        return f"{self.request.reference}.{self.position}"

    @property
    def title(self) -> str:
        """What it is in a line, as other records have it."""
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in ITEM_OPEN

    @property
    def in_work(self) -> bool:
        return self.status in IN_WORK

    @property
    def price(self) -> Decimal | None:
        """In whole units of its currency, exactly; None where nothing is said."""
        return None if self.price_minor is None else Decimal(self.price_minor).scaleb(-decimals(self.currency))

    def get_absolute_url(self) -> str:
        return f"{self.request.get_absolute_url()}#item-{self.position}"
