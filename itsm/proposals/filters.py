"""What lists of proposals may be narrowed to."""

import django_filters
from django.db.models import QuerySet

from itsm.api.filters import Listed
from itsm.proposals.models import Proposal
from itsm.proposals.queries import as_kept


class ProposalFilter(Listed):
    """`about`: the reference of a record; `agent`: the user name of a software agent; `kind`: such as fields."""

    state = django_filters.ChoiceFilter(choices=Proposal.State.choices)
    kind = django_filters.CharFilter(field_name="sort", max_length=40)
    about = django_filters.CharFilter(method="about_it", max_length=40)
    agent = django_filters.CharFilter(field_name="agent__username", max_length=150)

    class Meta:
        model = Proposal
        fields = ("state", "kind", "about", "agent")

    def about_it(self, rows: QuerySet[Proposal], name: str, value: str) -> QuerySet[Proposal]:
        """Those about the record of this reference, however many noughts it has."""
        return rows.filter(about__in=as_kept(value))
