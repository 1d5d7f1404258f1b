"""Which addresses may be connected to: public ones, and exactly those host:port that the settings name.

The check is made on the address that is then connected to, so that a name cannot change its mind in between.
"""

import asyncio
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_CLOSED = tuple(  # what the standard library of some version takes for public
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's own, to every machine there
        "192.0.0.0/24",  # assigned by protocols
        "192.88.99.0/24",  # relays of 6to4, given up
        "3fff::/20",  # examples
        "64:ff9b:1::/48",  # translated to addresses of the own network
        "fec0::/10",  # site-local
    )
)
_PORTS = {"http": 80, "https": 443}


class Unreachable(Exception):
    """A page that is not fetched; the message is the reason, for the operator."""


class PublicResolver(AbstractResolver):
    """Resolves names for aiohttp, which connects to nothing but what is given here."""

    def __init__(self, allowed: Collection[str] = ()) -> None:
        """`allowed` are host:port, such as 10.0.0.7:8080, which need not be public."""
        self._allowed = frozenset(allowed)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of a name; raises OSError when one of them must not be connected to."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        for _, _, _, _, address in found:
            self.check_address(host, port, str(address[0]))
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=0)
            for kind, _, proto, _, address in found
        ]

    def check_url(self, url: URL) -> None:
        """Raise Unreachable for what must not be asked for at all."""
        host, port = url.host or "", url.port or 0
        if url.scheme not in _PORTS or not host:
            raise Unreachable(f"not a web address: {url.scheme}")
        if url.user is not None or url.password is not None:
            raise Unreachable("an address with a password in it")
        if port != _PORTS[url.scheme] and f"{host}:{port}" not in self._allowed:
            raise Unreachable(f"port {port}")
        try:
            ip_address(host)
        except ValueError:
            return  # a name: checked when it is resolved
        try:
            self.check_address(host, port, host)
        except OSError as error:
            raise Unreachable(str(error)) from error

    def check_address(self, host: str, port: int, address: str) -> None:
        """Raise OSError for an address that is not public."""
        if f"{host}:{port}" not in self._allowed and not is_public(address):
            raise OSError(f"{host} is not a public address")

    async def close(self) -> None:
        """Nothing is held."""


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the open internet, also when it hides an IPv4 address."""
    found = ip_address(address.partition("%")[0])
    inner = _hidden(found) if isinstance(found, IPv6Address) else None
    return _is_open(found) and (inner is None or _is_open(inner))


def _is_open(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in _CLOSED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _hidden(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if address.teredo is not None:
        return address.teredo[1]
    nat64 = IPv4Address(int(address) & 0xFFFFFFFF) if int(address) >> 32 == 0x64FF9B << 64 else None
    return address.ipv4_mapped or address.sixtofour or nat64
