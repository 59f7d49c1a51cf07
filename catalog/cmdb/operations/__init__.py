"""Every write to configuration items, their classes and relations."""

from catalog.cmdb.operations.classes import (
    add_class,
    add_relation_type,
    edit_class,
    edit_relation_type,
    retire_class,
    retire_relation_type,
)
from catalog.cmdb.operations.editing import edit_item
from catalog.cmdb.operations.explaining import explain
from catalog.cmdb.operations.histories import BY_HAND, Origin
from catalog.cmdb.operations.identifying import set_identifiers
from catalog.cmdb.operations.layouts import keep_layout
from catalog.cmdb.operations.opening import open_item
from catalog.cmdb.operations.relating import edit_group, end_relation, relate
from catalog.cmdb.operations.reporting import clear_condition, report_condition
from catalog.cmdb.operations.steps import build, order, put_into_service, retire, revive, take_out
from catalog.cmdb.operations.ticking import tick_task

__all__ = [
    "BY_HAND",
    "Origin",
    "add_class",
    "add_relation_type",
    "build",
    "clear_condition",
    "edit_class",
    "edit_group",
    "edit_item",
    "edit_relation_type",
    "end_relation",
    "explain",
    "keep_layout",
    "open_item",
    "order",
    "put_into_service",
    "relate",
    "report_condition",
    "retire",
    "retire_class",
    "retire_relation_type",
    "revive",
    "set_identifiers",
    "take_out",
    "tick_task",
]
