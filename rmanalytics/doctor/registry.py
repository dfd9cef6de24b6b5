"""All checks, in the order they are read: a fault above often explains those below."""

from __future__ import annotations

from rmanalytics.doctor.checks import configured, files, installed, listening, machine, reaching, storing
from rmanalytics.doctor.model import Check

CHECKS = (
    Check(name="python", title="Python", look=installed.python),
    Check(name="dependencies", title="dependencies", look=installed.dependencies),
    Check(name="notebooks", title="notebooks", look=installed.notebooks),
    Check(name="variables", title="variables", look=configured.variables),
    Check(name="gateway_settings", title="gateway settings", look=configured.gateway),
    Check(name="callback_token", title="callback token", look=configured.token),
    Check(name="relay_settings", title="relay settings", look=configured.relay),
    Check(name="dlt_settings", title="DLT settings", look=configured.dlt_names),
    Check(name="secrets", title="secrets", look=files.secrets),
    Check(name="files", title="files referred to", look=files.referred),
    Check(name="disk_space", title="disk space", look=machine.space),
    Check(name="disk_writing", title="disk writing", look=machine.writing),
    Check(name="clock", title="clock", look=machine.clock),
    Check(name="journal", title="journal", look=storing.seals),
    Check(name="database", title="database", look=storing.database),
    Check(name="backlog", title="backlog", look=storing.backlog),
    Check(name="relay", title="relay", look=storing.relayed),
    Check(name="collector_port", title="collector port", look=listening.port),
    Check(name="callback_url", title="callback URL", look=listening.callback),
    Check(name="gateway", title="gateway in reach", look=reaching.gateway),
)
