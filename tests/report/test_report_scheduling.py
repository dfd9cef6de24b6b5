"""The samples that schedulers start from do what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from support import seeding

from rmanalytics.support import resources

SAMPLES = resources.samples() / "scheduling"


def from_cron() -> str:
    """The command of the cron line, as cron hands it to sh."""
    line = (SAMPLES / "crontab").read_text().splitlines()[-1]
    return line.split(maxsplit=5)[5].replace(r"\%", "%")


def from_systemd() -> str:
    """The command of the service, as systemd hands it to sh."""
    found = re.search(r"ExecStart=/bin/sh -c '(.+)'$", (SAMPLES / "sms-report.service").read_text(), re.M)
    assert found
    return "cd /srv/sms && " + found[1].replace("$$", "$").replace("%%", "%")


def from_actions() -> str:
    """The commands of the GitHub Actions job."""
    job = yaml.safe_load((SAMPLES / "github-actions.yml").read_text())["jobs"]["report"]
    (step,) = (step for step in job["steps"] if "rmanalytics report" in step.get("run", ""))
    return f"cd /srv/sms && set -e\nexport RMANALYTICS_HOME={step['env']['RMANALYTICS_HOME']}\n{step['run']}"


@pytest.mark.parametrize("command", [from_cron, from_systemd, from_actions])
def test_the_command_runs(command, tmp_path):
    """The shell command, in a folder of its own, makes the pages of one day and ends in the limit's exit code.

    One notebook is enough here, with a limit that is breached.
    """
    seeding.seed(tmp_path / "data" / "rmanalytics.duckdb", 300)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shell = command().replace("/srv/sms", str(tmp_path)).replace("date -d yesterday", "echo 2026-11-20; true")
    assert "rmanalytics report --since" in shell
    shell = shell.replace("report --since", "report campaign_delivery --since").replace("<0.95", "<0.999")
    ran = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=300)
    assert "breached campaign_delivery--all-campaigns.html: delivery_rate<0.999" in ran.stderr
    assert ran.returncode == 1
    assert list(tmp_path.glob("**/reports/**/campaign_delivery--all-campaigns.html"))


def test_the_day_is_yesterday_in_india():
    """`date` as the samples call it names yesterday in India."""
    asked = "TZ=Asia/Kolkata date -d yesterday +%F"
    before = datetime.now(ZoneInfo("Asia/Kolkata"))
    told = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True).stdout.strip()
    assert (before.date() - datetime.fromisoformat(told).date()).days == 1
    assert asked in from_cron()
    assert asked in from_actions()


def test_airflow_names_our_notebooks():
    """The Airflow sample is Python, and its notebooks are ours."""
    source = (SAMPLES / "airflow_dag.py").read_text()
    compile(source, "airflow_dag.py", "exec")
    named = re.findall(r'"(\w+)"', source.split("for name in (")[1].split(")")[0])
    assert named
    assert set(named) <= {path.stem for path in resources.notebooks()}


def test_actions_run_at_seven_in_india():
    """01:30 UTC is 07:00 in India."""
    schedule = yaml.safe_load((SAMPLES / "github-actions.yml").read_text())[True]["schedule"]
    assert schedule == [{"cron": "30 1 * * *"}]
    assert Path(SAMPLES / "crontab").read_text().splitlines()[-1].startswith("30 1 * * * ")
