"""What the README says of commands, settings, relations and notebooks is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from support.commands import commands

from rmanalytics.config import PREFIX, Settings
from rmanalytics.init import STEPS
from rmanalytics.support import resources
from rmanalytics.warehouse import RELATIONS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "rmanalytics" / "config" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", commands())
def test_every_command_has_a_row(name: str) -> None:
    """Each command stands in the README's table."""
    assert f"| `{name}` |" in README


def test_no_row_without_its_command() -> None:
    """The table of commands names none that there is not."""
    section = README.split("## Commands")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == sorted(commands())


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_row(name: str) -> None:
    """Each setting stands in the page of settings with its default and its description."""
    field = Settings.model_fields[name]
    default = "" if field.default is None else f"`{field.default}`"
    assert f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |" in SETTINGS


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """`.ci/run` ends in exactly the second command of the README's first screen."""
    second = re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)[1]
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith(second)


def test_every_notebook_has_a_row() -> None:
    """The README's table of notebooks names each that is shipped, and no other."""
    section = README.split("| notebook | asks |")[1].split("\n\n")[0]
    named = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(named) == [path.stem for path in resources.notebooks()]


def test_every_relation_is_named() -> None:
    """The README names the relations that analysts may rely on, and no other."""
    section = README.split("## Words and relations\n")[1].split("\n## ")[0]
    named = section.split("and the view")[0].rsplit("\n\n", 1)[-1]
    assert re.findall(r"`(\w+)`", named) == list(RELATIONS)
    assert "view `outcomes`" in section.replace("\n", " ")


def test_the_way_of_init_is_that_of_the_readme() -> None:
    """From an empty folder to a verdict, the README's commands are those that `init` prints, in the same order."""
    block = README.split("From an empty folder to a verdict")[1].split("```sh\n")[1].split("\n```")[0]
    shown = [shlex.split(line.partition("  #")[0].rstrip(" &")) for line in block.splitlines()]
    printed = [["rmanalytics", *words] for _, words in STEPS]
    assert shown == [["rmanalytics", "init"], *printed[: len(shown) - 1]]
    assert shown[-1][1] == "validate"
