"""What many tests share: a home of their own, and lines for its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from support import rendered
from support.reports import asked, home, notebook
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from rmanalytics import config, journal

__all__ = ["asked", "home", "notebook"]
"""Fixtures about small notebooks, for the tests of reports and of what notebooks call."""


SHARING_PAGES = ("test_notebooks.py", "test_report_browser.py")
"""Those that look at the pages of all notebooks, which are made once for all of them."""


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file in one process, for they share what their module makes."""

    def _split_scope(self, nodeid: str) -> str:
        """Return what is run by one process; not by a mark, which pytest-xdist 3.8 loses under pytest 9.2."""
        file = nodeid.partition("::")[0]
        return "pages" if file.endswith(SHARING_PAGES) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Return what deals the tests out."""
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see neither the developer's environment nor a settings file of the folder they run in."""
    import os

    for name in [name for name in os.environ if name.startswith(config.PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    """Settings of an empty home."""
    return config.load(home=tmp_path / "data", collect_token="t0ken")


@pytest.fixture
def write(settings: config.Settings) -> Callable[..., Path]:
    """Write records as one journal segment of a stream; return its path."""

    def write_segment(stream: str, *records: Any) -> Path:
        with journal.Writer(settings.journal_dir, stream) as writer:
            writer.append(_lines(records))
            assert writer.path is not None
            return writer.path

    return write_segment


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every notebook's page, over all campaigns and over none."""
    return rendered.render(tmp_path_factory.mktemp("pages"))


def _lines(records: Iterable[Any]) -> list[bytes]:
    return [record if isinstance(record, bytes) else journal.line(record) for record in records]
