"""What happens to records by an import, in words."""

from django.utils.translation import gettext_lazy as _

HISTORY = {"imported": _("brought it in from another desk"), "imported_again": _("brought it in anew")}

SOURCES = {"servicenow": "ServiceNow"}

# What the other desk calls its fields -> what people call them.
FIELDS_THERE = {
    "incident_state": _("State"), "priority": _("Priority"), "impact": _("Impact"), "urgency": _("Urgency"),
    "assignment_group": _("Queue"), "assigned_to": _("Assigned to"), "category": _("Category"),
    "subcategory": _("Subcategory"), "cmdb_ci": _("Configuration item"), "vendor": _("Vendor"),
    "problem_id": _("Problem"), "rfc": _("Change"), "caused_by": _("Caused by change"), "closed_code": _("Outcome"),
}  # fmt: skip
