"""What people type of macros and templates: they choose from what there is, and need no codes."""

from itsm.macros.forms.choices import people_offered
from itsm.macros.forms.macro import MacroForm
from itsm.macros.forms.parts import ActionForm, action_forms
from itsm.macros.forms.template import TemplateForm, template_typed

__all__ = [
    "ActionForm",
    "MacroForm",
    "TemplateForm",
    "action_forms",
    "people_offered",
    "template_typed",
]
