"""What stands in an environment, for the register that asks before one is taken out."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from changes.calendar.models import CalendarWindow
from changes.change.models import Change
from changes.change_models.models import ChangeModel

_MAX_ROWS = 1000


def changes_in(environment: str) -> Iterator[str]:
    """Changes, models and calendar entries that name it, over or not."""
    number = Change.objects.filter(environment=environment)[: _MAX_ROWS + 1].count()
    if number > _MAX_ROWS:
        yield gettext("more than %(number)d changes") % {"number": _MAX_ROWS}
    elif number:
        yield ngettext("%(number)d change", "%(number)d changes", number) % {"number": number}
    number = ChangeModel.objects.filter(environments__contains=[environment]).count()
    if number:
        yield ngettext("%(number)d change model", "%(number)d change models", number) % {"number": number}
    number = CalendarWindow.objects.filter(environments__contains=[environment]).count()
    if number:
        yield ngettext("%(number)d calendar entry", "%(number)d calendar entries", number) % {"number": number}
