"""A run of the simulator as planned: settings and options checked and put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from rmanalytics.config import Settings, require
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.simulator import faults, magic, profile
from rmanalytics.simulator.protocol import Account
from rmanalytics.simulator.sandbox import Manners, Scrub
from rmanalytics.support.urls import flaw

_COLLECTOR_WAITS_S = float(Settings.model_fields["collect_client_timeout_s"].default)
"""The setting itself is the fix of what a slow callback causes: raising it must help."""

RETRIES_S = (0.5, 2.0, 6.0)
"""Real seconds before each further try of a callback; what Route Mobile does is not known."""
OFF = "off"
ALL = "all"


class Method(StrEnum):
    """How DLR callbacks come: query of a GET, form of a POST, or either by chance."""

    GET = "GET"
    POST = "POST"
    MIXED = "mixed"


EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (nothing is bound here)
POST_SHARE = {Method.GET: 0.0, Method.POST: 1.0, Method.MIXED: 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorOptions:
    """All a run needs; without a callback URL no DLR is pushed.

    `speed` divides delays, `hang_s` is how long a hanging answer takes, `slow_s` how long a slow callback,
    `drain_s` how long the end may take.
    """

    manners: Manners
    host: str
    port: int
    callback: str | None = field(repr=False)
    zone: str
    speed: float
    hang_s: float
    slow_s: float
    drain_s: float
    retries_s: tuple[float, ...]


def make(
    settings: Settings,
    *,
    profile_name: str = "default",
    seed: int = 1,
    speed: float = 1.0,
    fault: Iterable[str] = (),
    callback: str | None = None,
    callback_method: Method = Method.POST,
    magic_numbers: str = magic.PREFIX,
    credits_left: int | None = None,
    headers: Iterable[str] = (),
    drain_s: float = 0.0,
    scrub: Scrub | None = None,
    retries_s: tuple[float, ...] = RETRIES_S,
) -> SimulatorOptions:
    """Return the plan of a run; raise BadInput or ConfigError naming what to fix.

    `callback` is a URL, `off`, or None for the collector of the settings; `magic_numbers` is the prefix of
    magic numbers, `all` or `off`; `headers` are those of the account, empty for any.
    """
    chosen = profile.load(profile_name)
    manners = Manners(
        profile=chosen,
        account=_account(settings, chosen, frozenset(headers)),
        seed=seed,
        shares=faults.parse(fault),
        magic_prefix=_prefix(magic_numbers),
        post_share=POST_SHARE[callback_method],
        credits=credits_left,
        scrub=scrub,
    )
    if not 0 < speed < inf:
        raise BadInput(f"--speed {speed:g}: must be above 0; 60 makes an hour a minute")
    return SimulatorOptions(
        manners=manners,
        host=settings.simulate_host,
        port=settings.simulate_port,
        callback=_callback(settings, callback),
        zone=settings.route_mobile_timezone,
        speed=speed,
        hang_s=settings.send_timeout_s * 1.5,
        slow_s=2 * _COLLECTOR_WAITS_S,
        drain_s=drain_s,
        retries_s=retries_s,
    )


def redact(url: str) -> str:
    """Return the URL without what may be secret in it: its last path segment, its query, a password.

    >>> redact("http://127.0.0.1:8320/dlr/simulator/s3cret?x=1")
    'http://127.0.0.1:8320/dlr/simulator/***'
    """
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{folder}/***"


def dial(host: str, port: int) -> str:
    """Return the URL at which a server bound to this address is called from this machine.

    >>> dial("0.0.0.0", 8321), dial("::1", 8321)
    ('http://127.0.0.1:8321', 'http://[::1]:8321')
    """
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _account(settings: Settings, chosen: profile.Profile, headers: frozenset[str]) -> Account:
    """Return the account of the settings; with half of its credentials it is anybody's."""
    username, password = settings.route_mobile_username, _plain(settings.route_mobile_password)
    return Account(
        username=username if password else None,
        password=password if username else None,
        delimiter=settings.route_mobile_delimiter,
        flat_shape=chosen.flat_answer,
        headers=headers,
    )


def _prefix(magic_numbers: str) -> str | None:
    if magic_numbers == OFF:
        return None
    prefix = "" if magic_numbers == ALL else magic_numbers.removeprefix("+")
    if prefix and not (prefix.isascii() and prefix.isdecimal()):
        raise BadInput(
            f"--magic {magic_numbers}: use the first digits of a number, such as {magic.PREFIX}, all or off"
        )
    return prefix


def _callback(settings: Settings, callback: str | None) -> str | None:
    if callback == OFF:
        return None
    if callback is not None:
        if why := flaw(callback):
            raise BadInput(f"--callback: {why}, or write off")
        return callback
    require(settings, "collect_token")
    if not settings.collect_port:
        raise ConfigError(
            "RMANALYTICS_COLLECT_PORT is 0: set the collector's port there or pass --callback URL"
        )
    token = quote(_plain(settings.collect_token) or "", safe="")
    return f"{dial(settings.collect_host, settings.collect_port)}/dlr/simulator/{token}"


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
