"""The virtual machines of Larkspur: which team runs what on how many of them."""

from collections.abc import Mapping
from typing import NamedTuple

DOMAIN = "larkspur.example"
SITES = ("Aalen", "Brünn")
HOSTS_OF_A_SITE = 12
_ENVIRONMENTS = ("production", "staging")


class Pool(NamedTuple):
    """Alike machines of one purpose; `memory` in MiB."""

    prefix: str
    team: str
    size: int
    cpus: int
    memory: int


class Machine(NamedTuple):
    """One virtual machine. `host`: the hypervisor's number within its site."""

    number: int
    name: str
    pool: Pool
    site: int
    host: int
    environment: str

    @property
    def fqdn(self) -> str:
        """As the name service has it."""
        return f"{self.name}.{DOMAIN}"

    @property
    def address(self) -> str:
        """In the network of its site."""
        return f"10.{10 + self.site}.{self.number // 200}.{self.number % 200 + 10}"


POOLS = (
    Pool("shop", "storefront", 28, 4, 8192), Pool("search", "storefront", 16, 8, 32768),
    Pool("cat", "storefront", 14, 4, 16384), Pool("img", "platform", 20, 4, 8192),
    Pool("acc", "platform", 18, 4, 16384),
    Pool("pay", "payments", 20, 4, 16384), Pool("chk", "payments", 22, 4, 16384), Pool("note", "platform", 10, 2, 4096),
    Pool("wh", "data", 18, 4, 16384), Pool("dwh", "data", 16, 16, 65536), Pool("ci", "platform", 24, 8, 16384),
    Pool("mon", "platform", 8, 4, 16384),
)  # fmt: skip
# service -> (pool that carries it, its database)
CARRIED: Mapping[str, tuple[str, str]] = {
    "storefront": ("shop", ""), "search": ("search", ""), "catalogue": ("cat", "catalogue-db"),
    "image-cdn-east": ("img", ""), "accounts": ("acc", "accounts-db"), "payments": ("pay", "payments-db"),
    "checkout": ("chk", "checkout-db"), "notifications": ("note", ""), "warehouse": ("wh", "warehouse-db"),
    "data-platform": ("dwh", "figures-db"),
}  # fmt: skip


def machines() -> list[Machine]:
    """All of them, half in each site; every seventh is for tests."""
    named = [(f"{pool.prefix}-{number:02}", pool) for pool in POOLS for number in range(1, pool.size + 1)]
    return [
        Machine(number, name, pool, number % 2, number // 2 % HOSTS_OF_A_SITE, _ENVIRONMENTS[number % 7 == 6])
        for number, (name, pool) in enumerate(named)
    ]
