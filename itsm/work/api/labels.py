"""Labels in bodies of REST: a list of words."""

from typing import Any

from rest_framework import serializers

from itsm.api.fields import Text
from itsm.kernel.errors import InvalidInput
from itsm.work import labels


class LabelsField(serializers.ListField):
    """Labels as they are kept: in small letters, by the alphabet, each once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=Text(max_length=labels.LONGEST), max_length=labels.MOST, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        try:
            return labels.labels_in(super().to_internal_value(data))
        except InvalidInput as refusal:
            raise serializers.ValidationError(refusal.detail) from refusal
