"""The product's addresses and `POST /yardstick/`, as Django REST framework's own guide would write it."""

from typing import Any

from django.db import transaction
from django.urls import include, path
from django.utils import timezone
from rest_framework import generics, permissions, serializers
from yardstick.models import Row

from itsm.audit.models import Entry


class RowShape(serializers.ModelSerializer[Row]):
    class Meta:
        model = Row
        fields = ("id", "summary", "plan", "at")
        read_only_fields = ("at",)


class Rows(generics.CreateAPIView[Row]):
    serializer_class = RowShape
    permission_classes = (permissions.IsAuthenticated,)

    @transaction.atomic
    def perform_create(self, serializer: Any) -> None:
        user = self.request.user
        row = serializer.save(by=user, at=timezone.now())
        Entry.objects.create(
            actor_id=user.pk, actor_name=str(user), actor_kind="service", via="api", event="row.created",
            record_kind="row", record_id=row.pk, reference=f"row-{row.pk}", changes={"summary": [None, row.summary]},
        )  # fmt: skip


urlpatterns = [path("yardstick/", Rows.as_view()), path("", include("itsm.urls"))]
