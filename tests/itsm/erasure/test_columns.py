"""Every column that says who somebody is, by its name, is marked so, or stands here with why it is none."""

import re

from django.apps import apps
from django.db import models

from itsm.accounts import erasing
from itsm.accounts.models import User
from itsm.accounts.naming import naming_columns
from itsm.erasure.queries import skipped

_NAMES = re.compile(
    r"(^|_)(by|who|whom|actor|owner|author|sender|login|username|email|mail|from|to|person|people|user|name_of)"
    r"(_name|_id|s)?$|^(by|actor|sender|owner)_|_by$|_said$"
)
# Addresses are found wherever they stand; the others name no person.
NOBODY = {
    "accounts_resetrequest.asked_from", "accounts_session.by", "audit_entry.actor_kind", "catalog_measure.set_by",
    "catalog_relationclaim.by", "changes_changemodel.hours_from", "changes_chaosabort.last_said",
    "directory_directorysync.changed_to", "fields_fieldset.owner", "incidents_alertoccurrence.routed_by",
    "incidents_imported.caused_by", "mail_incomingmail.forwarded_from", "mail_incomingmail.sender",
    "mail_mailbox.from_name", "mail_mailbox.username", "mail_outgoingmail.to", "oauth_oauthclient.registered_from", "oncall_override.imported_from",
    "oncall_schedule.imported_from", "paging_pagingprovider.username", "slo_datasource.username",
    "slo_objective.managed_by", "statuspage_subscriber.asked_from", "work_view.group_by",
}  # fmt: skip

# Whose subject is a line of text, or whose id is a deployment's.
NO_ONE = {
    "approvals_confirmation", "changes_deploymentevent", "mail_incomingmail", "notifications_notification",
}  # fmt: skip


def _of_people() -> set[str]:
    left_out, gone = set(skipped()), set(erasing.registered())
    return {
        f"{model._meta.db_table}.{column.column}"
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if model._meta.db_table not in left_out | gone
        and not model._meta.db_table.startswith(("django_", "auth_"))
        and isinstance(column, models.CharField | models.TextField | models.JSONField)
        and not column.choices
        and _NAMES.search(column.column)
    }


def test_each_is_marked_or_names_nobody() -> None:
    found = _of_people()
    assert found - set(naming_columns()) == NOBODY & found
    assert "audit_entry.actor_name" in found


def test_what_another_system_calls_them_goes_with_them() -> None:
    """Rows with a reference to an account that would go with it, and a word of what they are called elsewhere."""
    words = re.compile(r"^(subject|external_id|chat_user|user_name|name_said)$")
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if any(one.related_model is User for one in model._meta.concrete_fields)
        and any(words.match(one.column) for one in model._meta.concrete_fields)
    }
    assert tables >= {"identity_externalidentity", "webhooks_chataccount"}
    assert tables - set(erasing.registered()) - NO_ONE == set()
