"""Agreements and offerings as people type them."""

from catalog.agreements.forms.agreements import (
    AgreementForm,
    NewAgreementForm,
    SubjectForm,
    as_typed,
    levels_typed,
)
from catalog.agreements.forms.offerings import NewOfferingForm, OfferingForm, offering_as_typed

__all__ = [
    "AgreementForm",
    "NewAgreementForm",
    "NewOfferingForm",
    "OfferingForm",
    "SubjectForm",
    "as_typed",
    "levels_typed",
    "offering_as_typed",
]
