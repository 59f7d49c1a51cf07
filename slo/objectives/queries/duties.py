"""What people answer for in measurements: objectives that nobody else measures."""

from django.utils.translation import gettext

from itsm.accounts.duties import Duty
from itsm.accounts.interest import accounts_of
from itsm.accounts.models import User
from slo.measuring.models import Indicator, Measurer
from slo.objectives.queries.measurers import fed_objectives


def measured_alone_by(person: User) -> list[Duty]:
    """Objectives whose measurements only this person, or a program of theirs, sends or answers for."""
    accounts = accounts_of([person.pk])
    others = Measurer.objects.filter(account__is_active=True).exclude(account__in=accounts)
    alone = Indicator.objects.filter(measurers__account__in=accounts).exclude(pk__in=others.values("indicator"))
    objectives = {one.pk: one for indicator in alone.distinct() for one in fed_objectives(indicator.pk)}
    return [
        Duty(
            what=gettext("objective that only they measure"),
            reference=one.slug,
            name=one.name,
            path=one.get_absolute_url(),
            otherwise=gettext("is measured by nobody until another measurer is named"),
        )
        for one in sorted(objectives.values(), key=lambda one: one.slug)
    ]
