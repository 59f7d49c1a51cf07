"""Catalog items: who answers for one, whom it is for, and which of its versions is live."""

from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.items.models.versions import CatalogItemVersion
from catalog.items.permissions import readers
from catalog.items.vocabulary import MAX_CATEGORY, MAX_KEYWORD, MAX_NAME, MAX_SUMMARY, Status
from catalog.items.workflow import WORKFLOW
from itsm.audit.legal_moves import OnlyMoves
from itsm.kernel.actors import Actor
from itsm.slugs import slug_shape


class CatalogItemQuerySet(models.QuerySet["CatalogItem"]):
    def visible_to(self, actor: Actor) -> "CatalogItemQuerySet":
        """Every item, for who works here. What is offered to others is said by `queries.offered`."""
        return self if readers(actor) else self.none()

    def live(self) -> "CatalogItemQuerySet":
        """Those that can be asked for, by who is entitled."""
        return self.filter(live__isnull=False)


class CatalogItem(models.Model):
    """What people may ask for, in versions. `status` is that of the newest, which is `number`; `live` is the one that
    can be asked for, None where there is none: whether an item is offered is said by `live`, not by `status`.

    `name`, `summary`, `category`, `keywords` are those of the live version, of the newest where none is live.
    `writers`: ids of the people who wrote in the newest version; `needs_second`: whether another person publishes it.
    `entitled`: its entitlements again, in the history: a token, behind a minus where it keeps out.
    `entitled`: its entitlements again, in the history: a token, behind a minus where it keeps out.
    """

    kind = "catalog_item"
    workflow = WORKFLOW
    # Versions stand beside the history.
    untold = ("writers", "needs_second", "number", "live", "edited_at", "published_at", "content")

    slug = models.SlugField(_("slug"), max_length=63, unique=True, validators=[slug_shape], editable=False)
    name = models.CharField(_("name"), max_length=MAX_NAME)
    summary = models.CharField(_("summary"), max_length=MAX_SUMMARY, blank=True)
    category = models.CharField(_("category"), max_length=MAX_CATEGORY, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=MAX_KEYWORD), verbose_name=_("keywords"), default=list, blank=True
    )
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", verbose_name=_("team"))
    owner = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    number = models.PositiveIntegerField(_("newest version"), default=1)
    live = models.PositiveIntegerField(_("live version"), null=True, blank=True)
    writers = ArrayField(models.BigIntegerField(), verbose_name=_("who wrote in it"), default=list, blank=True)
    needs_second = models.BooleanField(_("another person publishes it"), default=True)
    entitled = ArrayField(
        models.CharField(max_length=81), verbose_name=_("who may ask for it"), default=list, blank=True, editable=False
    )
    created_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("record version"), default=1)

    objects = CatalogItemQuerySet.as_manager()

    class Meta:
        app_label = "catalog"
        verbose_name = _("catalog item")
        verbose_name_plural = _("catalog items")
        ordering = ("name", "id")
        triggers = [OnlyMoves(WORKFLOW)]
        indexes = [models.Index(fields=["category", "name"], condition=Q(live__isnull=False), name="items_offered")]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="state_of_a_catalog_item_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="a_catalog_item_has_a_name"),
            models.CheckConstraint(
                condition=Q(live=None) | Q(live__lte=F("number")), name="a_live_item_version_is_one_of_its_versions"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(live=F("number")), name="a_published_catalog_item_is_live"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RETIRED) | Q(live=None), name="a_retired_catalog_item_is_not_live"
            ),
            models.CheckConstraint(
                condition=Q(live=None) | Q(owner__isnull=False), name="a_live_catalog_item_has_an_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        return self.slug

    @cached_property
    def text(self) -> CatalogItemVersion:
        """What who asks gets: the live version, the newest where none is live. No query for one of `with_text`."""
        known: list[CatalogItemVersion] = getattr(self, "shown", [])
        return known[0] if known else self.versions.get(number=self.live or self.number)

    @cached_property
    def newest(self) -> CatalogItemVersion:
        """The version that is worked on, or that was last. One query."""
        return self.versions.get(number=self.number)

    @property
    def open_to_all(self) -> bool:
        """Everybody may ask for it."""
        return not self.entitled

    @property
    def has_draft_beside(self) -> bool:
        """Another version than the live one is being written or looked at."""
        return self.live is not None and self.live != self.number

    def get_absolute_url(self) -> str:
        return f"/catalog/items/{self.slug}/"
