"""Who is at the other end: the address and the scheme, believing only as many proxies as the settings name."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from aiohttp import web


def address_of(request: web.Request, trusted_proxies: int) -> str:
    """The client's address; of IPv6 the /64 network, because one subscriber has all of it."""
    address = _forwarded(request, "X-Forwarded-For", trusted_proxies) or request.remote or ""
    if ":" not in address:
        return address[:64]
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    return str(IPv6Network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


def is_https(request: web.Request, trusted_proxies: int) -> bool:
    """Whether the client's own connection is encrypted."""
    return (_forwarded(request, "X-Forwarded-Proto", min(trusted_proxies, 1)) or request.scheme) == "https"


def _forwarded(request: web.Request, header: str, proxies: int) -> str:
    """The entry that the outermost trusted proxy wrote; entries further left are whatever the client claimed."""
    if not proxies or header not in request.headers:
        return ""
    entries = ",".join(request.headers.getall(header)).split(",")
    return entries[-proxies].strip() if len(entries) >= proxies else ""
