"""Shape of the question for an export."""

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form


class ExportForm(Form):
    form = forms.ChoiceField(
        label=_("As"), choices=[("csv", _("CSV, for a spreadsheet")), ("ndjson", _("NDJSON, a line of JSON each"))]
    )
