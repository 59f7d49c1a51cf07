"""Shapes of what people type about changes: of their content, and of the steps that they take with them."""

from changes.change.forms.steps import (
    AnswerForm,
    ApproveForm,
    AttestForm,
    AttestorForm,
    ChangeTaskForm,
    CloseForm,
    DeclineForm,
    ImpactedForm,
    LengthForm,
    NoteForm,
    NothingMore,
    OverrideForm,
    SlotForm,
    WhyForm,
    step_form,
)

__all__ = [
    "AnswerForm",
    "ApproveForm",
    "AttestForm",
    "AttestorForm",
    "ChangeTaskForm",
    "CloseForm",
    "DeclineForm",
    "ImpactedForm",
    "LengthForm",
    "NoteForm",
    "NothingMore",
    "OverrideForm",
    "SlotForm",
    "WhyForm",
    "step_form",
]
