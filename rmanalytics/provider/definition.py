"""A CleverTap "Other (Generic)" SMS provider as a typed file: what the dashboard's form says.

Secrets are written as `${NAME}` and read from the environment; `$$Name` is filled by CleverTap for each message.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from rmanalytics.errors import BadInput


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OAuth2(_Part):
    """OAuth 2.0 client credentials."""

    client_url: str = Field(description="Where the token comes from.")
    client_id: str = Field(description="Client id; may be `${NAME}`.")
    secret_key: str = Field(description="`${NAME}` of the environment.")
    extra: dict[str, str] = Field({}, description="Further key-values of the token request.")


class Batching(_Part):
    """Several messages in one JSON request; the body holds one message's object in a list under `key`."""

    key: str = Field(pattern=r"^[^\x00-\x1f]+$", description="Name of the array.")
    size: int = Field(1000, ge=1, description="Most messages in one request.")


class Provider(_Part):
    """The definition as entered in CleverTap; `route` and what follows are ours, for checks and test sends."""

    nickname: str = Field(min_length=1, description="Unique name of the provider.")
    request_type: Literal["GET", "POST"] = Field("POST", description="HTTP method.")
    endpoint: str = Field(min_length=1, description="Whole URL; may hold placeholders.")
    authentication: Literal["none", "basic", "oauth2"] = Field("none", description="How CleverTap logs in.")
    username: str | None = Field(None, description="Of basic authentication.")
    password: str | None = Field(None, description="Of basic authentication: `${NAME}`.")
    oauth2: OAuth2 | None = None
    parameters: Literal["key-value", "json"] = Field("json", description="How a POST carries `body`.")
    headers: dict[str, str] = Field({}, description="HTTP headers.")
    body: dict[str, Any] = Field({}, description="Parameters, or the whole JSON payload.")
    batch: Batching | None = None
    callback_url: str | None = Field(None, description="The delivery report callback URL CleverTap shows.")
    encryption: bool = Field(False, description="CleverTap's payload encryption.")
    route: Literal["domestic", "international"] = Field("domestic", description="DLT applies to domestic.")
    to_with_plus: bool = Field(True, description="Whether $$To starts with a plus.")
    variables_as: Literal["list", "joined"] = Field("list", description="How $$TemplateVariables is written.")
    values: dict[str, str] = Field({}, description="What custom placeholders stand for in test sends.")

    _path: Path = PrivateAttr(Path("provider"))
    _text: str = PrivateAttr("")

    @property
    def path(self) -> Path:
        """The file it came from."""
        return self._path

    @property
    def text(self) -> str:
        """That file's text."""
        return self._text


def load(path: str | Path) -> Provider:
    """Return the provider of a TOML or JSON file; raise BadInput naming file, field and fix."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        data = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
        provider = Provider.model_validate(data)
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise BadInput(
            f"{file}: {'; '.join(_faults(error))}: see the sample that `rmanalytics init` writes"
        ) from None
    except RecursionError:
        raise BadInput(f"{file}: not readable as TOML or JSON: nested too deeply") from None
    except ValueError as error:
        raise BadInput(f"{file}: not readable as TOML or JSON: {error}") from None
    provider._path, provider._text = file, text
    return provider


def _faults(error: ValidationError) -> list[str]:
    """Never with the value: it may be a secret."""
    return [f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors()]
