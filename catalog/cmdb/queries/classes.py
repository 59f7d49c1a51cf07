"""Classes of items as lists and forms offer them."""

from catalog.cmdb.models import CIClass

_SERVICE = "service"  # the class above those of services


def living_classes() -> list[CIClass]:
    """All classes that are not retired, by their names as people read them."""
    return sorted(CIClass.objects.filter(retired_at=None), key=lambda one: str(one).lower())


def classes_to_add() -> list[CIClass]:
    """Those whose items people add: no abstract ones, and none of services, which are added as services. One query."""
    living = living_classes()
    services = {one.pk for one in living if one.slug == _SERVICE}
    return [one for one in living if not one.abstract and services.isdisjoint(one.lineage)]


def is_of_services(ci_class: CIClass) -> bool:
    """Whether the items of this class are services. One query."""
    return CIClass.objects.filter(slug=_SERVICE, pk__in=ci_class.lineage).exists()
