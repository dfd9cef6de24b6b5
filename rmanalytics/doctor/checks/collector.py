"""The collector: its port, and the callback URL, requested in a way that leaves nothing in the journal."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil

from rmanalytics import gateways
from rmanalytics.checks import Finding, fault, not_checked, ok, warning
from rmanalytics.collect import local, started
from rmanalytics.collect.bind import held
from rmanalytics.collect.routes import PROBE
from rmanalytics.config import Settings, is_loopback
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import BadInput, PortTaken, RmaError
from rmanalytics.support.urls import flaw
from rmanalytics.support.wording import verb


def port(scene: Scene) -> Finding:
    """Return whether the collector's port is free, or our collector answers there."""
    settings = scene.settings
    if settings.collect_port == 0:
        return not_checked("RMANALYTICS_COLLECT_PORT is 0: a free port is used")
    try:
        with held(settings.collect_host, settings.collect_port):
            return ok(f"{_where(settings)} is free: no collector is running")
    except PortTaken:
        return _who_listens(scene)
    except RmaError as error:
        says, _, fix = str(error).rpartition(": ")
        return fault(says, fix=fix)


def callback(scene: Scene) -> Finding:
    """Return whether the callback URL answers a wrong token with 404, as a collector does."""
    url = checked(scene.callback_url) if scene.callback_url else None
    if url is None:
        if not _is_ours(scene):
            return not_checked(
                "no collector answers", fix="start `rmanalytics collect`, or give --callback URL"
            )
        url = f"{local.url(scene.settings)}/dlr/{gateways.profile(scene.settings.gateway).name}/{PROBE}"
    where = _shown(url)
    try:
        answer = _get(url, scene)
    except httpx.HTTPError as error:
        return fault(
            f"{where}: {_why(error)}", fix="start the collector there; check proxy, DNS and firewall"
        )
    is_encrypted = url.startswith("https") or is_loopback(url)
    title = gateways.profile(scene.settings.gateway).title
    return judge_answer(where, answer.status_code, is_encrypted=is_encrypted, gateway=title)


def judge_answer(where: str, status: int, *, is_encrypted: bool, gateway: str) -> Finding:
    """Return the finding on the answer to a wrong token; `gateway` is its title."""
    says = f"{where} answered {status} to a wrong token"
    if status == 403:
        return warning(
            says,
            fix=f"RMANALYTICS_COLLECT_ALLOW blocks this machine: check that it lists {gateway}'s networks",
        )
    if status != 404:
        return fault(f"{says}, a collector answers 404", fix="route this path to the collector, unchanged")
    if not is_encrypted:
        return warning(f"{says}, without TLS", fix=f"give {gateway} an https URL: the token is in its path")
    return ok(f"{says}, as a collector does")


def checked(url: str) -> str:
    """Return the callback URL with a wrong token in place of its token.

    >>> checked("https://sms.example.org/dlr/route_mobile/s3cret")
    'https://sms.example.org/dlr/route_mobile/doctor-no-token'
    """
    if why := flaw(url):
        raise BadInput(f"--callback: {why}")
    parts = urlsplit(url)
    root, found, rest = parts.path.partition("/dlr/")
    gateway, slash, _ = rest.partition("/")
    if not (found and slash and gateway):
        raise BadInput(
            f"--callback: give a complete URL such as https://YOUR-HOST/dlr/{gateways.USUAL}/TOKEN"
        )
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, f"{root}/dlr/{gateway}/{PROBE}", "", ""))


def _who_listens(scene: Scene) -> Finding:
    where = _where(scene.settings)
    try:
        answer = _get(f"{local.url(scene.settings)}/healthz", scene)
    except httpx.HTTPError as error:
        return _something_else(scene.settings, _why(error))
    if answer.status_code == 503 and answer.text.startswith("the journal cannot be written"):
        return fault(
            f"the collector at {where}: {answer.text.strip()[:200]}",
            fix="free disk space, or fix the permissions of the home",
        )
    if answer.status_code == 200 and answer.content == b"ok\n":
        return _up_to_date(where, scene.settings)
    return _something_else(scene.settings, f"/healthz answered {answer.status_code}")


def _up_to_date(where: str, settings: Settings) -> Finding:
    """Return whether the collector that answers still has the settings that count now."""
    if not (names := started.changed(settings)):
        return ok(f"the collector answers at {where}")
    asked = gateways.profile(settings.gateway)
    register = (
        f"ask {asked.title} to register https://YOUR-HOST/dlr/{asked.name}/ with the new token behind it"
    )
    fix = started.remedy(names, register, is_simulated=settings.gateway == "simulator")
    return fault(
        f"the collector at {where} started before {', '.join(names)} {verb(len(names), 'was', 'were')} changed",
        fix=fix if "token" in fix else f"{fix}: it keeps the settings that it started with",
    )


def _something_else(settings: Settings, why: str) -> Finding:
    who = _process(settings.collect_port)
    return fault(
        f"{_where(settings)} is in use by {who or 'something'} that is not a collector ({why})",
        fix="stop it, or choose another port with RMANALYTICS_COLLECT_PORT",
    )


def _process(number: int) -> str:
    """Return name and pid of the process that listens; empty if the system does not show it."""
    try:
        found = [
            one.pid
            for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr.port == number and one.pid
        ]
        return f"process {found[0]} ({psutil.Process(found[0]).name()})" if found else ""
    except psutil.Error:
        return ""


def _is_ours(scene: Scene) -> bool:
    try:
        return (
            scene.settings.collect_port > 0 and _get(f"{local.url(scene.settings)}/healthz", scene).is_success
        )
    except httpx.HTTPError:
        return False


def _get(url: str, scene: Scene) -> httpx.Response:
    return local.ask(url, scene.settings, scene.timeout_s)


def _where(settings: Settings) -> str:
    return f"{settings.collect_host}:{settings.collect_port}"


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/…"


def _why(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return f"no connection: {str(error)[:120]}"
    return "no HTTP answer"
