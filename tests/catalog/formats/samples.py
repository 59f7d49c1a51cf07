"""Small files of each format, in the shapes that the tools write."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.formats.documents import Document, File, Read
from catalog.formats.options import Options
from catalog.formats.reading import read

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
SECRET = "hunter2-planted"


def reading(format_: str, *contents: str | bytes | Any, names: tuple[str, ...] = (), **options: Any) -> Read:
    """Texts and bytes as they are, all else as JSON."""
    files = []
    for number, content in enumerate(contents):
        content = content if isinstance(content, str | bytes) else json.dumps(content)
        name = names[number] if number < len(names) else f"file-{number}"
        files.append(File(name, content.encode() if isinstance(content, str) else content))
    return read(format_, files, Options(**options))


def document(found: Read, key: str) -> Document:
    [one] = [one for one in found.documents if one.key == key]
    return one


def claims(found: Read) -> set[tuple[str, ...]]:
    """(source key, type, target key), whichever end claims it."""
    return {
        (one.key, claimed.type, claimed.target)
        if claimed.direction == "out"
        else (claimed.target, claimed.type, one.key)
        for one in found.documents
        for claimed in one.relations
    }


def reasons(found: Read) -> dict[str, str]:
    return {one.document: one.reason for one in found.refused}


def entity(kind: str, name: str, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """One of Backstage, with what every one needs."""
    said = {"owner": "payments", "type": "service", "lifecycle": "production"} | spec
    return {
        "apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name} | (metadata or {}),
        "spec": {key: value for key, value in said.items() if value is not None},
    }  # fmt: skip


def in_yaml(*values: Any) -> str:
    return yaml.safe_dump_all(values, sort_keys=False)


def netbox(path: str, number: int, **said: Any) -> dict[str, Any]:
    return {"id": number, "url": f"https://netbox.example/api/{path}/{number}/", "status": {"value": "active"}} | said


def page(*objects: Any) -> dict[str, Any]:
    following = "https://netbox.example/api/dcim/devices/?limit=50&offset=50"
    return {"count": len(objects), "next": following, "previous": None, "results": list(objects)}


def facts(**said: Any) -> dict[str, Any]:
    """Of one host, as `setup` gathers them; the environment and more hold what must never be kept."""
    usual = {
        "fqdn": "web-01.shop.example", "hostname": "web-01", "product_serial": "4711", "system_vendor": "Dell Inc.",
        "product_name": "R650", "product_uuid": "4c4c4544-0042-3510-8053-b4c04f4a4d32", "machine_id": "a" * 32,
        "distribution": "Debian", "distribution_version": "12.5", "kernel": "6.1.0-18", "architecture": "x86_64",
        "processor_vcpus": 8, "memtotal_mb": 15989, "default_ipv4": {"address": "10.0.0.5"},
        "all_ipv4_addresses": ["10.0.0.5", "127.0.0.1", "169.254.1.1"], "virtualization_role": "host",
        "date_time": {"iso8601": "2026-11-12T03:10:17Z"},
        "mounts": [{"mount": "/", "fstype": "ext4", "size_total": 2**34, "size_available": 2**33}],
        "env": {"DB_PASSWORD": SECRET}, "cmdline": {"token": SECRET}, "ssh_host_key_rsa_public": SECRET,
        "local": {"vault": SECRET},
    }  # fmt: skip
    return {"ansible_facts": {f"ansible_{key}": value for key, value in (usual | said).items() if value is not None}}


def kubernetes(kind: str, name: str, namespace: str | None = "shop", **said: Any) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {}) | said.pop("metadata", {})
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **said}


def pods(app: str, *volumes: str) -> dict[str, Any]:
    """The template of a workload."""
    container = {
        "name": "main",
        "image": f"registry.example/{app}:1",
        "env": [{"name": "KEY", "value": SECRET}],
        "args": [SECRET],
    }
    claimed = [{"name": one, "persistentVolumeClaim": {"claimName": one}} for one in volumes]
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], "volumes": claimed}}


needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data folder is not there")
