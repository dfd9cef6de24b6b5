"""Numbers that options and settings take: finite, in a range, in ASCII; one table for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from rmanalytics import config, purge, simulator
from rmanalytics.cli import app
from rmanalytics.errors import BadInput, ConfigError
from rmanalytics.report import thresholds

RUN = CliRunner().invoke
WIDE = {"COLUMNS": "200", "NO_COLOR": "1"}
NO_NUMBERS = ("nan", "inf", "-inf", "1e400", "-1e300", "9" * 30, "५", "²", "0x10", "1,5", "")
DURATIONS = ("५d", "٣h", "²d", "-1d", "1e3d", "nan", "0.5d", "999999d", "d", "")
LIMITS = (
    "delivery_rate<nan",
    "delivery_rate<inf",
    "delivery_rate<1e400",
    "delivery_rate<५",
    "delivery_rate<0.५",
)
SHARES = ("duplicates=nan", "duplicates=inf", "duplicates=-1", "duplicates=५%", "duplicates=1e400")


def _numbers(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command's options that take a number."""
    for option in command.params:
        annotation = getattr(option, "type_descriptor", None)
        if annotation is not None and annotation.annotation in NUMERIC and option.opts[0].startswith("-"):
            yield path, option
    for name, inner in getattr(command, "commands", {}).items():
        yield from _numbers(inner, *path, name)


NUMERIC = (int, float, int | None, float | None, list[int], list[int] | None)
OPTIONS = {
    f"{' '.join(path)} {option.opts[0]}": (path, option)
    for path, option in _numbers(typer.main.get_command(app))
}
SETTINGS = {
    name: field
    for name, field in config.Settings.model_fields.items()
    if field.annotation in (int, float, float | None)
}


def test_options_are_found() -> None:
    """The table below is of all options that take a number."""
    assert {"simulate --speed", "send --rate", "validate --wait", "dlt check --show", "relay retry --id"} <= {
        *OPTIONS
    }


@pytest.mark.parametrize(("path", "option"), OPTIONS.values(), ids=OPTIONS)
def test_an_option_refuses_what_is_no_number(path: tuple[str, ...], option: Any) -> None:
    """Whatever is not a finite number of the option's range is refused in one line with its two ends."""
    is_whole = option.type_descriptor.annotation not in (float, float | None)
    ends = (
        f"{option.min - 1}",
        f"{option.max + 1}",
        f"{option.max:.0f}0",
        *(("1e3", "1.5") if is_whole else ()),
    )
    for text in (*NO_NUMBERS, *ends):
        done = RUN(app, [*path, f"{option.opts[0]}={text}"], env=WIDE)
        said = f"error {option.opts[0]}: '{text}' has to be a {'whole ' * is_whole}number"
        assert done.exit_code == 2, (text, done.output)
        assert done.stderr.startswith(f"{said} from {option.min:,} to {option.max:,}: `rmanalytics {path[0]}")
        assert (done.stdout, done.stderr.count("\n")) == ("", 1), (text, done.output)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_refuses_what_is_no_number(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does each setting, naming its variable."""
    for text in NO_NUMBERS[:-1]:
        monkeypatch.setenv(variable := config.PREFIX + name.upper(), text)
        with pytest.raises(ConfigError, match=variable):
            config.load()


@pytest.mark.parametrize("text", DURATIONS)
def test_a_duration_that_is_none(text: str) -> None:
    """An age is a whole number of hours, days or weeks in ASCII."""
    with pytest.raises(BadInput, match="--older-than"):
        purge.age(text)


@pytest.mark.parametrize("text", LIMITS)
def test_a_limit_that_is_none(text: str) -> None:
    """A limit of `--fail-if` is finite."""
    with pytest.raises(BadInput, match="--fail-if"):
        thresholds.parse(text)


@pytest.mark.parametrize("text", SHARES)
def test_a_share_that_is_none(text: str) -> None:
    """A share of `--fault` lies between 0 and 1."""
    with pytest.raises(BadInput, match="--fault"):
        simulator.make(config.load(), callback="off", fault=[text])


WRONG = {
    "a zone": (("report", "--zone", "Mars"), "--zone: 'Mars' is not a time zone"),
    "a year": (("validate", "--as-of", "9999"), "--as-of: '9999' is not a time"),
    "the last day of all": (("validate", "--as-of", "9999-12-31"), "--as-of: '9999-12-31' is not a time"),
    "digits of others": (("validate", "--as-of", "२०२६-११-०१"), "--as-of: '२०२६-११-०१' is not a time"),
    "a namespace": (("simulate", "--namespace", "x", "--callback", "off"), "x"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_an_option_is_called_by_its_name(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    """What is wrong with an option is said of the option, not of the setting behind it."""
    done = RUN(app, [*arguments, "--home", str(tmp_path / "data")], env=WIDE)
    text = done.output + str(done.exception)
    assert done.exit_code, text
    assert said in text
    assert "RMANALYTICS_DISPLAY_ZONE" not in text
