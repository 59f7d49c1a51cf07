"""Filters of boards and meetings."""

import django_filters
from django.utils.translation import gettext_lazy as _

from changes.boards.models import Board, Meeting
from changes.boards.vocabulary import MeetingStatus
from itsm.api.filters import Listed


class MeetingFilter(Listed):
    board = django_filters.ModelChoiceFilter(
        field_name="board", queryset=Board.objects.all(), to_field_name="slug", label=_("Board")
    )
    status = django_filters.ChoiceFilter(choices=MeetingStatus.choices, label=_("State"))

    class Meta:
        model = Meeting
        fields = ("board", "status")
