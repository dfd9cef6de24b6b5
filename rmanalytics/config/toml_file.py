"""The settings file: TOML tables whose names begin the settings' names; no place for secrets."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, TomlConfigSettingsSource

from rmanalytics.errors import ConfigError
from rmanalytics.support import env_file, toml
from rmanalytics.support.nearest import near


class FlatToml(TomlConfigSettingsSource):
    """`[route_mobile] url` in the file is `route_mobile_url` here."""

    def __init__(self, settings_cls: type[BaseSettings], toml_file: Path) -> None:
        env_file.refuse_other(toml_file)
        self._fields = settings_cls.model_fields  # before the file is read, which the base does at once
        self._prefix = str(settings_cls.model_config.get("env_prefix", ""))
        super().__init__(settings_cls, toml_file=toml_file)

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        try:
            tables = toml.parsed(lines(Path(str(file_path))))
        except ValueError as error:
            raise ConfigError(f"{file_path}: {error}") from None
        flat: dict[str, Any] = {}
        fields, prefix = self._fields, self._prefix
        for key, value in tables.items():
            flat |= (
                {f"{key}_{inner}": v for inner, v in value.items()}
                if isinstance(value, dict)
                else {key: value}
            )
        if secrets := sorted(name for name in flat.keys() & fields.keys() if holds_a_secret(fields[name])):
            names = ", ".join(prefix + name.upper() for name in secrets)
            raise ConfigError(
                f"{file_path}: secrets are not allowed here: put {names} into the environment or .env"
            )
        if unknown := sorted(flat.keys() - fields.keys()):
            names = ", ".join(f"{name}{near(name, fields)}" for name in unknown)
            raise ConfigError(
                f"{file_path}: unknown setting {names}: correct it; `rmanalytics init --home NEW/data` writes all of "
                "them, with what they mean, into NEW"
            )
        return flat


def lines(path: Path) -> str:
    """Return the text with line ends as TOML has them; raise ConfigError where a carriage return ends them."""
    text = env_file.text(path).replace("\r\n", "\n")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise ConfigError(
            f"{path}: line {line}: ends in a carriage return (CR) alone: save the file with line ends LF or CRLF"
        )
    return text


def holds_a_secret(field: FieldInfo) -> bool:
    """Return whether a setting is a secret."""
    return SecretStr in get_args(field.annotation)
