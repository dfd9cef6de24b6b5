"""The files that `init` writes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from rmanalytics import config, init


def test_every_line_of_the_settings_file_can_be_uncommented(tmp_path: Path) -> None:
    """With all its settings uncommented, the file loads and gives the defaults."""
    text = re.sub(r"^# (\w+ = )", r"\1", init.toml(), flags=re.MULTILINE)
    text = "\n".join(line for line in text.splitlines() if not line.endswith('= ""'))
    assert tomllib.loads(text)
    (tmp_path / "rmanalytics.toml").write_text(text)
    assert config.load(home=tmp_path / "data") == config.load(home=tmp_path / "other" / "data").model_copy(
        update={"home": tmp_path / "data"}
    )


def test_no_secret_in_the_settings_file() -> None:
    """The settings file has no place for secrets: they belong into .env."""
    assert not re.search(r"^# \w*(password|token) =", init.toml(), re.MULTILINE)
