from typing import Any

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    settings_pages = (
        ("work", _("Agreements"), _("Targets of response and resolution, and between whom."), "agreements:list"),
        ("work", _("Environments"), _("Production and what stands before it."), "environments:list"),
        ("connections", _("Sources of items"), _("Where the CMDB is read from."), "item_imports:sources"),
    )
    enum_names = {
        "ItemState": "catalog.cmdb.vocabulary.Status",
        "ItemCondition": "catalog.cmdb.vocabulary.State",
        "ClaimDirection": "catalog.reconciliation.vocabulary.Direction",
        "ImportState": "catalog.reconciliation.vocabulary.RunState",
        "ImportOutcome": "catalog.reconciliation.vocabulary.Outcome",
        "ImportFormat": "catalog.reconciliation.vocabulary.Format",
        "KeptAsStrict": "catalog.reconciliation.vocabulary.Kept",
        "ConflictState": "catalog.reconciliation.vocabulary.ConflictState",
        "FindingKind": "catalog.health.vocabulary.Kind",
        "RoundState": "catalog.health.vocabulary.RoundState",
        "RoundAnswer": "catalog.health.vocabulary.Answer",
        "ImprovementStatus": "catalog.improvement.vocabulary.Status",
        "RequestStatus": "catalog.requests.workflow.Status",
        "RequestedItemStatus": "catalog.requests.workflow.ItemStatus",
        "RequestOutcome": "catalog.requests.vocabulary.Outcome",
        "FulfilmentTaskKind": "catalog.items.vocabulary.TaskKind",
        "WantedChangeState": "catalog.requests.vocabulary.WantedState",
        "ArticleStatus": "catalog.knowledge.vocabulary.Status",
        "ArticleVersionStatus": "catalog.knowledge.vocabulary.VersionStatus",
        "CatalogItemStatus": "catalog.items.vocabulary.Status",
        "CatalogItemVersionStatus": "catalog.items.vocabulary.VersionStatus",
        "PricePeriod": "catalog.items.vocabulary.PricePeriod",
        "ArticleLanguage": "catalog.knowledge.vocabulary.Language",
    }
    beat = {
        "imports that are owed": {
            "task": "catalog.reconciliation.tasks.go_on",
            "schedule": 5.0,
            "options": {"expires": 5, "priority": 5},
        },
        "items that are worked out anew": {
            "task": "catalog.reconciliation.tasks.renew_owed",
            "schedule": 5.0,
            "options": {"expires": 5, "priority": 6},
        },
        "forecast measures": {"task": "catalog.capacity.tasks.forecast_all", "schedule": 86_400.0},
        "forget old points": {"task": "catalog.capacity.tasks.forget_old_points", "schedule": 86_400.0},
        "what silence and other ranks make true": {
            "task": "catalog.reconciliation.tasks.renew",
            "schedule": 24 * 3600.0,
            "options": {"expires": 3600, "priority": 5},
        },
        "look at all items": {"task": "catalog.health.tasks.examine_all", "schedule": 86_400.0},
        "look at edited items": {
            "task": "catalog.health.tasks.examine_edited",
            "schedule": 15.0,
            "options": {"expires": 15, "priority": 6},
        },
        "forget files that nothing was asked with": {
            "task": "catalog.items.tasks.forget_unused_uploads",
            "schedule": 3600.0,
        },
        "keep the log of the graph short": {"task": "catalog.cmdb.tasks.compact_graph_log", "schedule": 3600.0},
    }

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from catalog.agreements import operations as agreements
        from catalog.agreements import queries as agreed
        from catalog.agreements import receivers as agreement_receivers
        from catalog.agreements.models import Offering
        from catalog.agreements.queries import of_team
        from catalog.capacity import news
        from catalog.capacity.models import Measure
        from catalog.capacity.operations.imported import take_readings
        from catalog.capacity.vocabulary import HISTORY as MEASURED
        from catalog.cmdb import queries as items
        from catalog.cmdb import receivers as histories
        from catalog.cmdb.models import CI, CIClass, Group, Relation, RelationType
        from catalog.cmdb.operations import dependencies as relations
        from catalog.cmdb.operations import seeding as cmdb
        from catalog.cmdb.operations import teams as items_of_teams
        from catalog.cmdb.workflow import HISTORY as LIFE
        from catalog.cmdb.workflow import WORKFLOW as LIFE_OF_ITEMS
        from catalog.environments import operations as environments
        from catalog.environments.operations.seeding import seed
        from catalog.environments.queries import used_by as environments_used_by
        from catalog.health import receivers as questions
        from catalog.health.models import Finding, Round
        from catalog.health.operations import teams as asked
        from catalog.health.workflow import HISTORY as ROUNDS
        from catalog.health.workflow import WORKFLOW as LIFE_OF_ROUNDS
        from catalog.reconciliation import receivers
        from catalog.reconciliation.models import Conflict, Mapping, Precedence, Run, Source, Verdict
        from catalog.reconciliation.operations import measured
        from catalog.services import operations, queries
        from catalog.services.models import Service
        from catalog.services.operations import dependencies
        from catalog.services.queries import offered
        from itsm.accounts import duties, rights, team_references
        from itsm.accounts.naming import names_people
        from itsm.approvals.confirming import confirms
        from itsm.fields import owners, references
        from itsm.lifecycle import record_changed
        from itsm.notifications import rules
        from itsm.notifications.pushing import messages
        from itsm.search import offers
        from itsm.ui import event_texts
        from itsm.work import category_references, linkable

        rules.register(*news.RULES)
        messages.keeps(CI, items.is_confidential)
        messages.keeps(Measure, lambda measure: items.is_confidential(measure.ci))
        post_migrate.connect(seed, sender=self, dispatch_uid="catalog: environments")
        post_migrate.connect(cmdb.seed, sender=self, dispatch_uid="catalog: configuration items")
        names_people("catalog_agreementversion", "by_name")
        names_people("catalog_history", "actor_name")
        names_people("catalog_explanation", "actor_name")
        names_people("catalog_condition", "source")
        duties.register("services", queries.left_alone_by, held=lambda person: [queries.of_member(person)])
        team_references.register("catalog.service.team", find=queries.owned_by, follow=operations.services_follow)
        team_references.register(
            "catalog.service.support_team", find=queries.supported_by, follow=operations.services_follow
        )
        team_references.register("catalog.round.team", find=asked.rounds_of, follow=asked.rounds_follow)
        team_references.register("catalog.roundline.team", find=asked.told_elsewhere, follow=asked.lines_follow)
        team_references.register("catalog.healthday.team", find=asked.told_elsewhere, follow=asked.days_stay)
        category_references.register("catalog.agreement", agreements.OF_CATEGORIES)
        team_references.register("catalog.agreement.team", find=of_team, follow=agreements.agreements_follow)
        confirms(operations.EDIT, operations.edit_as_confirmed)
        confirms(environments.EDIT, environments.edit_as_confirmed)
        references.register("service", queries.CHOOSABLE)
        references.register("ci", items.CHOOSABLE)
        owners.register(
            "ci", owners.Owner(CI, items.class_label, items.owners_of_fields, items.with_fields_of, recommends=True)
        )
        environments_used_by(items.standing_in)
        for column in ("team", "support_team"):
            team_references.register(
                f"catalog.ci.{column}", find=items.of_team(column), follow=items_of_teams.following(column)
            )
        rights.register(CI.kind, CI._meta.verbose_name, LIFE_OF_ITEMS, lambda at: CI(team_id=at.team))
        rights.register(Round.kind, Round._meta.verbose_name, LIFE_OF_ROUNDS, lambda at: Round())
        event_texts.tells(CI.kind, LIFE_OF_ITEMS, events=LIFE)
        kept = {"created": _("added it"), "retired": _("retired it")}
        event_texts.tells(CIClass.kind, events=kept)
        event_texts.tells(RelationType.kind, events=kept)
        event_texts.tells(Relation.kind, events={"created": _("related two items"), "ended": _("ended this relation")})
        event_texts.tells(Group.kind, events={})
        event_texts.tells(Measure.kind, events=MEASURED)
        offers.offers(CI, items.as_found, elsewhere=items.found_as_services)
        linkable.register(CI.kind, "CI", items.visible_items, discreet=items.is_confidential, is_thing=True)
        record_changed.connect(receivers.follow_hand, sender=CI, dispatch_uid="reconciliation follows hands")
        record_changed.connect(questions.follow_life, sender=CI, dispatch_uid="health follows items")
        imported = {"created": _("planned this import"), "done": _("took it in"), "failed": _("took nothing in")}
        event_texts.tells(Run.kind, events={**imported, "cancelled": _("cancelled it")})
        event_texts.tells(
            Finding.kind, events={"accepted": _("accepted it for a while"), "taken_up": _("took it up again")}
        )
        event_texts.tells(Round.kind, LIFE_OF_ROUNDS, events=ROUNDS)
        event_texts.tells(Source.kind, events={"created": _("used this source first")})
        event_texts.tells(Mapping.kind, events={"created": _("kept how its tables are read")})
        event_texts.tells(Precedence.kind, events={"created": _("added it"), "removed": _("removed it")})
        event_texts.tells(Verdict.kind, events={"created": _("said it"), "withdrawn": _("took it back")})
        event_texts.tells(Conflict.kind, events={"accepted": _("accepted that sources differ")})
        history = {"created": _("added this service"), "rewired": _("changed what it depends on")}
        history |= {"shadow_begun": _("put it in shadow"), "shadow_ended": _("let the gate rule it again")}
        event_texts.tells(Service.kind, events=history)
        offers.offers(Service, queries.as_found, is_thing=True)
        offers.offers(Offering, agreed.as_found)
        offered.come_from(agreed.offered)
        dependencies.are_written_by(relations.rewire)
        measured.are_taken_by(take_readings)
        record_changed.connect(histories.keep_history, sender=Service, dispatch_uid="cmdb: history of services")
        agreement_receivers.listen()
        _knowledge()
        _items()
        _improvement()
        _requests()
        _agents()


def _agents() -> None:
    """What software agents read of services, of what rests on what, and of requests."""
    from catalog.cmdb.agent_tools import TOOL as IMPACT_OF
    from catalog.requests.agent_tools import READ_REQUEST
    from catalog.services.agent_tools import READ_SERVICE
    from itsm.agents import tools

    for tool in (IMPACT_OF, READ_REQUEST, READ_SERVICE):
        tools.register(tool)


def _knowledge() -> None:
    """Articles: found, linked, told of, handed over; their pictures and what is due on them."""
    from catalog.knowledge import news, operations, queries
    from catalog.knowledge.agent_tools import READ_ARTICLE
    from catalog.knowledge.models import Article
    from catalog.knowledge.operations import promised
    from catalog.knowledge.workflow import HISTORY, WORKFLOW
    from itsm.accounts import duties, person_references, rights, team_references
    from itsm.agents import tools
    from itsm.clocks import due
    from itsm.files import readers
    from itsm.notifications import rules, sight
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.work import linkable

    rights.register(
        Article.kind,
        Article._meta.verbose_name,
        WORKFLOW,
        lambda at: Article(owner_id=at.whose, team_id=at.team, writers=[at.whose] if at.whose else []),
    )
    event_texts.tells(Article.kind, WORKFLOW, events=HISTORY)
    offers.offers(Article, queries.as_found)
    tools.register(READ_ARTICLE)
    offers.sharing_with(queries.every_token)
    linkable.register(Article.kind, "KNO", Article.objects.visible_to, discreet=queries.is_discreet)
    readers.register(Article.kind, queries.read_by)
    rules.register(*news.RULES)
    sight.register(Article.kind, queries.still_read)
    due.register(operations.REVIEW_DUE, operations.remind)
    due.register(operations.EXPIRES, operations.expire)
    promised.register()
    duties.register(
        "articles", queries.owned_by, operations.hand_over, held=lambda person: [Article.objects.filter(owner=person)]
    )
    team_references.register("catalog.article.team", find=queries.of_team, follow=operations.articles_follow)
    person_references.keeps_from_deciding(Article, "writers")


def _items() -> None:
    """Catalog items: found, told of, handed over; their pictures."""
    from catalog.items import news, operations, queries
    from catalog.items.models import CatalogItem
    from catalog.items.workflow import HISTORY, WORKFLOW
    from itsm.accounts import duties, person_references, rights, team_references
    from itsm.files import readers
    from itsm.notifications import rules, sight
    from itsm.search import offers
    from itsm.ui import event_texts

    rights.register(
        CatalogItem.kind,
        CatalogItem._meta.verbose_name,
        WORKFLOW,
        lambda at: CatalogItem(owner_id=at.whose, team_id=at.team, writers=[at.whose] if at.whose else []),
    )
    event_texts.tells(CatalogItem.kind, WORKFLOW, events=HISTORY)
    offers.offers(CatalogItem, queries.as_found)
    offers.sharing_with(queries.shared_tokens)
    readers.register(CatalogItem.kind, queries.read_by)
    rules.register(*news.RULES)
    sight.register(CatalogItem.kind, queries.still_read)
    duties.register(
        "catalog items",
        queries.owned_by,
        operations.hand_over,
        held=lambda person: [CatalogItem.objects.filter(owner=person)],
    )
    team_references.register("catalog.catalogitem.team", find=queries.of_team, follow=operations.items_follow)
    person_references.register(
        "entitlements", _("entitlements to catalog items"), count=operations.words_of_person,
        follow=operations.words_follow,
    )  # fmt: skip
    person_references.keeps_from_deciding(CatalogItem, "writers")


def _improvement() -> None:
    """Improvements, and the measures that the catalog can count for them."""
    from catalog.health.models import Finding
    from catalog.health.models.findings import PREFIX
    from catalog.health.queries.listing import is_confidential, open_findings, visible_findings
    from catalog.improvement import operations, queries
    from catalog.improvement.models import Improvement
    from catalog.improvement.queries import Measure
    from catalog.improvement.workflow import HISTORY, WORKFLOW
    from catalog.knowledge.queries import articles_overdue
    from itsm.accounts import duties, rights
    from itsm.clocks import due
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.work import linkable

    rights.register(
        Improvement.kind,
        Improvement._meta.verbose_name,
        WORKFLOW,
        lambda at: Improvement(owner_id=at.whose, proposed_by_id=at.whose),
    )
    event_texts.tells(Improvement.kind, WORKFLOW, events=HISTORY)
    offers.offers(Improvement, queries.as_found)
    linkable.register(Improvement.kind, "IMP", Improvement.objects.visible_to)
    due.register(operations.SHOWS, operations.conclude_when_due)
    duties.register(
        "improvements",
        queries.owned_by,
        operations.hand_over,
        held=lambda person: [Improvement.objects.filter(owner=person)],
    )
    linkable.register(Finding.kind, PREFIX, visible_findings, discreet=is_confidential)
    source = queries.Source(_("Findings of the catalog"), visible_findings, lambda service: Q(ci=service))
    queries.comes_from(Finding.kind, source)
    queries.register(
        Measure(
            "findings_open", _("Open findings of the catalog"), _("findings"), open_findings,
            read_at="/health/findings/",
        )
    )  # fmt: skip
    queries.register(
        Measure("articles_overdue", _("Articles that nobody looked at in time"), _("articles"), articles_overdue)
    )


def _requests() -> None:
    """Requests and their items: found, followed, told of, decided about, handed over; their clocks."""
    from catalog.items.models import FormUpload
    from catalog.requests import news, operations, queries
    from catalog.requests.event_texts import WHY
    from catalog.requests.models import Request, RequestItem
    from catalog.requests.operations import same_person
    from catalog.requests.workflow import HISTORY, ITEM, ITEM_HISTORY, REQUEST
    from itsm.accounts import duties, person_references, rights, scopes, team_references
    from itsm.accounts.models import Team
    from itsm.accounts.operations import triage_id
    from itsm.approvals import asked, waiting
    from itsm.clocks import explain, owners
    from itsm.files import readers
    from itsm.notifications import rules, sight
    from itsm.notifications.pushing import messages
    from itsm.search import offers
    from itsm.ui import event_texts
    from itsm.webhooks.pictures import as_api, pictured
    from itsm.work import linkable, retention
    from itsm.work.operations import is_of_private_note

    rights.register(
        Request.kind,
        Request._meta.verbose_name,
        REQUEST,
        lambda at: Request(by_id=at.whose, requested_for_id=at.whose, teams=[at.team or triage_id()]),
    )
    rights.register(
        RequestItem.kind,
        RequestItem._meta.verbose_name,
        ITEM,
        lambda at: RequestItem(
            request=Request(by_id=at.whose, requested_for_id=at.whose), team_id=at.team or triage_id()
        ),
    )

    def request_picture(record: Any) -> dict[str, Any]:
        from catalog.requests.api.serializers import RequestShown

        return as_api(RequestShown, record)

    def item_picture(record: Any) -> dict[str, Any]:
        from catalog.requests.api.serializers import RequestItemShown

        return as_api(RequestItemShown, record)

    pictured(
        Request,
        request_picture,
        title=Request._meta.verbose_name,
        queues=lambda request: Team.objects.filter(pk__in=request.teams),
        workflows=[REQUEST],
        events=("noted",),
        discreet=is_of_private_note,
    )
    pictured(
        RequestItem,
        item_picture,
        title=RequestItem._meta.verbose_name,
        queues=lambda item: [item.team],
        workflows=[ITEM],
        events=("assigned", "answered", "change_opened", "change_ended"),
    )
    event_texts.tells(Request.kind, REQUEST, events=HISTORY)
    event_texts.tells(RequestItem.kind, ITEM, events=ITEM_HISTORY)
    asked.decides(RequestItem.kind, asked.Rules(scope=scopes.REQUESTS_APPROVE, by_name=True), title=_("requests"))
    waiting.shows(
        RequestItem.kind,
        waiting.Kind(
            Request._meta.verbose_name_plural, queries.tell_waiting, operations.decide_ask, queries.facts_of_waiting
        ),
    )
    offers.offers(Request, queries.as_found)
    retention.offers(Request.kind, operations.KEPT)
    linkable.register(Request.kind, "REQ", Request.objects.visible_to, discreet=queries.is_confidential)
    readers.register(Request.kind, queries.reading_of_files)
    readers.register(FormUpload.kind, queries.reading_of_uploads)
    rules.register(*news.RULES)
    sight.register(Request.kind, queries.still_read)
    sight.register(RequestItem.kind, queries.still_asked)
    messages.keeps(Request, queries.is_confidential)
    messages.keeps(RequestItem, lambda item: queries.is_confidential(item.request))
    owners.register(RequestItem.kind, operations.OWNER)
    explain.tells(WHY)
    person_references.register(
        "requests", Request._meta.verbose_name_plural, count=same_person.count_of_person,
        follow=same_person.follow_person,
    )  # fmt: skip
    duties.register(
        "requested items", queries.assigned_to, operations.hand_over, held=lambda person: [queries.lying_with(person)]
    )
    team_references.register("catalog.requestitem.team", find=queries.lying_in, follow=operations.follow_team)
    _satisfaction()
    _mail_out()
    _mail_in()


def _mail_in() -> None:
    """Answers by mail are words on a request; what people are asked about is approved on the page alone."""
    from catalog.requests import queries
    from catalog.requests.models import Request, RequestItem
    from catalog.requests.operations import by_mail
    from itsm.mail import asks, handing, record_queues

    handler = handing.Handler(
        by_mail.find_for_mail, queries.speakers, queries.is_confidential, by_mail.hear, by_mail.note_automatic,
        by_mail.note_bounce,
    )  # fmt: skip
    handing.register(Request.kind, handler, prefix="REQ")
    handing.register(RequestItem.kind, asks.handler_for(RequestItem))
    record_queues.register(Request.kind, lambda teams: Request.objects.filter(teams__overlap=[*teams]))
    record_queues.register(RequestItem.kind, lambda teams: RequestItem.objects.filter(team__in=teams))


def _mail_out() -> None:
    """How mails about requests are called."""
    from catalog.requests import queries
    from catalog.requests.models import Request
    from itsm.mail import subjects

    subjects.register(Request.kind, queries.as_mailed)


def _satisfaction() -> None:
    """Whom a request was for is asked how it was handled, once it is done."""
    from catalog.requests import receivers
    from catalog.requests.models import Request
    from itsm.accounts.scopes import REQUESTS_WRITE
    from itsm.kernel.references import reference
    from itsm.satisfaction import mailing, owners

    owner = owners.Owner(receivers.whose, lambda number: reference("REQ", number), REQUESTS_WRITE)
    owners.register(Request.kind, owner)
    mailing.ask_below("request.closed")
    receivers.listen()
