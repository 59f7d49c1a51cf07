"""Instants in an address."""

from datetime import datetime

from rest_framework import serializers
from rest_framework.request import Request

from itsm.api import fields


def instant_asked(request: Request, name: str = "at") -> datetime:
    """`?at=` as an instant; 400 where it is none. A '+' that became a blank is taken as the '+' it was."""
    try:
        return fields.Instant().to_internal_value(request.query_params[name].replace(" ", "+"))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error
