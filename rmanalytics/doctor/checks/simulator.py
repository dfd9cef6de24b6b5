"""The simulator of the settings, asked for its state: why tests would fail is known before one is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from rmanalytics import gateways
from rmanalytics.checks import Finding, not_checked, ok, warning
from rmanalytics.collect import local
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import RmaError
from rmanalytics.models import Route
from rmanalytics.support import http

_PATH = "/dlr/simulator/***"
_ANEW = "restart `rmanalytics simulate` without"


class _Trouble(NamedTuple):
    says: str
    fix: str


def simulator(scene: Scene) -> Finding:
    """Return what of the running simulator would let a test fail: faults, its callback URL, its account."""
    if scene.settings.gateway != "simulator":
        return not_checked(f"the gateway is {scene.settings.gateway}")
    try:
        url = gateways.get("simulator", scene.settings).endpoint(Route.DOMESTIC)
        parts = urlsplit(url)
        state = http.ask(f"{parts.scheme}://{parts.netloc}/healthz", scene.timeout_s).json()
        found = list(_troubles(state, parts.path, scene))
    except (httpx.HTTPError, RmaError, ValueError, KeyError, TypeError, AttributeError):
        return not_checked("it does not answer", fix="start `rmanalytics simulate` before you send")
    if not found:
        return ok("it plays no fault, and its DLRs go to this home's collector")
    return warning(found[0].says, *(f"{one.says}: {one.fix}" for one in found[1:]), fix=found[0].fix)


def _troubles(state: dict[str, Any], path: str, scene: Scene) -> Iterator[_Trouble]:
    """Yield what is wrong, the first that a message would meet first."""
    if path not in state["endpoints"]:
        variable = gateways.profile("simulator").variable("url")
        fix = f"correct {variable}: its endpoints are {', '.join(state['endpoints'])}"
        yield _Trouble(f"{path} is not one of its endpoints", fix)
    if state["faults"]:
        fix = f"{_ANEW} --fault, unless you want to see them; `--explain` says what they do"
        yield _Trouble(f"it plays faults: {', '.join(state['faults'])}", fix)
    yield from _account(state, scene)
    yield from _callbacks(state, scene)


def _account(state: dict[str, Any], scene: Scene) -> Iterator[_Trouble]:
    header = gateways.get("simulator", scene.settings).defaults.get("header")
    if header and state["headers"] and header not in state["headers"]:
        fix = f"{_ANEW} --header, or set {gateways.profile('simulator').variable('header')}"
        yield _Trouble(f"its account has the headers {', '.join(state['headers'])}, but not {header}", fix)
    if not state["credits"]:
        yield _Trouble("its account has no credit left", f"{_ANEW} --credits")


def _callbacks(state: dict[str, Any], scene: Scene) -> Iterator[_Trouble]:
    fix = f"{_ANEW} --callback: it then calls this home's collector"
    expected, pushes = f"{local.url(scene.settings)}{_PATH}", state["dlrs"]
    if state["callback"] is None:
        yield _Trouble("it pushes no DLRs", fix)
    elif scene.settings.collect_port and state["callback"] != expected:
        yield _Trouble(f"its DLRs go to {state['callback']}, this home's collector is {expected}", fix)
    elif pushes["failure"] and pushes["n_failing"] + pushes["n_lost"]:
        fix = "start `rmanalytics collect`, or restart both after the token was changed"
        yield _Trouble(f"its last failed callback: {pushes['failure']}", fix)
