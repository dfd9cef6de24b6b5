"""What people see: a page of endpoints, a text for unknown paths, the state as JSON."""

from __future__ import annotations

from typing import Any

import orjson

from rmanalytics.simulator.protocol import CREDITS_PATH, Reply, SandboxEndpoint

ENDPOINTS = {
    SandboxEndpoint.BULK: "GET or POST: one text to many numbers; or CleverTap's flat JSON",
    SandboxEndpoint.PERSONALIZED: "GET or POST: the same without type and dlr; or CleverTap's flat JSON",
    SandboxEndpoint.SEPARATE: "GET or POST: a separate text for each number, split at the delimiter",
    SandboxEndpoint.JSON: "POST JSON: {&quot;request&quot;: [...]}",
    CREDITS_PATH: "GET: credits left",
    "/clevertap/200": "POST: CleverTap's callback URL, to rehearse the relay; /clevertap/400, 401 and 503 refuse",
    "/healthz": "GET: this simulator's state as JSON",
}

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Simulated Route Mobile</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:3rem auto;padding:0 1rem}}
td{{padding:.2rem 1rem .2rem 0;vertical-align:top}}pre{{overflow:auto}}</style>
<h1>Simulated Route Mobile</h1>
<p>Simulated: nothing that is sent here reaches a phone. Run by <code>rmanalytics simulate</code>.</p>
<table>{rows}</table>
<h2>State (simulated)</h2>
<pre>{state}</pre>
</html>
"""


def home(state: dict[str, Any]) -> Reply:
    """Return the page that explains the endpoints."""
    rows = "".join(f"<tr><td><code>{path}</code><td>{what}" for path, what in ENDPOINTS.items())
    text = orjson.dumps(state, option=orjson.OPT_INDENT_2).decode().replace("<", "&lt;")
    body = _PAGE.format(rows=rows, state=text)
    return Reply(body=body.encode(), content_type="text/html; charset=utf-8")


def health(state: dict[str, Any]) -> Reply:
    """Return the state as JSON."""
    return Reply(body=orjson.dumps(state), content_type="application/json")


def unknown(path: str) -> Reply:
    """Return 404 and what there is instead."""
    known = ", ".join(ENDPOINTS)
    return Reply(body=f"simulated: unknown path {path[:200]}; use one of {known}\n".encode(), status=404)


def wrong_method(method: str) -> Reply:
    """Return 405."""
    return Reply(body=f"simulated: method {method[:20]} is not allowed here\n".encode(), status=405)


def to_https(path: str) -> Reply:
    """Return 301: https is asked for."""
    return Reply(body=f"simulated: use https for {path}\n".encode(), status=301)


def too_large(limit: int) -> Reply:
    """Return 413."""
    return Reply(body=f"simulated: a request has at most {limit:,} bytes\n".encode(), status=413)
