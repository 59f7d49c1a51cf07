"""What configuration items are stored as."""

from catalog.cmdb.models.classes import CIClass
from catalog.cmdb.models.graph import Arrow, GraphChange
from catalog.cmdb.models.history import Explanation, History
from catalog.cmdb.models.items import CI, Condition, Identifier
from catalog.cmdb.models.layouts import Layout
from catalog.cmdb.models.relations import Group, Relation, RelationType

__all__ = [
    "CI",
    "Arrow",
    "CIClass",
    "Condition",
    "Explanation",
    "GraphChange",
    "Group",
    "History",
    "Identifier",
    "Layout",
    "Relation",
    "RelationType",
]
