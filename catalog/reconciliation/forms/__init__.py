"""What people type about imports, sources and what sources say."""

from catalog.reconciliation.forms.files import FilesForm
from catalog.reconciliation.forms.sources import PrecedenceForm, SourceForm, WhyForm

__all__ = ["FilesForm", "PrecedenceForm", "SourceForm", "WhyForm"]
