"""Doctor: check that this installation is ready. Each check reports what it found and, if needed, the fix.

Nothing is sent and nothing is changed. Other hosts are contacted only if the user asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from rmanalytics.checks import Check, Checked
from rmanalytics.doctor.checks import (
    collector,
    data,
    files,
    gateway,
    go_live,
    installation,
    machine,
    settings,
    simulator,
)
from rmanalytics.doctor.model import Diagnosis, Scene

__all__ = ["CHECKS", "GO_LIVE", "Diagnosis", "Scene", "examine"]

CHECKS = (
    Check(name="python", title="Python", look=installation.python),
    Check(name="dependencies", title="dependencies", look=installation.dependencies),
    Check(name="notebooks", title="notebooks", look=installation.notebooks),
    Check(name="variables", title="variables", look=settings.variables),
    Check(name="gateway_settings", title="gateway settings", look=settings.gateway),
    Check(name="callback_token", title="callback token", look=settings.token),
    Check(name="relay_settings", title="relay settings", look=settings.relay),
    Check(name="dlt_settings", title="DLT settings", look=settings.dlt_names),
    Check(name="status_words", title="status words", look=settings.own_words),
    Check(name="secrets", title="secrets", look=files.secrets),
    Check(name="files", title="files in settings", look=files.referred),
    Check(name="disk_space", title="disk space", look=machine.space),
    Check(name="disk_writing", title="disk writing", look=machine.writing),
    Check(name="clock", title="clock", look=machine.clock),
    Check(name="journal", title="journal", look=data.seals),
    Check(name="database", title="database", look=data.database),
    Check(name="backlog", title="backlog", look=data.backlog),
    Check(name="registration", title="header and entity", look=data.registration),
    Check(name="relay", title="relay", look=data.relayed),
    Check(name="collector_port", title="collector port", look=collector.port),
    Check(name="callback_url", title="callback URL", look=collector.callback),
    Check(name="gateway", title="gateway connection", look=gateway.gateway),
    Check(name="simulator", title="simulator", look=simulator.simulator),
)
"""All checks, in the order they are read: a fault often explains those after it."""

GO_LIVE = (
    Check(name="account", title="account", look=go_live.account),
    Check(name="home", title="home", look=go_live.home),
    Check(name="endpoint", title="endpoint", look=go_live.endpoint),
    Check(name="https", title="https", look=go_live.encryption),
    Check(name="callback_token", title="callback token", look=settings.token),
    Check(name="callback_url", title="callback URL", look=go_live.callback),
    Check(name="callback_registered", title="callback registered", look=go_live.registered),
    Check(name="relay_since", title="relay to CleverTap", look=go_live.relay),
    Check(name="templates", title="DLT templates", look=go_live.templates),
    Check(name="price", title="price", look=go_live.price),
    Check(name="test_message", title="test message", look=go_live.test_message),
)
"""Before the first real batch: the checklist in the order to work through it."""


def examine(scene: Scene, checks: Iterable[Check[Scene]] = CHECKS) -> Diagnosis:
    """Return what every check found, in order."""
    return Diagnosis(checks=tuple(Checked(check=check, finding=check.look(scene)) for check in checks))
