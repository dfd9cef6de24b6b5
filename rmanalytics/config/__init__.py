"""Settings: flag > environment > `.env` > `rmanalytics.toml` in the home's parent > default."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from rmanalytics.config.gateways import DOMESTIC_URL, INTERNATIONAL_URL, Format, GatewayName
from rmanalytics.config.places import set_in
from rmanalytics.config.settings import META_FIELDS, META_PATTERN, PREFIX, Settings, home_of
from rmanalytics.config.toml_file import holds_a_secret
from rmanalytics.errors import ConfigError
from rmanalytics.support import env_file
from rmanalytics.support.urls import LOOPBACK, is_loopback
from rmanalytics.support.wording import unfit

__all__ = [
    "DOMESTIC_URL",
    "INTERNATIONAL_URL",
    "LOOPBACK",
    "META_FIELDS",
    "META_PATTERN",
    "PREFIX",
    "Format",
    "GatewayName",
    "Settings",
    "home_of",
    "is_loopback",
    "is_secret",
    "load",
    "require",
]


def is_secret(name: str) -> bool:
    """Return whether the setting is a secret, which neither flags nor the settings file may hold.

    >>> is_secret("collect_token"), is_secret("collect_port")
    (True, False)
    """
    return holds_a_secret(Settings.model_fields[name])


def load(**flags: Any) -> Settings:
    """Return the settings; flags that are None are left to the other sources.

    Raises ConfigError, which lists every wrong setting at once and never shows a value of a secret.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        where = set_in(home_of(given.get("home")).parent, PREFIX, given)
        faults = [
            f"{_name(fault['loc'])}{unfit(fault['msg'])}{where(fault['loc'])}" for fault in error.errors()
        ]
        raise ConfigError("wrong settings: " + "; ".join(faults)) from None


def unread(home: Path, environment: Iterable[str]) -> list[str]:
    """Return our unknown variables, each with where it is set and the nearest real name."""
    names = dict.fromkeys(env_file.variables(home.absolute().parent / ".env"), ".env")
    return env_file.unread(
        names | dict.fromkeys(environment, "the environment"), PREFIX, Settings.model_fields
    )


def require(settings: Settings, *names: str) -> None:
    """Raise ConfigError naming every setting of `names` that is empty.

    >>> require(Settings(collect_token="t"), "collect_token")
    """
    if missing := [PREFIX + name.upper() for name in names if not _value(settings, name)]:
        raise ConfigError(
            f"not set: {', '.join(missing)}: put {'it' if len(missing) == 1 else 'them'} into the environment or .env"
        )


def _value(settings: Settings, name: str) -> Any:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _name(location: tuple[int | str, ...]) -> str:
    return "".join(f"{PREFIX}{str(part).upper()}: " for part in location)
