"""Which networks callbacks may come from, also behind reverse proxies that are named as trusted."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from ipaddress import IPv4Network as Network4

from rmanalytics.errors import ConfigError

Address = IPv4Address | IPv6Address
Networks = tuple[Network4 | IPv6Network, ...]


def networks(text: str | None, name: str) -> Networks:
    """Return the CIDRs of a setting, commas between them; raise ConfigError, which names the setting.

    >>> networks("10.0.0.0/8, 192.0.2.7", "RMANALYTICS_COLLECT_ALLOW")
    (IPv4Network('10.0.0.0/8'), IPv4Network('192.0.2.7/32'))
    """
    try:
        return tuple(ip_network(part.strip()) for part in (text or "").split(",") if part.strip())
    except ValueError as error:
        raise ConfigError(
            f"{name}: {error}: give networks such as 203.0.113.0/24, separated by commas"
        ) from None


class Access:
    """Who may send callbacks; without an allow-list everybody who has the token."""

    def __init__(self, allow: str | None = None, trusted_proxies: str | None = None) -> None:
        """Both are CIDRs with commas between them."""
        self._allow = networks(allow, "RMANALYTICS_COLLECT_ALLOW")
        self._proxies = networks(trusted_proxies, "RMANALYTICS_COLLECT_TRUSTED_PROXIES")
        self.is_open = not self._allow

    def admits(self, peer: str, forwarded: Sequence[str]) -> bool:
        """Return whether the client may send; `peer` is `address:port`, `forwarded` each X-Forwarded-For.

        >>> access = Access("203.0.113.0/24", "127.0.0.1")
        >>> access.admits("203.0.113.9:5000", []), access.admits("127.0.0.1:5000", ["6.6.6.6, 203.0.113.9"])
        (True, True)
        >>> access.admits("6.6.6.6:5000", ["203.0.113.9"])
        False
        """
        client = self.client(peer, forwarded)
        return client is not None and _is_in(client, self._allow)

    def client(self, peer: str, forwarded: Sequence[str]) -> Address | None:
        """Return who sends, as far as trusted proxies say.

        Go through the hops from the right: each is believed only as long as a trusted proxy names it."""
        hops = [hop for line in forwarded for hop in line.split(",")]
        client = _address(peer.rpartition(":")[0])
        while hops and client is not None and _is_in(client, self._proxies):
            client = _address(hops.pop())
        return client


def _is_in(address: Address, among: Networks) -> bool:
    return any(address in network for network in among)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
