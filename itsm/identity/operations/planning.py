"""What a provider's word about people would change here. Nothing is written; who writes does what stands here."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.utils.translation import gettext as _

from itsm.accounts.models import Role, User
from itsm.accounts.own_roles import roles_of, told_apart
from itsm.identity.models import MAX_GROUPS, ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations.facts import Facts, free_name, gathered, mappings_of
from itsm.identity.operations.plans import PersonPlan, Plan
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import How, Refusal, SignUp

NEWCOMERS = (Role.REQUESTER.value,)


def preview(
    provider: IdentityProvider,
    identified: Identified | Sequence[Identified],
    *,
    mappings: Sequence[GroupMapping] | None = None,
) -> Plan:
    """What would change, were these people to come by this provider now. Raises nothing.

    `provider` may be one that is not stored as it stands here, `mappings` those of a draft: None means what holds.
    """
    people = [identified] if isinstance(identified, Identified) else list(identified)
    facts = gathered(provider, people)
    held = mappings_of(provider) if mappings is None else list(mappings)
    return Plan(tuple(_planned(provider, one, facts, held) for one in people), facts.standing)


def preview_known(
    provider: IdentityProvider, *, mappings: Sequence[GroupMapping] | None = None, most: int = 2000
) -> Plan:
    """The same of everybody whom the provider knows, by what it said of them last."""
    rows = ExternalIdentity.objects.filter(provider=provider, ended_at=None).order_by("pk")[:most]
    return preview(provider, [as_said(one) for one in rows], mappings=mappings)


def preview_newcomer(provider: IdentityProvider, groups: Sequence[str], mappings: Sequence[GroupMapping]) -> Plan:
    """What somebody nobody knows yet would be by these groups; whether they are let in is another question."""
    would = copy(provider)
    would.sign_up = SignUp.EVERYBODY
    somebody = Identified("?", name=_("Somebody new"), groups=tuple(groups), login_hint="somebody")
    return preview(would, somebody, mappings=mappings)


def as_said(one: ExternalIdentity) -> Identified:
    """What the provider said of them last."""
    return Identified(one.subject, one.email_said, False, one.name_said, tuple(one.groups))


def _planned(provider: IdentityProvider, one: Identified, facts: Facts, mappings: list[GroupMapping]) -> PersonPlan:
    if not one.subject.strip():
        return _refused(one, Refusal.INCOMPLETE, _("%(name)s does not say who you are."), provider)
    known = facts.identities.get(one.subject)
    if known is not None:
        if not known.user.is_active or known.ended_at is not None:
            said = _("Your account here is closed. An administrator can open it again.")
            if known.user.is_active:  # opened by hand here, while the provider still says that they have left
                said = _(
                    "%(name)s said that you have left. It takes you back, or an administrator here lets your account "
                    "be known by %(name)s again."
                )
            return _refused(one, Refusal.CLOSED, said, provider)
        return _given(provider, one, How.KNOWN, known.user, known, facts, mappings)
    waits = facts.waiting.get(one.email.lower()) if one.email_verified and one.email else None
    if waits is not None and (not provider.domains or _domain_of(one) in provider.domains):
        return _given(provider, one, How.LINKED, waits, None, facts, mappings)
    refused = _sign_up_refused(provider, one)
    return refused or _given(provider, one, How.NEW, None, None, facts, mappings)


def _sign_up_refused(provider: IdentityProvider, one: Identified) -> PersonPlan | None:
    if provider.sign_up == SignUp.EVERYBODY:
        return None
    if provider.sign_up == SignUp.INVITED:
        said = _("No account here waits for you. An administrator invites you, with the address that %(name)s knows.")
        return _refused(one, Refusal.NOT_INVITED, said, provider)
    if not one.email_verified:
        said = _("%(name)s does not say that your mail address is verified. Verify it there, then come again.")
        return _refused(one, Refusal.UNVERIFIED, said, provider)
    if _domain_of(one) not in provider.domains:
        said = _("Your mail address is of no domain that is let in here. Ask an administrator to invite you.")
        return _refused(one, Refusal.DOMAIN, said, provider)
    return None


def _domain_of(one: Identified) -> str:
    return one.email.rpartition("@")[2].lower()


def _refused(one: Identified, reason: Refusal, sentence: str, provider: IdentityProvider) -> PersonPlan:
    return PersonPlan(one, How.REFUSED, "", reason=reason, sentence=sentence % {"name": provider.name})


def _given(
    provider: IdentityProvider,
    one: Identified,
    how: How,
    user: User | None,
    known: ExternalIdentity | None,
    facts: Facts,
    mappings: list[GroupMapping],
) -> PersonPlan:
    has_roles = roles_of(user) if user is not None else frozenset()
    has_teams = dict(facts.teams.get(user.pk, {})) if user is not None else {}
    base = has_roles if user is not None else frozenset(NEWCOMERS)
    username = user.username if user is not None else free_name(one, facts.taken)
    if one.groups is None:  # it says nothing of groups: nothing is given and nothing taken
        given = known.given if known is not None else {}
        return PersonPlan(
            one, how, username, user, before=(has_roles, has_teams), roles=base, teams=has_teams, given=given
        )
    groups = set(one.groups[:MAX_GROUPS])
    meant = [mapping for mapping in mappings if mapping.group in groups]
    roles = frozenset(mapping.role for mapping in meant if mapping.role in {*Role.values, *facts.own_roles})
    teams: dict[int, bool] = {}
    for mapping in meant:
        if mapping.team_id is not None and mapping.team_id in facts.standing:
            teams[mapping.team_id] = teams.get(mapping.team_id, False) or mapping.lead
    gave = known.given if known is not None else {}
    others = facts.given_by_others.get(user.pk, ()) if user is not None else ()
    new_roles, given_roles = _roles(provider, base, roles, gave, others)
    new_teams, given_teams = _teams(provider, has_teams, teams, gave, others)
    keeps = user is not None and Role.ADMIN.value in has_roles - new_roles and facts.administrators <= {user.pk}
    if keeps:
        new_roles |= {Role.ADMIN.value}
    if set(told_apart(new_roles)[0]) == {Role.AUDITOR.value}:  # who only reads gets nothing by an own role
        new_roles, given_roles = (frozenset(told_apart(some)[0]) for some in (new_roles, given_roles))
    plan = PersonPlan(
        one, how, username, user, before=(has_roles, has_teams), roles=new_roles, teams=new_teams,
        given={"roles": sorted(given_roles), "teams": {str(team): lead for team, lead in sorted(given_teams.items())}},
        keeps_desk=keeps,
    )  # fmt: skip
    return _with_makers(plan, meant)


def _roles(
    provider: IdentityProvider,
    has: frozenset[str],
    mapped: frozenset[str],
    before: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
) -> tuple[frozenset[str], frozenset[str]]:
    """The roles that they would have, and those of them that this provider gives."""
    elsewhere = frozenset(role for given in others for role in given.get("roles", ()))
    if provider.manages_roles:
        return mapped | elsewhere | frozenset(NEWCOMERS) & has, mapped
    was_given = frozenset(before.get("roles", ()))
    gives = mapped - (has - was_given - elsewhere)  # what they have by hand is not the mapping's to take back
    return has - (was_given - mapped - elsewhere) | mapped, gives


def _teams(
    provider: IdentityProvider,
    has: Mapping[int, bool],
    mapped: Mapping[int, bool],
    before: Mapping[str, Any],
    others: Sequence[Mapping[str, Any]],
) -> tuple[dict[int, bool], dict[int, bool]]:
    """The same of teams. Who leads a team by hand goes on leading it, unless the groups decide all teams."""
    elsewhere = {int(team): bool(lead) for given in others for team, lead in given.get("teams", {}).items()}
    if provider.manages_teams:
        kept = {team: lead for team, lead in has.items() if team in elsewhere}
        return {**kept, **{team: lead or kept.get(team, False) for team, lead in mapped.items()}}, dict(mapped)
    was_given = {int(team): bool(lead) for team, lead in before.get("teams", {}).items()}
    by_hand = {team: lead for team, lead in has.items() if team not in was_given or team in elsewhere}
    after = dict(by_hand)
    for team, lead in mapped.items():
        led_by_hand = team in has and has[team] and not was_given.get(team, False)
        after[team] = lead or led_by_hand
    return after, {team: lead for team, lead in mapped.items() if team not in by_hand or team in elsewhere}


def _with_makers(plan: PersonPlan, meant: Sequence[GroupMapping]) -> PersonPlan:
    roles, teams = set(plan.roles_gained), {*plan.teams_joined, *plan.leads_changed}
    makers = {one.mapped_by_id for one in meant if one.role in roles or one.team_id in teams}
    return PersonPlan(
        plan.identified, plan.how, plan.username, plan.user, before=plan.before, roles=plan.roles, teams=plan.teams,
        given=plan.given, makers=tuple(sorted(makers)), keeps_desk=plan.keeps_desk,
    )  # fmt: skip
