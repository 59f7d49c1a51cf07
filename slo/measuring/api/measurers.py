"""Who measures, who may measure themselves, and samples in quarantine, over REST."""

from rest_framework import serializers

from itsm.api.people import PersonField
from itsm.api.serializers import Strict
from slo.measuring.operations.measurers import MAX_MEASURERS


class NewMeasurers(Strict):
    """Everybody who sends measurements from now on, by user name; programs too."""

    measurers = serializers.ListField(child=PersonField(), min_length=1, max_length=MAX_MEASURERS)
