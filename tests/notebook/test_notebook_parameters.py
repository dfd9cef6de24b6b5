"""Parameters: read once, kept as text, refused when wrong or misspelt."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from rmanalytics.errors import BadInput
from rmanalytics.notebook import parameters
from rmanalytics.report import notebook_file

METADATA = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
NONE = {"campaign_id": "", "since": "", "until": "", "as_of": "2026-11-24T06:00:00Z"}

READ = {
    "nothing": ({}, NONE),
    "None is nothing": ({"campaign_id": None, "since": None, "as_of": None}, NONE),
    "a 19-digit id": ({"campaign_id": "1107160000000000011"}, NONE | {"campaign_id": "1107160000000000011"}),
    "an id with zeros before it": ({"campaign_id": "007"}, NONE | {"campaign_id": "007"}),
    "an id like a number": ({"campaign_id": "1e5"}, NONE | {"campaign_id": "1e5"}),
    "an id with spaces around it": ({"campaign_id": " a b "}, NONE | {"campaign_id": "a b"}),
    "a day is India's": ({"since": "2026-11-01"}, NONE | {"since": "2026-10-31T18:30:00Z"}),
    "until a day is until its end": ({"until": "2026-11-01"}, NONE | {"until": "2026-11-01T18:30:00Z"}),
    "as of a day is at its end": ({"as_of": "2026-11-01"}, NONE | {"as_of": "2026-11-01T18:30:00Z"}),
    "RFC 3339": ({"since": "2026-11-01T00:00:00.5Z"}, NONE | {"since": "2026-11-01T00:00:00.500000Z"}),
    "an offset of its own": (
        {"since": "2026-11-01T00:00:00+02:00"},
        NONE | {"since": "2026-10-31T22:00:00Z"},
    ),
    "without offset: the display zone": (
        {"since": "2026-11-01 05:30"},
        NONE | {"since": "2026-11-01T00:00:00Z"},
    ),
    "another display zone": (
        {"since": "2026-11-01", "display_zone": "UTC"},
        NONE | {"since": "2026-11-01T00:00:00Z", "display_zone": "UTC"},
    ),
    "what is not known yet is not asked for": ({"as_of": "2027-01-01"}, NONE),
    "plain papermill's -p with an id of digits": (
        {"campaign_id": 1700000001},
        NONE | {"campaign_id": "1700000001"},
    ),
    "one day": (
        {"since": "2026-11-01", "until": "2026-11-01"},
        NONE | {"since": "2026-10-31T18:30:00Z", "until": "2026-11-01T18:30:00Z"},
    ),
}


@pytest.mark.parametrize("given, expected", READ.values(), ids=READ)
def test_read(given, expected):
    """What people write becomes text and UTC, the same for every notebook."""
    injected = parameters.check(home="/data", now=NOW, **given).injected()
    assert injected == {"home": "/data", "display_zone": "Asia/Kolkata"} | expected


WRONG = {
    "a float for an id": (
        {"campaign_id": 1.7e9},
        "campaign_id: 1700000000.0 is not text: quote it (papermill's -p guesses types: use -r campaign_id",
    ),
    "a switch for an id": ({"campaign_id": True}, "campaign_id: True is not text"),
    "a number for a time": ({"since": 20261101}, "since: 20261101 is not text"),
    "an impossible day": (
        {"since": "2026-02-30"},
        "since: '2026-02-30' is not a time: write it as 2026-11-01 or",
    ),
    "another notation": ({"until": "01.11.2026"}, "until: '01.11.2026' is not a time"),
    "a week": ({"as_of": "2026-W45"}, "as_of: '2026-W45' is not a time"),
    "a word": ({"as_of": "yesterday"}, "as_of: 'yesterday' is not a time"),
    "the last day there is": ({"until": "9999-12-31"}, "until: '9999-12-31' is not a time"),
    "no such zone": ({"display_zone": "Asia/Bombay2"}, "display_zone: 'Asia/Bombay2' is not a time zone"),
    "a path as zone": ({"display_zone": "../etc"}, "display_zone: '../etc' is not a time zone"),
    "end before beginning": ({"since": "2026-11-02", "until": "2026-11-01"}, "is not after since"),
}


@pytest.mark.parametrize("given, told", WRONG.values(), ids=WRONG)
def test_wrong(given, told):
    """What is wrong is refused in one line that names the parameter and the fix."""
    with pytest.raises(BadInput) as refusal:
        parameters.check(home="/data", now=NOW, **given)
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook that takes a text, a number, a share and a switch."""
    cell = nbformat.v4.new_code_cell(
        'campaign_id: str = ""  # a\nn_rows: int = 5  # b\nlimit: float = 0.5  # c\nis_short: bool = False  # d',
        metadata={"tags": ["parameters"]},
    )
    path = tmp_path / "asking.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA)))
    return path


FIT = {
    "text stays text": ({"campaign_id": "007"}, {"campaign_id": "007"}),
    "a whole number": ({"n_rows": "12"}, {"n_rows": 12}),
    "a share": ({"limit": "0.95"}, {"limit": 0.95}),
    "a switch": ({"is_short": "True"}, {"is_short": True}),
    "what has a type already": ({"n_rows": 12, "limit": 1.0}, {"n_rows": 12, "limit": 1.0}),
}


@pytest.mark.parametrize("given, expected", FIT.values(), ids=FIT)
def test_fit(notebook, given, expected):
    """A value takes the type that the notebook declares."""
    fitted = notebook_file.fit(notebook, given)
    assert fitted == expected
    assert [type(value) for value in fitted.values()] == [type(value) for value in expected.values()]


UNFIT = {
    "misspelt": ({"campain_id": "a"}, "asking has no parameter 'campain_id': did you mean campaign_id?"),
    "unknown": ({"zzz": "a"}, "asking has no parameter 'zzz': it has campaign_id, n_rows, limit, is_short"),
    "no whole number": ({"n_rows": "1.5"}, "n_rows: '1.5' is not of type int"),
    "no switch": ({"is_short": "maybe"}, "is_short: 'maybe' is not of type bool"),
}


@pytest.mark.parametrize("given, told", UNFIT.values(), ids=UNFIT)
def test_unfit(notebook, given, told):
    """A name the notebook does not know, or a value of another type, is refused before anything runs."""
    with pytest.raises(BadInput) as refusal:
        notebook_file.fit(notebook, given)
    assert str(refusal.value) == told


@pytest.mark.parametrize("content", [b"{no json", b"\xff\xfe\x00", b"[]", b"{}", b'{"nbformat": 4}', b""])
def test_not_a_notebook(content, tmp_path):
    """A file that is no notebook is named in one line, whatever is in it."""
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"x\.ipynb: not a Jupyter notebook"):
        notebook_file.read_notebook(path)


def test_no_notebook(tmp_path):
    """A file that is no notebook, or takes no parameters, is refused by name."""
    nothing, other = tmp_path / "empty.ipynb", tmp_path / "other.ipynb"
    nothing.write_text(nbformat.writes(nbformat.v4.new_notebook(metadata=METADATA)))
    other.write_text("{}")
    with pytest.raises(BadInput, match=r"empty\.ipynb: no cell tagged `parameters`"):
        notebook_file.known(nothing)
    with pytest.raises(BadInput, match=r"other\.ipynb: not a Jupyter notebook"):
        notebook_file.known(other)
