"""The gateway: is it reachable? Nothing is sent to it."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from rmanalytics import gateways
from rmanalytics.checks import Finding, Mark, not_checked, ok, warning
from rmanalytics.config import Settings, is_loopback
from rmanalytics.doctor.model import Scene
from rmanalytics.errors import RmaError
from rmanalytics.models import Route
from rmanalytics.support.http import NOT_TLS

_PORTS = {"http": 80, "https": 443}


def endpoints(settings: Settings) -> list[str]:
    """Return the URLs messages go to, one per scheme, host and port; invalid ones are left out."""
    found: dict[tuple[str, str, int], str] = {}
    gateway = gateways.get(settings.gateway, settings)
    for route in Route:
        try:
            url = gateway.endpoint(route)
        except RmaError:
            continue
        found.setdefault(_place(url), url)
    return list(found.values())


def gateway(scene: Scene) -> Finding:
    """Return whether each endpoint accepts a connection and TLS; other hosts only when online."""
    urls = endpoints(scene.settings)
    asked = [url for url in urls if scene.is_online or is_loopback(url)]
    if not asked:
        hosts = ", ".join(_name(url) for url in urls)
        return not_checked(
            f"{hosts}: not on this machine", fix="add --online: this connects but sends nothing"
        )
    tried = {_name(url): _attempt(url, scene.timeout_s) for url in asked}
    evidence = [f"{name}: {why or 'reachable'}" for name, why in tried.items()]
    if not any(tried.values()):
        return ok(", ".join(evidence))
    asked_for = gateways.profile(scene.settings.gateway)
    url = asked_for.variable("url")
    is_tls_missing = NOT_TLS in tried.values()
    if scene.settings.gateway == "simulator" and not scene.is_online and not is_tls_missing:
        return warning(", ".join(evidence), fix="start `rmanalytics simulate` before you send")
    fix = f"check firewall, DNS and {url}; {asked_for.title} may have to allow your address"
    if all(is_loopback(one) for one in asked):
        is_ours = scene.settings.gateway == "simulator"
        fix = f"start {'`rmanalytics simulate`' if is_ours else 'what listens there'}, or correct {url}"
    if is_tls_missing:
        fix = f"if it is plain http, write http:// in {url}; else {fix}"
    return Finding(
        mark=Mark.FAIL,
        says=", ".join(evidence),
        fix=fix,
        is_unreachable=True,
    )


def _attempt(url: str, timeout_s: float) -> str:
    """Return why there is no connection; empty where there is one."""
    scheme, host, port = _place(url)
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as plain:
            if scheme == "https":
                with ssl.create_default_context().wrap_socket(plain, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not valid: {error.verify_message}"
    except ssl.SSLError:
        return NOT_TLS
    except TimeoutError:
        return f"no answer within {timeout_s:g} s"
    except (socket.gaierror, UnicodeError):
        return "unknown host"
    except OSError as error:
        return (error.strerror or "no connection").lower()
    return ""


def _place(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _name(url: str) -> str:
    _, host, port = _place(url)
    return f"{host}:{port}"
