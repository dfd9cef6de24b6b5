"""Names and files of reports."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from pathlib import Path

import nbformat

from rmanalytics.errors import BadInput

ALL = "all-campaigns"


def stem(notebook: str, campaign_id: str) -> str:
    """Return the file name, without its ending, of a notebook's page about a campaign; empty is all of them.

    An id that is no good file name is told apart by a few digits of its hash.

    >>> stem("campaign_delivery", ""), stem("campaign_delivery", "diwali-2026")
    ('campaign_delivery--all-campaigns', 'campaign_delivery--diwali-2026')
    >>> stem("campaign_delivery", "Diwali / 50 %")
    'campaign_delivery--Diwali-50-495c1492'
    """
    if not campaign_id:
        return f"{notebook}--{ALL}"
    plain = re.sub(r"[^\w.-]+", "-", campaign_id, flags=re.ASCII).strip("-.")[:60]
    if plain != campaign_id or plain == ALL:
        plain = "-".join(part for part in (plain, sha256(campaign_id.encode()).hexdigest()[:8]) if part)
    return f"{notebook}--{plain}"


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Return the notebook in that file; raise BadInput when it holds none."""
    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        list(notebook.cells)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except (AttributeError, LookupError, TypeError, ValueError, nbformat.ValidationError) as error:
        told = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise BadInput(f"{path}: not a Jupyter notebook: {told}") from None
    return notebook


def beside(path: Path) -> Path:
    """Return a hidden name of its own in the same folder."""
    return path.with_name(f".{secrets.token_hex(4)}-{path.name}")
