"""Kernels forked from the kernel server: as fresh as started ones, and none outlives its report."""

from __future__ import annotations

import ast
import os
import signal
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from rmanalytics.report import warm_kernels
from rmanalytics.report.build import report

pytestmark = pytest.mark.skipif(not warm_kernels.CAN_FORK, reason="kernels start cold on this system")

TELL = "import os, sys, numpy\nprint([os.getpid(), os.getppid(), sys.argv[0], os.getcwd(), numpy.random.random()])"


def told(path: Path) -> list[object]:
    """The list that a run notebook printed."""
    cells = nbformat.read(path, as_version=4).cells
    return list(ast.literal_eval(cells[-1]["outputs"][0]["text"]))


def test_each_page_has_a_process_of_its_own(notebook, asked, tmp_path):
    """Pages share a parent, not a process, and not the state of the random numbers; they run where we do."""
    paths = [notebook("one", TELL), notebook("two", TELL)]
    report(paths, asked, out=tmp_path / "out", jobs=2)
    one, two = (told(tmp_path / "out" / f"{path.stem}--all-campaigns.ipynb") for path in paths)
    assert (one[1], one[3]) == (two[1], two[3]) == (one[1], str(tmp_path))
    assert one[0] != two[0]
    assert one[4] != two[4]
    assert not psutil.pid_exists(int(str(one[0])))


def test_a_module_in_the_folder_is_for_the_notebook_only(notebook, asked, tmp_path):
    """A file of the working folder that is called as a library is imported by a notebook, never by us."""
    (tmp_path / "ibis.py").write_text("raise SystemExit('not me')")
    (tmp_path / "mine.py").write_text("answer = 42")
    path = notebook("mine", "import mine\nprint([mine.answer])")
    warm_kernels.KERNEL_SERVER._end()
    made = report([path], asked, out=tmp_path / "out")
    assert made.runs[0]["error"] is None
    assert told(tmp_path / "out" / "mine--all-campaigns.ipynb") == [42]


def test_a_killed_kernel_server_is_started_anew(notebook, asked, tmp_path):
    """The next kernel comes from a new one."""
    path = notebook("one", TELL)
    out = tmp_path / "out"
    report([path], asked, out=out)
    server = int(str(told(out / "one--all-campaigns.ipynb")[1]))
    os.kill(server, signal.SIGKILL)
    assert report([path], asked, out=out, is_fresh=True).exit_code == 0
    assert told(out / "one--all-campaigns.ipynb")[1] != server


def test_a_report_that_is_interrupted_leaves_no_kernel(notebook, asked, tmp_path):
    """Ctrl-C ends the kernels that run, and at once."""
    path = notebook(
        "slow", "import pathlib, os, time\npathlib.Path('pid').write_text(f'{os.getpid()}')\ntime.sleep(60)"
    )

    main = threading.main_thread()

    def stop(runs):
        threading.Thread(target=interrupt, daemon=True).start()

    def interrupt():
        while not (tmp_path / "pid").is_file() or not (tmp_path / "pid").read_text():
            time.sleep(0.05)
        signal.pthread_kill(main.ident or 0, signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        report([path], asked, out=tmp_path / "out", started=stop)
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
