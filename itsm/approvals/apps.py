from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "itsm.approvals"
    label = "approvals"
