"""What people type about policies: whole, cell by cell, who decides."""

from changes.policies.forms.authorities import AuthorityForm, as_typed, fits_the_form
from changes.policies.forms.policies import CellForm, NewPolicyForm, PolicyTextForm

__all__ = ["AuthorityForm", "CellForm", "NewPolicyForm", "PolicyTextForm", "as_typed", "fits_the_form"]
