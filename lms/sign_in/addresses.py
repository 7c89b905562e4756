"""Where a request comes from, as far as limits need to know. Stored only as a keyed hash."""

import ipaddress
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from lms import keys

UNKNOWN: Final = "unknown"
# One subscriber's IPv6 prefix (RFC 6177): counting single addresses would count nothing.
IPV6_PREFIX: Final = 64


def address_of(request: HttpRequest) -> str:
    """The caller's address; from `X-Forwarded-For` only as far as our own proxies wrote it (`TRUSTED_PROXIES`)."""
    given = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        given = hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    try:
        parsed = ipaddress.ip_address(given)
    except ValueError:
        return UNKNOWN
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def address_key(address: str) -> str:
    """A name for the address that only we can make: 128 bits of its HMAC; IPv6 by its /64."""
    if ":" in address:
        address = str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return keys.mac("blind_index", "address", address).hex()[:32]
