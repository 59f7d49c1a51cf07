"""Shapes of input are cheap to make and share nothing that belongs to one request."""

from rest_framework import serializers

from itsm.api import fields
from itsm.api.serializers import Strict


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


def test_a_refusal_of_one_is_not_told_to_another():
    wrong, right = Shape(data={"name": "much too long"}), Shape(data={"name": "shop"})
    assert not wrong.is_valid()
    assert right.is_valid()
    assert right.fields["name"].parent is right
    assert Shape._declared_fields["name"].parent is None
