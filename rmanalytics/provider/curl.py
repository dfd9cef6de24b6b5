"""A request as text: for people, and as a curl command that takes its secrets from the environment."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from rmanalytics.models import Message
from rmanalytics.provider.definition import Provider
from rmanalytics.provider.lint.credentials import texts
from rmanalytics.provider.placeholders import fill, references
from rmanalytics.provider.render import render


def as_dict(request: httpx.Request) -> dict[str, Any]:
    """Return the request for JSON."""
    headers = {name: value for name, value in request.headers.items() if name not in _BY_HTTP}
    body = request.content.decode("utf-8", "replace")
    return {"method": request.method, "url": str(request.url), "headers": headers, "body": body}


_BY_HTTP = frozenset({"host", "content-length"})


def shown(request: httpx.Request) -> str:
    """Return the request as it travels, without what HTTP adds by itself."""
    parts = as_dict(request)
    headers = [f"{name}: {value}" for name, value in parts["headers"].items()]
    return "\n".join([f"{parts['method']} {parts['url']}", *headers, "", parts["body"]]).rstrip()


def curl(provider: Provider, batch: Sequence[Message]) -> str:
    """Return a command that sends the very same bytes, its secrets taken from the shell's environment.

    Where a secret must be escaped, in JSON, a form or a URL, `python3` does that when the command runs. A shell
    without one of them sends nothing.
    """
    marks = {name: f"RMAENV{place}X" for place, name in enumerate(_names(provider))}
    request = render(provider, batch, marks.__getitem__)
    parts = as_dict(request)
    in_body = _JSON if provider.request_type == "POST" and provider.parameters == "json" else _URL
    guard = [f'"${{{name}:?}}"' for name in secrets(provider)]
    words = ["curl", "-g", "--max-time", "15", "-X", parts["method"]]
    text = [shlex.join(words), _quoted(parts["url"], marks, _URL)]
    if provider.authentication == "basic":
        parts["headers"].pop("authorization", None)
        text += ["-u", _quoted(_user(provider, marks), marks, _RAW)]
    if provider.authentication == "oauth2":
        parts["headers"].pop("authorization", None)
        text += ["-H", f'"Authorization: Bearer ${{{TOKEN}}}"']
    for name, value in parts["headers"].items():
        text += ["-H", _quoted(f"{name}: {value}", marks, _RAW)]
    if parts["body"]:
        text += ["--data-raw", _quoted(parts["body"], marks, in_body)]
    return " ".join([":", *guard, "&&", *text] if guard else text)


TOKEN = "OAUTH_TOKEN"  # noqa: S105 (a name)
"""The variable of the token in a curl command: only CleverTap and a test send fetch one."""


def secrets(provider: Provider) -> list[str]:
    """Return the variables that a curl command reads."""
    sent = {
        name
        for where, text in texts(provider)
        if not where.startswith("oauth2.")
        for name in references(text)
    }
    return sorted(sent | {TOKEN} if provider.authentication == "oauth2" else sent)


_RAW = '"${{{name}}}"'
_JSON = (
    """"$(python3 -c 'import json,os; print(json.dumps(os.environ["{name}"], ensure_ascii=False)[1:-1])')\""""
)
_URL = """"$(python3 -c 'import os,urllib.parse as u; print(u.quote(os.environ["{name}"], safe="*"))')\""""


def _user(provider: Provider, marks: Mapping[str, str]) -> str:
    pair = f"{provider.username or ''}:{provider.password or ''}"
    return fill(pair, lambda name: provider.values.get(name, ""), marks.__getitem__)


def _quoted(word: str, marks: Mapping[str, str], form: str) -> str:
    """Return the word for a shell, each mark as what the shell puts in its place."""
    parts = re.split(f"({'|'.join(marks.values())})", word) if marks else [word]
    names = {mark: name for name, mark in marks.items()}
    return "".join(
        form.format(name=names[part]) if part in names else shlex.quote(part) for part in parts if part
    )


def _names(provider: Provider) -> list[str]:
    return sorted({name for _, text in texts(provider) for name in references(text)})
