"""Every write of reports: exports, reports that are kept, and reports by mail."""

from incidents.reports.operations.exporting import AT_ONCE, KINDS, Export, export
from incidents.reports.operations.mailing import SENDING, mail_to, no_more_mail, send_when_due
from incidents.reports.operations.saving import edit_report, remove_report, save_report

__all__ = [
    "AT_ONCE", "KINDS", "SENDING", "Export", "edit_report", "export", "mail_to", "no_more_mail", "remove_report",
    "save_report", "send_when_due",
]  # fmt: skip
