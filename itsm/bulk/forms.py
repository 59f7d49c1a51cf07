"""What the selection bar of a list sends, read as actions."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ParseError

from itsm.accounts.models import User
from itsm.accounts.queues import nameable_queues
from itsm.api.parsers import loads
from itsm.bulk.models import MOST
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.kernel.references import number_in
from itsm.work import actions, linkable
from itsm.work.actions import Action
from itsm.work.label_field import LabelsField

_LONGEST_REFERENCE = 20


class WordsForm(Form):
    """A note, or a reply to each caller."""

    text = forms.CharField(label=gettext_lazy("Words"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))


class ParentForm(Form):
    """What they all become children of."""

    parent = forms.CharField(
        label=gettext_lazy("Parent"), max_length=_LONGEST_REFERENCE,
        help_text=gettext_lazy("The reference of an open record without a parent: they are resolved with it."),
    )  # fmt: skip


class LabelsForm(Form):
    """Labels that all of them get, and labels that all of them lose; the others stay."""

    add_labels = LabelsField(gettext_lazy("Add"))
    remove_labels = LabelsField(gettext_lazy("Take away"))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(said.values()):
            raise forms.ValidationError(gettext_lazy("Name a label to add or to take away."))
        return said


def numbers_sent(post: QueryDict, record_kind: str) -> list[int]:
    """The ids behind the references that were sent, with blanks between. Raises InvalidInput."""
    prefix = linkable.prefix_of(record_kind)
    found = []
    for text in post.get("references", "")[: (MOST + 1) * _LONGEST_REFERENCE].split():
        number = number_in(text, prefix)
        if number is None:
            raise InvalidInput(_("%(text)s is no reference of this kind.") % {"text": text[:_LONGEST_REFERENCE]})
        found.append(number)
    return found


def actions_sent(post: QueryDict, actor: Actor) -> list[Action]:
    """One action of the bar: `field` and `value` as a line of the list sends them, or `actions` as JSON; nothing where
    a macro is named. Raises InvalidInput with a sentence.
    """
    if post.get("macro"):
        return []
    if "actions" in post:
        try:
            return actions.parse(loads(post.get("actions", "").encode("utf-8", "replace")))
        except ParseError as error:
            raise InvalidInput(_("These actions cannot be read.")) from error
    field, value = post.get("field", ""), post.get("value", "").strip()
    if field == "priority" and value.isdecimal() and len(value) == 1:
        return actions.parse([{"kind": "field", "value": {"priority": int(value)}}])
    if field == "assigned_to":
        return actions.parse(
            [{"kind": "assignee", "value": _named(User.objects.all(), value, "username") if value else None}]
        )
    if field == "team":
        return actions.parse([{"kind": "team", "value": _named(nameable_queues(actor), value, "slug")}])
    raise InvalidInput(_("Choose what is to be done."))


def _named(rows: Any, key: str, name: str) -> str:
    """The name by which REST knows what a list of choices sends by its key; a key of nothing is a name of nothing."""
    known = key.isdecimal() and len(key) < 10
    found = rows.filter(pk=int(key)).values_list(name, flat=True).first() if known else None
    if found is None:
        raise InvalidInput(_("There is no such choice."))
    return str(found)
