"""What the app stores, for Django; a folder per sub-domain holds it."""

from catalog.agreements.models import Agreement, AgreementVersion, Offering
from catalog.capacity.models import Exhaustion, Forecast, Measure, Point
from catalog.cmdb.models import (
    CI,
    Arrow,
    CIClass,
    Condition,
    Explanation,
    GraphChange,
    Group,
    History,
    Identifier,
    Layout,
    Relation,
    RelationType,
)
from catalog.environments.models import Environment, EnvironmentWord
from catalog.health.models import Examined, Finding, HealthDay, Round, RoundLine
from catalog.improvement.models import Improvement
from catalog.items.models import CatalogItem, CatalogItemVersion, Entitlement, FormUpload
from catalog.knowledge.models import Article, ArticleUse, ArticleVersion, ArticleVote, ArticleWord
from catalog.reconciliation.models import Conflict as SourceConflict
from catalog.reconciliation.models import (
    Mapping,
    Precedence,
    RelationClaim,
    Renewal,
    Run,
    RunDocument,
    Source,
    SourceRecord,
    Verdict,
)
from catalog.requests.models import Request, RequestItem, WantedChange
from catalog.services.models import Service
from catalog.services.vocabulary import Tier

__all__ = [
    "CI",
    "Agreement",
    "AgreementVersion",
    "Arrow",
    "Article",
    "ArticleUse",
    "ArticleVersion",
    "ArticleVote",
    "ArticleWord",
    "CIClass",
    "CatalogItem",
    "CatalogItemVersion",
    "Condition",
    "Entitlement",
    "Environment",
    "EnvironmentWord",
    "Examined",
    "Exhaustion",
    "Explanation",
    "Finding",
    "Forecast",
    "FormUpload",
    "GraphChange",
    "Group",
    "HealthDay",
    "History",
    "Identifier",
    "Improvement",
    "Layout",
    "Mapping",
    "Measure",
    "Offering",
    "Point",
    "Precedence",
    "Relation",
    "RelationClaim",
    "RelationType",
    "Renewal",
    "Request",
    "RequestItem",
    "Round",
    "RoundLine",
    "Run",
    "RunDocument",
    "Service",
    "Source",
    "SourceConflict",
    "SourceRecord",
    "Tier",
    "Verdict",
    "WantedChange",
]
