"""Shapes of input are cheap to make and share nothing that belongs to one request."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from itsm.accounts.models import Team
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Strict
from tests.api.held_to_schema import schema


class Caller(serializers.Field):
    """Whatever is sent, the caller from the context is what it means."""

    def to_internal_value(self, data: object) -> object:
        return self.context["caller"]


class Inner(Strict):
    who = Caller()


class Shape(Strict):
    name = fields.Text(max_length=5)
    who = Caller(required=False)
    inner = Inner(required=False)
    several = serializers.ListField(child=Caller(), required=False)


def test_two_of_a_shape_know_their_own_request_only():
    body = {"name": "shop", "who": 1, "inner": {"who": 1}, "several": [1]}
    ada, bob = (Shape(data=body, context={"caller": name}) for name in ("ada", "bob"))
    assert all(one.fields for one in (ada, bob))  # both are made before one is asked
    for one, name in ((ada, "ada"), (bob, "bob")):
        assert one.is_valid(), one.errors
        assert one.validated_data == {"name": "shop", "who": name, "inner": {"who": name}, "several": [name]}


def shapes(of: type[Strict] = Strict) -> Iterator[type[Strict]]:
    for shape in of.__subclasses__():
        yield shape
        yield from shapes(shape)


def test_records_are_named_in_bodies_by_one_field_that_takes_null_alone_for_none():
    """Django REST framework's own fields take an empty text for null, which the schema does not allow."""
    schema()  # every shape is known now
    named = [
        (shape, name)
        for shape in shapes()
        for name, field in shape._declared_fields.items()
        for one in (field, getattr(field, "child", None))
        if isinstance(one, serializers.RelatedField | serializers.ManyRelatedField) and not one.read_only
        if not isinstance(one, fields.Named)
    ]
    assert named == []


@pytest.mark.django_db
def test_an_empty_text_names_no_record():
    field = fields.Named(slug_field="slug", queryset=Team.objects.all(), allow_null=True)
    assert field.run_validation(None) is None
    with pytest.raises(serializers.ValidationError, match="none called"):
        field.run_validation("")


class Many(Strict):
    who = serializers.ListField(child=PersonField())


def test_a_person_who_is_named_often_is_looked_up_once(engineer, agent):
    many = Many(data={"who": ["engineer", "agent"] * 500})
    with CaptureQueriesContext(connection) as asked:
        assert many.is_valid()
    assert many.validated_data["who"] == [engineer, agent] * 500
    assert len(asked) == 2


def test_a_refusal_of_one_is_not_told_to_another():
    wrong, right = Shape(data={"name": "much too long"}), Shape(data={"name": "shop"})
    assert not wrong.is_valid()
    assert right.is_valid()
    assert right.fields["name"].parent is right
    assert Shape._declared_fields["name"].parent is None
