"""Shapes of input are cheap to make and share nothing that belongs to one request."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.parsers import BaseParser

from itsm.accounts.models import Team
from itsm.api import fields
from itsm.api.people import PersonField
from itsm.api.serializers import Shown, Strict
from tests.api.held_to_schema import schema
from tests.api.routes import Route, routes


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


def test_an_empty_text_is_null_in_no_field():
    """Django REST framework's own decimals take it for null where null is taken."""
    schema()  # every shape is known now
    taken = [
        (shape, name)
        for shape in shapes()
        for name, field in shape._declared_fields.items()
        if field.allow_null and not isinstance(field, serializers.CharField)
        if any(field.validate_empty_values(text)[0] for text in ("", " ", "\u2028"))
    ]
    assert taken == []
    share = fields.Ratio(allow_null=True)
    assert share.run_validation(None) is None
    with pytest.raises(serializers.ValidationError):
        share.run_validation(" ")


def own_parsers(route: Route) -> list[type[BaseParser]]:
    """What `@action` says of this one."""
    return getattr(getattr(route.viewset, route.action), "kwargs", {}).get("parser_classes", [])


def test_only_files_are_sent_as_a_form():
    """Anywhere else a form would be read as a body without words, whatever it holds."""
    takes_forms = {
        str(route)
        for route in routes()
        for takes in own_parsers(route) or route.viewset.parser_classes
        if route.method == "POST" and issubclass(takes, BaseParser) and takes.media_type.startswith("multipart/")
    }
    assert takes_forms == {
        "POST article-picture-list", "POST catalog-item-picture-list", "POST form-file-list", "POST import-list",
        "POST incident-attachment-list", "POST request-attachment-list",
    }  # fmt: skip


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


class ShownParent(Shown):
    for_whom = serializers.SerializerMethodField()

    class Meta:
        model = Team
        fields = ("slug", "for_whom")

    def get_for_whom(self, team: Team) -> str:
        return self.context["reader"]


class ShownTeam(ShownParent):
    itself = ShownParent(source="*")

    class Meta:
        model = Team
        fields = ("slug", "for_whom", "itself", "members")


def test_two_answers_of_a_shape_know_their_own_reader_only(engineer):
    team = Team.objects.create(slug="a-team", name="A team")
    team.members.add(engineer)
    ada, bob = (ShownTeam(team, context={"reader": name}) for name in ("ada", "bob"))
    assert all(one.fields for one in (ada, bob))  # both are made before one is asked
    for one, name in ((ada, "ada"), (bob, "bob")):
        own = {"slug": team.slug, "for_whom": name}
        assert one.data == {**own, "itself": own, "members": [engineer.pk]}
        assert all(field.read_only and field.root is one for field in one.fields.values())
    assert list(ShownParent(team, context={"reader": "cid"}).data) == ["slug", "for_whom"]
