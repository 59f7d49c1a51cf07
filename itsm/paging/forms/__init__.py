"""What pages of paging are filled in with."""

from itsm.paging.forms.contacts import CodeForm, ContactForm, HandOverForm, rules_sent, rules_typed
from itsm.paging.forms.policies import PolicyForm, StepTyped, choices_for, steps_sent, typed_of
from itsm.paging.forms.providers import ProviderForm, as_typed

__all__ = [
    "CodeForm",
    "ContactForm",
    "HandOverForm",
    "PolicyForm",
    "ProviderForm",
    "StepTyped",
    "as_typed",
    "choices_for",
    "rules_sent",
    "rules_typed",
    "steps_sent",
    "typed_of",
]
