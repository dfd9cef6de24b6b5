"""A CleverTap "Other (Generic)" SMS provider as a typed file: what the dashboard's form says.

Secrets are written as `${NAME}` and read from the environment; `$$Name` is filled by CleverTap for each message.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from rmanalytics.errors import BadInput
from rmanalytics.support import toml
from rmanalytics.support.files import no_file
from rmanalytics.support.nearest import fields_at, near
from rmanalytics.support.wording import unfit


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _field(default: Any, description: str, example: Any, **limits: Any) -> Any:
    return Field(default, description=description, examples=[example], **limits)


class OAuth2(_Part):
    """OAuth 2.0 client credentials."""

    client_url: str = _field(..., "Where the token comes from.", "https://login.example.com/oauth2/token")
    client_id: str = _field(..., "Client id; may be `${NAME}`.", "${OAUTH_CLIENT_ID}")
    secret_key: str = _field(..., "Client secret: `${NAME}` of the environment or .env.", "${OAUTH_SECRET}")
    extra: dict[str, str] = _field({}, "Further key-values of the token request.", {"scope": "sms.send"})
    credentials_in: Literal["body", "header"] = _field(
        "body", "How a test send gives id and secret: form fields, or basic authentication (ours).", "body"
    )


class Batching(_Part):
    """Several messages in one JSON request; the body holds one message's object in a list under `key`."""

    key: str = _field(..., "Name of the array.", "msgs", pattern=r"^[^\x00-\x1f]+$")
    size: int = _field(1000, "Most messages in one request.", 100, ge=1)


class Provider(_Part):
    """The definition as entered in CleverTap; `route` and what follows are ours, for checks and test sends."""

    nickname: str = _field(..., "Unique name of the provider.", "RouteMobile", min_length=1)
    request_type: Literal["GET", "POST"] = _field("POST", "HTTP method.", "POST")
    endpoint: str = _field(
        ...,
        "Whole URL; may hold placeholders.",
        "https://api.rmlconnect.net/bulksms/personalizedbulksms",
        min_length=1,
    )
    authentication: Literal["none", "basic", "oauth2"] = _field("none", "How CleverTap logs in.", "none")
    username: str | None = _field(None, "Of basic authentication.", "${BASIC_USERNAME}")
    password: str | None = _field(None, "Of basic authentication: `${NAME}`.", "${BASIC_PASSWORD}")
    parameters: Literal["key-value", "json"] = _field("json", "How a POST carries `body`.", "json")
    body_json: str | None = _field(
        None,
        "The JSON payload as pasted from the dashboard, instead of `body`.",
        '{\n  "destination": "$$To"\n}\n',
    )
    callback_url: str | None = _field(
        None,
        "The delivery report callback URL CleverTap shows.",
        "https://in1.cb.wzrkt.com/sms/generic?account=ACCOUNT-ID",
    )
    encryption: bool = _field(False, "CleverTap's payload encryption.", False)
    route: Literal["domestic", "international"] = _field("domestic", "DLT applies to domestic.", "domestic")
    to_with_plus: bool = _field(True, "Whether $$To starts with a plus.", True)
    variables_as: Literal["list", "joined"] = _field("list", "How $$TemplateVariables is written.", "list")
    headers: dict[str, str] = _field({}, "HTTP headers.", {"Content-Type": "application/json"})
    body: dict[str, Any] = _field(
        {},
        "Parameters, or the whole JSON payload.",
        {"destination": "$$To", "message": "$$Body", "msgid": "$$MessageID"},
    )
    batch: Batching | None = None
    oauth2: OAuth2 | None = None
    values: dict[str, str] = _field({}, "What custom placeholders stand for in test sends.", {"hid": "42"})

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
        text = _text(file)
        data = _json(text) if file.suffix.lower() == ".json" else toml.parsed(text)
        provider = Provider.model_validate(_with_body(data, file, text))
    except OSError as error:
        raise BadInput(f"{file}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise BadInput(f"{file}: {'; '.join(_faults(error))}: see `rmanalytics provider schema`") from None
    except RecursionError:
        raise BadInput(f"{file}: not readable as JSON: nested too deeply") from None
    except ValueError as error:
        raise BadInput(f"{file}: {error}") from None
    provider._path, provider._text = file, text
    return provider


def _text(file: Path) -> str:
    if what := no_file(file):
        raise BadInput(f"{file}: is {what}: name a provider file")
    content = file.read_bytes()
    for mark, what in ((b"\xef\xbb\xbf", "UTF-8 with BOM"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if content.startswith(mark):
            raise BadInput(f"{file}: begins with a byte order mark ({what}): save it as UTF-8 without BOM")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{file}: line {line}: is not UTF-8: save the file as UTF-8") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(_fault_in(text, error, 1, "not readable as JSON")) from None


def _with_body(data: Any, file: Path, text: str) -> Any:
    """Return the data with the pasted payload as its body; a fault in it is named by its line in the file."""
    pasted = data.get("body_json") if isinstance(data, dict) else None
    if not isinstance(pasted, str):
        return data
    if data.get("body"):
        raise BadInput(f"{file}: both body and body_json: keep one of them")
    first = _first_line(text) if file.suffix.lower() != ".json" else 1
    try:
        body = json.loads(pasted)
    except ValueError as error:
        raise BadInput(f"{file}: {_fault_in(pasted, error, first)}") from None
    if not isinstance(body, dict):
        raise BadInput(f"{file}: body_json: not a JSON object: paste the whole payload, from {{ to }}")
    return data | {"body": body}


def _first_line(text: str) -> int:
    """Return the line on which the pasted payload begins; TOML drops a line break behind the opening quotes."""
    found = re.search(r"^[ \t]*body_json[ \t]*=[ \t]*(?:\'\'\'|\"\"\")?(\r?\n)?", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1


_PLAIN = {
    "Expecting value": "a value is missing, or is text without quotes",
    "Expecting property name enclosed in double quotes": "a name without double quotes, or a comma too much",
    "Illegal trailing comma before end of object": "a comma too much",
    "Illegal trailing comma before end of array": "a comma too much",
    "Expecting ':' delimiter": "a colon is missing behind a name",
    "Extra data": "something follows the last }",
    "Unterminated string starting at": "a quote is not closed",
    "Invalid control character at": "a quote is not closed on its line",
}


def _fault_in(pasted: str, error: ValueError, first: int, what: str = "body_json") -> str:
    """Return a fault of JSON with its line; a missing comma is missing where the text before it ends."""
    if not isinstance(error, json.JSONDecodeError):
        return f"{what}: {error}"
    is_comma = error.msg.startswith("Expecting ',' delimiter")
    position = len(pasted[: error.pos].rstrip()) if is_comma else error.pos
    line = first + pasted.count("\n", 0, position)
    why = "a comma is missing at its end" if is_comma else _PLAIN.get(error.msg, error.msg.lower())
    if pasted[error.pos : error.pos + 1] in set("\u201c\u201d\u2018\u2019'"):
        why = "its quotes are not plain double quotes"
    return f'line {line}: {what}: {why}: fix it as in "key": "value",'


def _faults(error: ValidationError) -> list[str]:
    """Never with the value: it may be a secret."""
    return [
        f"{'.'.join(map(str, fault['loc'])) or 'file'}: {unfit(fault['msg'])}{_meant(fault['type'], fault['loc'])}"
        for fault in error.errors()
    ]


def _meant(kind: str, place: tuple[int | str, ...]) -> str:
    return near(str(place[-1]), fields_at(Provider, place)) if kind == "extra_forbidden" else ""
