"""The samples that people copy: proxies keep the token out of their logs, the CI job runs as it is written."""

from __future__ import annotations

import configparser
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from support.collectors import TOKEN

from rmanalytics.config import Settings
from rmanalytics.demo.services import free_port
from rmanalytics.support import resources

PROXY = resources.samples() / "proxy"
CI = resources.samples() / "ci" / "github-actions.yml"
PATH = f"/dlr/route_mobile/{TOKEN}?sMessageId=1"


def lines(name: str) -> list[str]:
    """The lines of a proxy's configuration, without comments and blank ones."""
    bare = [re.sub(r"(^|\s)#.*", "", line).strip() for line in (PROXY / name).read_text().splitlines()]
    return [line for line in bare if line]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_blocks_are_closed(name: str) -> None:
    """Every block that a line opens is closed by a line, and none too many."""
    depth = 0
    for line in lines(name):
        depth += line.endswith("{") - (line == "}")
        assert depth >= 0
    assert depth == 0


def test_nginx_lines_end() -> None:
    """Each line of the nginx configuration opens or closes a block, or ends a directive."""
    assert [line for line in lines("nginx.conf") if line[-1] not in "{};"] == []


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_collector_is_behind_it(name: str) -> None:
    """The proxy hands callbacks to the address at which the collector listens by default."""
    default = {field: Settings.model_fields[field].default for field in ("collect_host", "collect_port")}
    text = "\n".join(lines(name))
    assert "{collect_host}:{collect_port}".format(**default) in text
    assert re.search(r"^(location|handle) /dlr/\S* \{$", text, re.M)


def test_nginx_masks_the_token() -> None:
    """What nginx logs of a callback is its gateway; the path itself is in no log format."""
    text = "\n".join(lines("nginx.conf"))
    found = re.search(r'"~(\S+)" (\S+);', text)
    assert found
    named = re.search(found[1].replace("?<", "?P<"), PATH)
    assert named
    assert found[2].replace("$who", named["who"]) == "/dlr/route_mobile/****"
    (log_format,) = re.findall(r"^log_format \w+ '(.+)';$", text, re.M)
    assert not {"$request", "$request_uri", "$uri", "$args"} & set(log_format.split())
    assert re.search(r"^error_log \S+ crit;$", text, re.M)


def test_caddy_masks_the_token() -> None:
    """What Caddy logs of a callback is its gateway."""
    (pattern, shown) = re.findall(r"request>uri regexp (\S+) (\S+)", "\n".join(lines("Caddyfile")))[0]
    assert re.sub(pattern, shown.replace("$1", r"\1"), PATH) == "/dlr/route_mobile/****"


PLACES = {
    "proxy/nginx.conf": "/etc/nginx/conf.d/",
    "proxy/Caddyfile": "/etc/caddy/Caddyfile",
    "scheduling/sms-collect.service": "/etc/systemd/system/sms-collect.service",
    "scheduling/sms-report.service": "/etc/systemd/system/sms-report.service",
    "scheduling/sms-report.timer": "/etc/systemd/system/sms-report.timer",
    "ci/github-actions.yml": ".github/workflows/",
    "lake/sms-lake-ship.service": "/etc/systemd/system/sms-lake-ship.service",
    "lake/sms-lake-ship.timer": "/etc/systemd/system/sms-lake-ship.timer",
}


@pytest.mark.parametrize(("name", "place"), PLACES.items(), ids=PLACES)
def test_a_sample_says_where_it_goes(name: str, place: str) -> None:
    """The comment at the top of each sample names the file it becomes."""
    lines = (resources.samples() / name).read_text().splitlines()
    assert place in " ".join(line for line in lines[:3] if line.startswith("#"))


def test_the_collector_service_runs_the_collector() -> None:
    """The unit starts the real command in the folder of its settings, and again whenever it ends."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(resources.samples() / "scheduling" / "sms-collect.service")
    service = unit["Service"]
    command = service["ExecStart"].removeprefix(f"{service['WorkingDirectory']}/.venv/bin/")
    name, *words = command.split()
    assert (name, words) == ("rmanalytics", ["collect"])
    assert (service["Restart"], service["ReadWritePaths"]) == ("always", service["WorkingDirectory"])


SIMULATE = "rmanalytics simulate --profile clean --templates templates.csv &\n"
JOBS = {
    "green": (SIMULATE, 0, "PASSED: all three criteria hold for 1 message"),
    "wrong header": (
        SIMULATE.replace(" &", " --header OTHERS &"),
        1,
        "FAILED: invalid source (header) (1707)",
    ),
    "no simulator": ("", 4, "FAILED: the gateway cannot be reached"),
}


@pytest.mark.parametrize("simulate, code, line", JOBS.values(), ids=JOBS)
def test_the_ci_job_ends_in_a_verdict(tmp_path: Path, simulate: str, code: int, line: str) -> None:
    """Green or not: the step run with `bash -e`, as a runner does, ends in its verdict and leaves a JUnit file."""
    (job,) = yaml.safe_load(CI.read_text())["jobs"].values()
    (step,) = (step for step in job["steps"] if "rmanalytics" in step.get("run", ""))
    assert SIMULATE in step["run"]
    folder = tmp_path / step["working-directory"]
    folder.mkdir()
    (tmp_path / ".venv").symlink_to(sys.prefix)
    ports = {f"RMANALYTICS_{name}_PORT": str(free_port()) for name in ("COLLECT", "SIMULATE")}
    with (tmp_path / "output").open("w+") as output:
        running = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-c", step["run"].replace(SIMULATE, simulate)],
            cwd=folder,
            env=os.environ | ports | {"NO_COLOR": "1"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            found = running.wait(timeout=150)
        finally:
            os.killpg(running.pid, signal.SIGTERM)  # what it left in the background, as a runner does
    said = (tmp_path / "output").read_text()
    assert (found, f"\n{line}" in said) == (code, True), said
    (upload,) = (step["with"]["path"] for step in job["steps"] if "upload" in step.get("uses", ""))
    root = ElementTree.parse(tmp_path / upload).getroot()
    n_red = int(root.get("failures", "0")) + int(root.get("errors", "0"))
    assert (n_red > 0) == (code > 0)
