"""Running notebooks for real: kernel, parameters, failures, retries."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest

from rmanalytics.errors import BadInput
from rmanalytics.report.build import find, report

SHOW = "from IPython.display import display\n"
NUMBERS = (
    SHOW + 'display({"application/vnd.rmanalytics.numbers+json": '
    '{"total": {"n_submitted": 3, "n_accepted": 3}, "display_zone": display_zone, "is_simulated": False}}, raw=True)'
)


def outputs(path: Path) -> str:
    """All that the cells of a run notebook printed."""
    cells = nbformat.read(path, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))


def test_the_running_interpreter_runs_it(notebook, asked, tmp_path, monkeypatch):
    """The kernel is this interpreter, whatever kernel is registered as python3 and whatever the user's profile says.

    Ids arrive as text, and what the notebook shows for machines is beside its page.
    """
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}))
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit(3)")
    for name, folder in {"JUPYTER_PATH": "jupyter", "IPYTHONDIR": "ipython", "HOME": "nobody"}.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    path = notebook("asks", "import sys\nprint([sys.executable, campaign_id, as_of, since])", NUMBERS)

    made = report([path], asked, out=tmp_path / "out", campaigns=["0071107160000000011"])

    (run,) = made.runs
    assert run["error"] is None
    assert made.exit_code == 0
    assert outputs(tmp_path / "out" / run["ipynb"]).strip() == str(
        [sys.executable, "0071107160000000011", "2026-11-20T15:40:00Z", ""]
    )
    assert json.loads((tmp_path / "out" / run["metrics"]).read_text()) == run
    assert run["numbers"] == {
        "total": {"n_submitted": 3, "n_accepted": 3},
        "display_zone": "Asia/Kolkata",
        "is_simulated": False,
    }
    assert run["title"] == "Title of asks"
    assert run["html"] == "asks--0071107160000000011.html"


def test_a_failed_cell(notebook, asked, tmp_path):
    """A failed cell ends in exit code 1; the notebook up to there is kept, linked and listed, the others still run."""
    bad = notebook("bad", "print('before')", "1 / 0", "print('after')")
    good = notebook("good", "print('fine')")

    made = report([bad, good], asked, out=tmp_path / "out", jobs=2)

    assert made.exit_code == 1
    assert [(run["status"], run["error"]) for run in made.runs] == [
        ("failed", "ZeroDivisionError: division by zero"),
        ("ok", None),
    ]
    assert outputs(tmp_path / "out" / "bad--all-campaigns.ipynb").strip() == "before"
    page = (tmp_path / "out" / "bad--all-campaigns.html").read_text()
    assert "This report is not complete." in page
    assert "ZeroDivisionError: division by zero" in page
    assert 'href="bad--all-campaigns.ipynb"' in page
    assert "1 / 0" not in page
    index = Path(made.index).read_text()
    assert index.count('<b class="bad">failed</b>') == 1
    assert 'href="good--all-campaigns.html"' in index


def test_our_own_errors_are_told_plainly(notebook, asked, tmp_path):
    """An error whose text is meant for people stands on the page without its class."""
    path = notebook(
        "wrong",
        "class BadInput(Exception): pass\nraise BadInput('since: is not a time: write it as 2026-11-01')",
    )
    made = report([path], asked, out=tmp_path / "out")
    assert made.runs[0]["error"] == "since: is not a time: write it as 2026-11-01"


DIE = "import os\nfrom pathlib import Path\nflag = Path(home) / 'died'\n"


@pytest.mark.parametrize(
    "cell, error",
    {
        "once": (DIE + "if not flag.exists():\n    flag.touch()\n    os._exit(1)", None),
        "always": (DIE + "os._exit(1)", "its kernel died twice: check that there is enough memory"),
    }.values(),
    ids=["once", "always"],
)
def test_a_dead_kernel(cell, error, notebook, asked, tmp_path):
    """A kernel that dies is tried once more; when it dies again, the page and the index say so."""
    (Path(asked.home) / "died").unlink(missing_ok=True)
    made = report([notebook("dies", cell)], asked, out=tmp_path / "out")
    assert made.runs[0]["error"] == error
    assert made.exit_code == (1 if error else 0)
    assert sorted(path.suffix for path in (tmp_path / "out").glob("dies*")) == [".html", ".ipynb", ".json"]


def test_nothing_is_left_behind(notebook, asked, tmp_path):
    """Beside the pages there are no unfinished files, and running again replaces them."""
    path = notebook("twice", "print(1)")
    for _ in range(2):
        report([path], asked, out=tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith("plotly-")}
    assert names == {f"twice--all-campaigns{ending}" for ending in (".html", ".ipynb", ".metrics.json")} | {
        "index.html"
    }


def test_refused_before_anything_runs(notebook, asked, tmp_path):
    """A misspelt parameter, an unknown notebook, or a folder that cannot be made end before a kernel starts."""
    path = notebook("asks")
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="asks has no parameter 'campain': did you mean campaign_id"):
        report([path], asked, out=tmp_path / "out", others={"campain": "a"})
    with pytest.raises(
        BadInput, match="no notebook 'campaign_delivry': give a path, or one of campaign_delivery"
    ):
        find(["campaign_delivry"])
    with pytest.raises(BadInput, match=r"file: .*: choose another folder with --out"):
        report([path], asked, out=tmp_path / "file")
    assert not (tmp_path / "out").exists()
