"""The classes and the types of relations that Headroom brings along, as catalogs of configuration items know them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from catalog.cmdb.vocabulary import Flow, Grouping, Strength
from catalog.engine.identifiers import OTHERWISE, SCHEMES


class ClassSeed(NamedTuple):
    """A built-in class. `schemes`: how its records are told apart, the strongest first; empty inherits."""

    slug: str
    parent: str
    name: str
    icon: str
    schemes: Sequence[str] = ()
    abstract: bool = False


_SERVICE, _SERVER, _IN_CLUSTER = (SCHEMES[name] for name in ("service", "server", "workload"))
_DEVICE = ("serial+vendor", "asset_tag", "fqdn", "name+environment")

CLASSES = (
    ClassSeed("service", "", _("Service"), "service", _SERVICE, abstract=True),
    ClassSeed("business_service", "service", _("Business service"), "service"),
    ClassSeed("technical_service", "service", _("Technical service"), "service"),
    ClassSeed("service_instance", "", _("Instance of a service"), "instance"),
    ClassSeed("group", "", _("Group of items"), "group", abstract=True),
    ClassSeed("domain", "group", _("Domain"), "group"),
    ClassSeed("system", "group", _("System"), "group"),
    ClassSeed("namespace", "group", _("Namespace"), "group", _IN_CLUSTER),
    ClassSeed("application", "", _("Application"), "application"),
    ClassSeed("api", "", _("API"), "api"),
    ClassSeed("datastore", "", _("Data store"), "database"),
    ClassSeed("database", "datastore", _("Database"), "database"),
    ClassSeed("queue", "datastore", _("Queue"), "queue"),
    ClassSeed("cache", "datastore", _("Cache"), "database"),
    ClassSeed("bucket", "datastore", _("Bucket"), "storage"),
    ClassSeed("cluster", "", _("Cluster"), "cluster", ("uuid", "name+environment")),
    ClassSeed("kubernetes_cluster", "cluster", _("Kubernetes cluster"), "cluster"),
    ClassSeed("hypervisor_cluster", "cluster", _("Hypervisor cluster"), "cluster"),
    ClassSeed("workload", "", _("Workload"), "workload", _IN_CLUSTER),
    ClassSeed("endpoint", "", _("Endpoint"), "endpoint", _IN_CLUSTER),
    ClassSeed("route", "", _("Route"), "route", _IN_CLUSTER),
    ClassSeed("server", "", _("Server"), "server", _SERVER),
    ClassSeed("physical_server", "server", _("Physical server"), "server"),
    ClassSeed("virtual_machine", "server", _("Virtual machine"), "server"),
    ClassSeed("container_host", "server", _("Container host"), "server"),
    ClassSeed("network_device", "", _("Network device"), "network", _DEVICE),
    ClassSeed("switch", "network_device", _("Switch"), "network"),
    ClassSeed("router", "network_device", _("Router"), "network"),
    ClassSeed("firewall", "network_device", _("Firewall"), "network"),
    ClassSeed("load_balancer", "network_device", _("Load balancer"), "network"),
    ClassSeed("storage", "", _("Storage"), "storage", ("serial+vendor", "asset_tag", *_IN_CLUSTER, "name+environment")),
    ClassSeed("power", "", _("Power"), "power", ("serial+vendor", "asset_tag", "name+system")),
    ClassSeed("place", "", _("Place"), "place", abstract=True),
    ClassSeed("site", "place", _("Site"), "place"),
    ClassSeed("room", "place", _("Room"), "place"),
    ClassSeed("rack", "place", _("Rack"), "place", ("serial+vendor", "asset_tag", "name+system")),
    ClassSeed("ip_network", "", _("IP network"), "network"),
    ClassSeed("certificate", "", _("Certificate"), "certificate"),
    ClassSeed("workstation", "", _("Workstation"), "workstation", _DEVICE),
    ClassSeed("printer", "", _("Printer"), "printer", _DEVICE),
    ClassSeed("data_flow", "", _("Data flow"), "flow"),
    ClassSeed("external_service", "", _("External service"), "external"),
    ClassSeed("resource", "", _("Resource"), "resource"),
)
ROOT_SCHEMES = OTHERWISE  # what a root class without schemes of its own goes by


class TypeSeed(NamedTuple):
    """A built-in type of relation."""

    slug: str
    reading: str
    reverse: str
    flows: Flow
    strength: Strength = Strength.HARD
    grouping: Grouping = Grouping.NONE


RELATION_TYPES = (
    TypeSeed("depends_on", _("depends on"), _("is relied on by"), Flow.TO_SOURCE),
    TypeSeed("runs_on", _("runs on"), _("hosts"), Flow.TO_SOURCE),
    TypeSeed("stored_on", _("is stored on"), _("stores"), Flow.TO_SOURCE),
    TypeSeed("powered_by", _("is powered by"), _("powers"), Flow.TO_SOURCE),
    TypeSeed("located_in", _("is located in"), _("houses"), Flow.TO_SOURCE),
    TypeSeed("consumes", _("consumes"), _("is consumed by"), Flow.TO_SOURCE),
    TypeSeed("uses", _("uses"), _("is used by"), Flow.TO_SOURCE, Strength.SOFT),
    TypeSeed("provides", _("provides"), _("is provided by"), Flow.TO_TARGET),
    TypeSeed("instance_of", _("is an instance of"), _("has instances"), Flow.TO_TARGET, grouping=Grouping.ENVIRONMENT),
    TypeSeed("member_of", _("is a member of"), _("has members"), Flow.TO_TARGET, grouping=Grouping.ONE),
    TypeSeed("part_of", _("is part of"), _("consists of"), Flow.TO_TARGET, Strength.SOFT),
    TypeSeed("connects_to", _("connects to"), _("is connected from"), Flow.NONE),
    TypeSeed("stands_by_for", _("stands by for"), _("is backed by"), Flow.NONE),
)
