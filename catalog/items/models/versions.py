"""Versions of catalog items. What was proposed or asked for stays as it was: the database looks."""

from functools import cached_property
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.items.formats.approval import Approval, parse_approval
from catalog.items.formats.fulfilment import Fulfilment, parse_fulfilment
from catalog.items.vocabulary import (
    MAX_CATEGORY,
    MAX_HOURS,
    MAX_KEYWORD,
    MAX_NAME,
    MAX_PRICE,
    MAX_SUMMARY,
    PricePeriod,
    VersionStatus,
    decimals,
    in_words,
)
from itsm.audit.triggers import Guard
from itsm.fields.form.document import Form
from itsm.fields.form.parsing import parse_form
from itsm.markdown import MAX_CHARACTERS

# Of a version: everything that who asks sees, and everything that follows from asking.
CONTENT = (
    "name", "summary", "description", "category", "service_id", "keywords", "picture", "expected_hours", "form",
    "approval", "fulfilment", "bundle", "price_minor", "currency", "price_period", "asks_cost_centre", "agreement_id",
)  # fmt: skip
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in (*CONTENT, "hash", "writers")) for row in ("OLD", "NEW"))
# Held by the database: what people asked for, and what somebody looked at, is not rewritten; but the names of somebody
# who is erased become masks.
ITEM_VERSION_STAYS = Guard(
    name="item_version_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.item_id IS DISTINCT FROM NEW.item_id OR OLD.number IS DISTINCT FROM NEW.number OR "
        f"OLD.state <> 'draft' AND ({_OLD}) IS DISTINCT FROM ({_NEW})"
    ),
    func="""
    IF audit_only_masks(to_jsonb(OLD), to_jsonb(NEW)) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version of a catalog item stays as it was proposed' USING ERRCODE = 'check_violation';
    """,
)
# Where nobody is asked in every case, or a change is opened, the one who wrote it does not let it go.
ANOTHER_PERSON_PUBLISHES_ITEM = Guard(
    name="another_person_publishes_item",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Condition(
        "NEW.published_by_id = ANY (NEW.writers) AND ("
        "NOT NEW.approval @? '$.steps[*] ? (@.when == null)'"
        """ OR NEW.fulfilment @> '{"tasks": [{"kind": "change"}]}')"""
    ),
    func="""
    RAISE EXCEPTION 'who wrote in a version that needs a second person does not publish it'
      USING ERRCODE = 'check_violation';
    """,
)


def no_form() -> dict[str, Any]:
    """A form without a question."""
    return {"sections": []}


def no_approval() -> dict[str, Any]:
    """An approval of which nobody is asked."""
    return {"steps": []}


def no_fulfilment() -> dict[str, Any]:
    """A fulfilment without a task."""
    return {"tasks": []}


class CatalogItemVersion(models.Model):
    """All that who asks sees of an item under a number, and what follows from asking.

    `form`: what `itsm.fields.form.parsing.parse_form` takes; `approval`, `fulfilment`: what `formats` here take.
    `bundle`: slugs of the items that are asked for together. `price_minor`: in minor units of `currency`.
    `hash`: SHA-256 of the content. `writers`: ids of the people who wrote in it. `picture`: key of a file of the item.
    """

    kind = "catalog_item_version"

    item = models.ForeignKey("catalog.CatalogItem", models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT)
    name = models.CharField(_("name"), max_length=MAX_NAME)
    summary = models.CharField(_("summary"), max_length=MAX_SUMMARY, blank=True)
    description = models.TextField(_("description"), max_length=MAX_CHARACTERS, blank=True)
    category = models.CharField(_("category"), max_length=MAX_CATEGORY, blank=True)
    service = models.ForeignKey(
        "catalog.Service", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    keywords = ArrayField(
        models.CharField(max_length=MAX_KEYWORD), verbose_name=_("keywords"), default=list, blank=True
    )
    picture = models.UUIDField(_("picture"), null=True, blank=True)
    expected_hours = models.PositiveIntegerField(_("expected time in hours"), null=True, blank=True)
    form = models.JSONField(_("form"), default=no_form)
    approval = models.JSONField(_("approval"), default=no_approval)
    fulfilment = models.JSONField(_("fulfilment"), default=no_fulfilment)
    bundle = ArrayField(models.CharField(max_length=63), verbose_name=_("bundle"), default=list, blank=True)
    price_minor = models.BigIntegerField(_("price"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    price_period = models.CharField(_("price is paid"), max_length=5, choices=PricePeriod, default=PricePeriod.ONCE)
    asks_cost_centre = models.BooleanField(_("asks for a cost centre"), default=False)
    agreement = models.ForeignKey(
        "catalog.Agreement", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreement")
    )
    hash = models.CharField(_("hash"), max_length=64)
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list)
    written_at = models.DateTimeField(_("written at"))
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    proposed_at = models.DateTimeField(_("proposed at"), null=True)
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(_("published at"), null=True)

    class Meta:
        app_label = "catalog"
        verbose_name = _("version of a catalog item")
        verbose_name_plural = _("versions of catalog items")
        ordering = ("-number",)
        triggers = [ITEM_VERSION_STAYS, ANOTHER_PERSON_PUBLISHES_ITEM]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="one_version_of_a_catalog_item_by_number"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state=VersionStatus.PUBLISHED), name="one_live_version_of_a_catalog_item"
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=[VersionStatus.DRAFT, VersionStatus.PROPOSED]),
                name="one_version_of_a_catalog_item_is_worked_on",
            ),
            models.CheckConstraint(
                condition=Q(state__in=VersionStatus.values), name="state_of_an_items_version_is_known"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0, price_minor__lte=MAX_PRICE), name="price_of_an_item_is_possible"
            ),
            models.CheckConstraint(
                condition=Q(price_minor=0) | Q(currency__regex="^[A-Z]{3}$"), name="a_price_has_a_currency"
            ),
            models.CheckConstraint(condition=Q(price_period__in=PricePeriod.values), name="period_of_a_price_is_known"),
            models.CheckConstraint(
                condition=Q(expected_hours=None) | Q(expected_hours__lte=MAX_HOURS),
                name="expected_time_of_an_item_is_possible",
            ),
            models.CheckConstraint(
                condition=~Q(state=VersionStatus.PUBLISHED) | Q(published_by__isnull=False, published_at__isnull=False),
                name="a_published_item_version_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def price_in_words(self) -> str:
        """Its price with its currency: 129.00 EUR."""
        return in_words(self.price_minor, self.currency)

    @property
    def decimals(self) -> int:
        """Digits behind the point of its currency."""
        return decimals(self.currency)

    @property
    def picture_url(self) -> str:
        """Where its picture is; "" for none."""
        return f"/files/{self.picture}/" if self.picture else ""

    @cached_property
    def asked(self) -> Form:
        """What who asks for it fills in."""
        return parse_form(self.form)

    @cached_property
    def asks(self) -> Approval:
        """Who is asked before it is fulfilled."""
        return parse_approval(self.approval, self.asked)

    @cached_property
    def plan(self) -> Fulfilment:
        """What is done once it is approved."""
        return parse_fulfilment(self.fulfilment, self.asked)

    @property
    def reference(self) -> str:
        return f"{self.item_id} v{self.number}"
