"""Kubernetes: what lasts becomes an item, what runs folds into it, what is secret is not looked at."""

from tests.catalog.formats.samples import SECRET, claims, document, in_yaml, kubernetes, pods, reading, reasons

NODE = kubernetes(
    "Node", "n1.shop.example", None, spec={"providerID": "aws:///i-1"},
    status={"nodeInfo": {"systemUUID": "EC2-1", "osImage": "Debian 12", "kernelVersion": "6.1", "architecture": "amd64"},
            "capacity": {"cpu": "8", "memory": "32Gi"}, "addresses": [{"type": "InternalIP", "address": "10.1.0.1"}]},
)  # fmt: skip
LABELS = {"headroom/service": "checkout", "app.kubernetes.io/version": "1.2", "team": "x"}
LAST = {"kubectl.kubernetes.io/last-applied-configuration": SECRET}
CART = kubernetes(
    "Deployment",
    "cart",
    metadata={"labels": LABELS, "annotations": LAST},
    spec={"replicas": 3, "template": pods("cart")},
)
STORE = kubernetes(
    "StatefulSet",
    "db",
    spec={"replicas": 2, "template": pods("db", "shared"), "volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
)
OWNED = {"ownerReferences": [{"kind": "ReplicaSet", "name": "cart-1", "controller": True}]}
OBJECTS = [
    kubernetes("Namespace", "shop", None), NODE, CART, STORE, kubernetes("CronJob", "nightly", spec={"jobTemplate": {"spec": {"template": pods("nightly")}}}),
    kubernetes("Pod", "cart-1-x", metadata=OWNED, spec={"containers": []}), kubernetes("ReplicaSet", "cart-1", metadata=OWNED),
    kubernetes("Pod", "alone", metadata={"labels": {"app": "cart"}}, spec={"containers": [{"image": "busybox"}]}),
    kubernetes("Service", "cart", spec={"selector": {"app": "cart"}, "ports": [{"port": 80}]}),
    kubernetes("Service", "headless", spec={}),
    kubernetes("Ingress", "web", spec={"rules": [{"host": "shop.example", "http": {"paths": [{"backend": {"service": {"name": "cart"}}}]}}]}),
    kubernetes("HTTPRoute", "api", spec={"hostnames": ["api.example"], "rules": [{"backendRefs": [{"name": "cart"}, {"kind": "Bucket", "name": "b"}]}]}),
    kubernetes("PersistentVolumeClaim", "data-db-0", spec={"resources": {"requests": {"storage": "10Gi"}}, "storageClassName": "ssd"}),
]  # fmt: skip


def test_a_cluster_becomes_items_that_lean_on_each_other() -> None:
    found = reading("kubernetes", in_yaml({"apiVersion": "v1", "kind": "List", "items": OBJECTS}), cluster="prod")
    assert (found.count, found.refused) == (len(OBJECTS), ())
    classes = sorted(one.class_slug for one in found.documents)
    assert classes == sorted(
        [
            "kubernetes_cluster",
            "namespace",
            "container_host",
            *["workload"] * 4,
            *["endpoint"] * 2,
            *["route"] * 2,
            "storage",
        ]
    )  # the pod and the replica set of a controller are folded into it
    key = "prod/{}/shop/{}".format
    relations = claims(found)
    assert relations >= {
        ("checkout", "depends_on", key("deployment", "cart")), (key("deployment", "cart"), "runs_on", "prod"),
        (key("deployment", "cart"), "part_of", "prod/namespace//shop"), ("prod/namespace//shop", "part_of", "prod"),
        (key("statefulset", "db"), "stored_on", key("persistentvolumeclaim", "data-db-0")),
        (key("statefulset", "db"), "stored_on", key("persistentvolumeclaim", "shared")),
        (key("service", "cart"), "depends_on", key("deployment", "cart")), (key("service", "cart"), "depends_on", key("pod", "alone")),
        (key("ingress", "web"), "depends_on", key("service", "cart")), (key("httproute", "api"), "depends_on", key("service", "cart")),
        ("prod/node//n1.shop.example", "member_of", "prod"),
    }  # fmt: skip
    assert not any(source == key("service", "headless") and type_ == "depends_on" for source, type_, _ in relations)
    assert not any(target == key("persistentvolumeclaim", "data-db-1") for _, _, target in relations)  # not there
    assert [(one.type, one.share) for one in document(found, "prod").redundancy] == [("member_of", 60)]


def test_a_node_and_a_workload_say_what_they_are() -> None:
    found = reading("kubernetes", in_yaml(*OBJECTS), cluster="prod")
    node = document(found, "prod/node//n1.shop.example")
    assert (node.identifiers["uuid"], node.identifiers["provider_id"]) == ("EC2-1", "aws:///i-1")
    assert (node.attributes["memory_mib"], node.attributes["cpus"], node.attributes["os"]) == (32768, 8, "Debian 12")
    cart = document(found, "prod/deployment/shop/cart")
    assert cart.attributes["images"] == ["registry.example/cart:1"]
    assert cart.attributes["labels"] == ["app.kubernetes.io/version=1.2"]
    assert cart.identifiers == {"cluster": "prod", "kind": "deployment", "namespace": "shop", "name": "cart"}


def test_secrets_are_refused_by_their_kind_and_environments_are_not_read() -> None:
    secret = kubernetes("Secret", "db", data={"password": SECRET}, stringData={"x": SECRET})
    config = kubernetes("ConfigMap", "app", data={"x": SECRET})
    typed = {
        "apiVersion": "v1",
        "kind": "SecretList",
        "items": [{"metadata": {"name": "inner"}, "data": {"p": SECRET}}],
    }
    found = reading("kubernetes", in_yaml(secret, config, typed, *OBJECTS), cluster="prod")
    assert SECRET not in str(found)
    assert [one.document for one in found.refused] == ["Secret/shop/db", "ConfigMap/shop/app", "Secret/inner"]
    assert all("never read" in one.reason for one in found.refused)


def test_what_does_not_last_or_has_no_class_is_refused_by_name() -> None:
    found = reading(
        "kubernetes",
        in_yaml(kubernetes("Job", "once"), kubernetes("Event", "e"), kubernetes("Deployment", ""), 5, CART, CART),
        cluster="prod",
    )
    assert {one.document for one in found.refused} == {
        "Job/shop/once",
        "Event/shop/e",
        "file-0, document 3",
        "file-0, document 4",
        "deployment/shop/cart",
    }
    assert "twice" in reasons(found)["deployment/shop/cart"]


def test_the_cluster_has_to_be_named() -> None:
    found = reading("kubernetes", in_yaml(CART))
    assert (found.broken, found.documents) == (True, ())
    assert "--cluster" in found.refused[0].reason


def test_a_selector_of_everything_relates_nothing() -> None:
    many = [kubernetes("Deployment", f"d{n}", spec={"template": pods("same")}) for n in range(101)]
    found = reading(
        "kubernetes", in_yaml(*many, kubernetes("Service", "all", spec={"selector": {"app": "same"}})), cluster="prod"
    )
    assert [one.kind for one in found.noted] == ["selector"]
    assert [one.type for one in document(found, "prod/service/shop/all").relations] == ["part_of"]
