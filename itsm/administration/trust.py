"""What lets others in, or gives them something, once two people said so, or one who showed who they are."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from itsm.kernel.actors import Actor


class OfKeepers(models.QuerySet[Any]):
    """Those that a reader sees, and those that hold."""

    def may_read(self, actor: Actor) -> bool:
        """Who sees them: an app says so."""
        raise NotImplementedError

    def visible_to(self, actor: Actor) -> Self:
        """For administrators and auditors."""
        return self if self.may_read(actor) else self.none()

    def standing(self) -> Self:
        """Those that are trusted, and not withdrawn."""
        return self.filter(trusted_at__isnull=False, withdrawn_at=None)


class Trust(models.Model):
    """`stands`: the words of an app for what is not trusted yet, what is, and what was withdrawn. Its manager is made
    of its own `OfKeepers`."""

    stands: ClassVar[tuple[Any, Any, Any]]

    asked_at = models.DateTimeField(_("asked at"))
    trusted_at = models.DateTimeField(_("trusted since"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    awaits: Any = None  # the confirmation that it waits for, where it was proposed just now

    class Meta:
        abstract = True

    @property
    def standing(self) -> Any:
        """A word of `stands`."""
        return self.stands[2 if self.withdrawn_at is not None else 0 if self.trusted_at is None else 1]

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return ("amber", "green", "grey")[self.stands.index(self.standing)]
