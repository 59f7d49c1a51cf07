"""How somebody is reached, as they say it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.forms import Form
from itsm.kernel.errors import InvalidInput
from itsm.paging.models import ContactPoint, PersonalRule
from itsm.paging.operations.contacts import MOST_RULES, NewRule
from itsm.paging.vocabulary import PHONE_CHOICES, Channel


class ContactForm(Form):
    channel = forms.ChoiceField(label=lazy("Reached by"), choices=PHONE_CHOICES)
    address = forms.CharField(
        label=lazy("Number"), max_length=30, help_text=lazy("With its country: +49 151 12345678."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    name = forms.CharField(label=lazy("Name"), max_length=60, required=False, help_text=lazy("Such as: night phone."))


class CodeForm(Form):
    code = forms.CharField(
        label=lazy("Code"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class HandOverForm(Form):
    """`policy`: by which others are paged; empty: the same begins anew."""

    policy: Any = forms.ModelChoiceField(
        label=lazy("To which escalation policy?"), queryset=None, required=False, to_field_name="slug",
        empty_label=lazy("the same, from its first step"),
    )  # fmt: skip
    reason = forms.CharField(label=lazy("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, policies: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["policy"].queryset = policies  # type: ignore[attr-defined]


_OWN = {Channel.PUSH.value, Channel.MAIL.value}


def ways_offered(phones: Iterable[ContactPoint]) -> list[tuple[str, str]]:
    """What a rule may name: devices, mail, and each verified phone."""
    return [
        (Channel.PUSH.value, _("my devices")),
        (Channel.MAIL.value, _("mail")),
        *((str(one.pk), f"{one.get_channel_display()}: {one.name or one.shown}") for one in phones if one.is_verified),
    ]


def rules_typed(rules: Iterable[PersonalRule]) -> list[tuple[str, int]]:
    """(way, minutes) of each, and one that is empty."""
    typed = [(str(one.contact_id or one.channel), one.after_s // 60) for one in rules]
    return [*typed, ("", 0)][:MOST_RULES]


def rules_sent(sent: QueryDict, phones: Iterable[ContactPoint]) -> list[NewRule]:
    """Those lines that name a way. Raises InvalidInput."""
    by_id = {str(one.pk): one for one in phones}
    rules = []
    for way, minutes in zip(sent.getlist("way"), sent.getlist("after"), strict=False):
        if not way:
            continue
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 4):
            raise InvalidInput.about("rules", _("Say minutes as a whole number."))
        if way in _OWN:
            rules.append(NewRule(way, int(minutes) * 60))
        elif way in by_id:
            rules.append(NewRule(by_id[way].channel, int(minutes) * 60, by_id[way].pk))
        else:
            raise InvalidInput.about("rules", _("You have no such phone."))
    return rules
