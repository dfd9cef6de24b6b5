"""Gateways: pure translations, no I/O; `contract` says what one gives.

Adding one: its folder, one line in `REGISTRY` (or in `READERS` when it only calls back), its settings in
`config.gateways`, its test tables. Other packages import this module only, never a gateway's own modules.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from pydantic import SecretStr

from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError
from rmanalytics.gateways.clevertap_shaped import CleverTapShaped
from rmanalytics.gateways.contract import (
    Cause,
    DlrCode,
    Gateway,
    GatewayProfile,
    Reader,
    Sender,
    SubmitCode,
)
from rmanalytics.gateways.fields import identifier, number, says_nothing
from rmanalytics.gateways.gupshup import Gupshup
from rmanalytics.gateways.kannel import Kannel
from rmanalytics.gateways.route_mobile import RouteMobile
from rmanalytics.gateways.timestamps import moment
from rmanalytics.models import USUAL

__all__ = [
    "READERS",
    "REGISTRY",
    "SPEAK_CLEVERTAP",
    "USUAL",
    "Cause",
    "DlrCode",
    "Gateway",
    "GatewayProfile",
    "Reader",
    "Sender",
    "SubmitCode",
    "callback_names",
    "dlr_code",
    "dlr_fields",
    "get",
    "identifier",
    "moment",
    "number",
    "profile",
    "profiles",
    "reader",
    "reading",
    "says_nothing",
    "submit_code",
]


_T = TypeVar("_T")


class _Simulator(RouteMobile):
    """The simulator speaks Route Mobile; where no account is set it takes any."""

    def __init__(self, settings: Settings) -> None:
        if not (settings.route_mobile_username or settings.route_mobile_password):
            account = {
                "route_mobile_username": "simulator",
                "route_mobile_password": SecretStr("simulator"),
            }
            settings = settings.model_copy(update=account)
        super().__init__(settings)


REGISTRY: dict[str, type[Gateway]] = {
    "route_mobile": RouteMobile,
    "simulator": _Simulator,
    "gupshup": Gupshup,
}
"""The name is in each row: `simulator` says that nothing was really sent."""

READERS: dict[str, type[Reader]] = {
    **REGISTRY,
    "clevertap_shaped": CleverTapShaped,
    "kannel": Kannel,
}
"""Whose callbacks are read: the gateways, and those that only call back."""

SPEAK_CLEVERTAP = ("clevertap_shaped",)
"""Whose error codes are CleverTap's own."""


def get(name: str, settings: Settings) -> Gateway:
    """Return the gateway of that name; raise ConfigError for a name not in the registry."""
    if name not in REGISTRY:
        raise ConfigError(f"unknown gateway {name!r}: use one of {', '.join(REGISTRY)}")
    return REGISTRY[name](settings)


def reader(name: str, settings: Settings) -> Reader:
    """Return who reads the callbacks of that name; raise ConfigError for an unknown name."""
    if name not in READERS:
        raise ConfigError(f"unknown gateway {name!r}: use one of {', '.join(READERS)}")
    return READERS[name](settings)


def reading(name: str, settings: Settings) -> Gateway:
    """Return whose words an import is in: of a name not in the registry, those that most exports use."""
    return REGISTRY[name if name in REGISTRY else USUAL](settings)


def profile(name: str) -> GatewayProfile:
    """Return what is known of the gateway of that name; of one that is not in the registry that is nothing.

    >>> profile("simulator").title, profile("acme").title
    ('Route Mobile', 'the gateway')
    """
    return REGISTRY[name].profile if name in REGISTRY else GatewayProfile(name=name, title="the gateway")


def profiles() -> tuple[GatewayProfile, ...]:
    """Return the profile of each gateway, once."""
    return tuple({one.profile.name: one.profile for one in REGISTRY.values()}.values())


def submit_code(code: str, names: Iterable[str] = ()) -> SubmitCode | None:
    """Return what the gateways of these names (none: all) mean by a submit code.

    None where one of them does not know it or they mean different things; without names those that have it count.

    >>> submit_code("1706").meaning, submit_code("1799"), submit_code("1706", ["acme"])
    ('invalid destination', None, None)
    """
    return _agreed([one.codes.get(code) for one in _named(names)], is_strict=bool(names))


def dlr_code(code: str, names: Iterable[str] = ()) -> DlrCode | None:
    """Return what the gateways of these names (none: all) mean by an error code of their own in a DLR."""
    return _agreed([one.dlr_codes.get(code) for one in _named(names)], is_strict=bool(names))


@cache
def dlr_fields() -> dict[str, tuple[str, ...]]:
    """Return our name of each DLR field and what any gateway calls it, in the registry's order."""
    names = dict.fromkeys(name for one in profiles() for name in one.dlr_fields)
    return {
        name: tuple(dict.fromkeys(spelt for one in profiles() for spelt in one.dlr_fields.get(name, ())))
        for name in names
    }


@cache
def callback_names(*ours: str) -> frozenset[str]:
    """Return what anybody whose callbacks are read calls these fields, in lower case; without names all fields."""
    every = [each for reads in READERS.values() for each in reads.fields.items()]
    return frozenset(
        spelling.lower() for name, spelt in every if not ours or name in ours for spelling in spelt
    )


def _named(names: Iterable[str]) -> tuple[GatewayProfile, ...]:
    return tuple(map(profile, names)) or profiles()


def _agreed(found: list[_T | None], *, is_strict: bool) -> _T | None:
    """The one meaning that all give; without `is_strict` those who give none do not count."""
    given = set(found) if is_strict else set(found) - {None}
    return given.pop() if len(given) == 1 else None
