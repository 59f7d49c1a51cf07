"""What every batch of an import looks up, read once."""

from collections.abc import Sequence
from functools import cached_property

from catalog.cmdb.models import CIClass, RelationType
from catalog.engine import precedence as engine
from catalog.engine.identifiers import Classes
from catalog.environments.models import Environment
from catalog.reconciliation.models import Precedence, Source
from itsm.accounts.models import Team
from itsm.fields import queries as fields
from itsm.fields.models import Field


class Known:
    """Classes with their fields, sources with their ranks, teams and types, as they were when first asked for."""

    def __init__(self) -> None:
        self.teams_to_come: set[str] = set()  # slugs that the same run brings
        self._fields: dict[str, dict[str, Field]] = {}

    @cached_property
    def classes(self) -> dict[str, CIClass]:
        """By key, retired ones too."""
        return {one.slug: one for one in CIClass.objects.all()}

    @cached_property
    def lineages(self) -> dict[str, tuple[str, ...]]:
        """Class -> its ancestors from the root on, itself last."""
        slugs = {one.pk: one.slug for one in self.classes.values()}
        return {slug: tuple(slugs[pk] for pk in one.lineage) for slug, one in self.classes.items()}

    @cached_property
    def identifiers(self) -> Classes:
        """By what things of each class are known."""
        own = {slug: tuple(one.schemes) for slug, one in self.classes.items() if one.schemes}
        return Classes(self.lineages, own)

    @cached_property
    def sources(self) -> dict[int, Source]:
        """By id."""
        return {one.pk: one for one in Source.objects.all()}

    @cached_property
    def precedence(self) -> engine.Precedence:
        """Whose word goes first, as the engine takes it."""
        slugs = {pk: one.slug for pk, one in self.sources.items()}
        rules = Precedence.objects.values_list("ci_class__slug", "key", "source_id", "rank")
        return engine.Precedence(
            [engine.Source(one.slug, one.rank, one.silent_after) for one in self.sources.values()],
            [engine.Rule(class_slug, key, slugs[source], rank) for class_slug, key, source, rank in rules],
        )

    @cached_property
    def teams(self) -> dict[str, Team]:
        """By slug, and by name in small letters; one that was merged stands for where it went."""
        found: dict[str, Team] = {}
        for one in Team.objects.select_related("merged_into").order_by("-pk"):
            standing = one.merged_into or one
            if standing.retired_at is None:
                found |= {one.name.lower(): standing, one.slug: standing}
        return found

    @cached_property
    def environments(self) -> dict[str, str]:
        """A word, in small letters -> the environment that it means."""
        rows = Environment.objects.prefetch_related("words")
        return {word: one.name for one in rows for word in [one.name.lower(), *(each.word for each in one.words.all())]}

    @cached_property
    def types(self) -> dict[str, RelationType]:
        """The living types of relations by key."""
        return {one.slug: one for one in RelationType.objects.filter(retired_at=None)}

    def fields(self, class_slug: str) -> dict[str, Field]:
        """The living fields of a class by key, with those that it inherits."""
        if class_slug not in self._fields:
            owner = self.classes[class_slug].owner
            self._fields[class_slug] = {one.key: one for one in fields.live(owner)}
        return self._fields[class_slug]

    def lineage(self, class_slug: str) -> Sequence[str]:
        """A class and its ancestors, the root first; of one that nobody knows itself alone."""
        return self.lineages.get(class_slug, (class_slug,))
