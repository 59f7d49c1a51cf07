"""What lists of proposals may be narrowed to."""

import django_filters

from itsm.api.filters import Listed
from itsm.proposals.models import Proposal


class ProposalFilter(Listed):
    """`about`: the reference of a record; `agent`: the user name of a software agent; `kind`: such as fields."""

    state = django_filters.ChoiceFilter(choices=Proposal.State.choices)
    kind = django_filters.CharFilter(field_name="sort", max_length=40)
    about = django_filters.CharFilter(field_name="about", lookup_expr="iexact", max_length=40)
    agent = django_filters.CharFilter(field_name="agent__username", max_length=150)

    class Meta:
        model = Proposal
        fields = ("state", "kind", "about", "agent")
