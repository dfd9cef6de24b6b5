"""Where reports go: a folder on this machine, or at any URL that fsspec knows (s3://, gs://, memory://, …)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from rmanalytics.errors import BadInput
from rmanalytics.support.wording import first_line

ALL = "all-campaigns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A place for files by name; each is written in one step: a reader sees the old one or the new one."""

    name: str
    filesystem: Any
    root: str

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file; object stores replace it in one step by themselves, here a rename does.

        Raises BadInput where it cannot be written, as on a full disk: what was there stays.
        """
        try:
            self._write(name, content.encode() if isinstance(content, str) else content)
        except OSError as error:
            told = error.strerror or first_line(error)
            raise BadInput(f"{self.url(name)}: {told}: choose another folder with --out") from None

    def _write(self, name: str, data: bytes) -> None:
        if not self.is_local:
            self.filesystem.pipe_file(self.place(name), data)
            return
        target = Path(self.place(name))
        temporary = beside(target)
        try:
            temporary.write_bytes(data)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def read(self, name: str) -> str:
        """Return a file's text; raise FileNotFoundError or ValueError when there is none."""
        return bytes(self.filesystem.cat_file(self.place(name))).decode()

    def has(self, name: str) -> bool:
        """Return whether there is such a file now."""
        self.filesystem.invalidate_cache()
        return bool(self.filesystem.isfile(self.place(name)))

    def names(self, ending: str) -> list[str]:
        """Return the names of the files with that ending; hidden ones are left out."""
        self.filesystem.invalidate_cache()
        names = (str(path).rsplit("/", 1)[-1] for path in self.filesystem.ls(self.root, detail=False))
        return sorted(name for name in names if name.endswith(ending) and not name.startswith("."))

    def place(self, name: str) -> str:
        """Return the file's path within its file system."""
        return f"{self.root.rstrip('/')}/{name}"

    def url(self, name: str) -> str:
        """Return what people open: a path on this machine, or a URL."""
        return f"{self.name.rstrip('/')}/{name}"

    @property
    def is_local(self) -> bool:
        """Whether it is a folder on this machine."""
        return isinstance(self.filesystem, LocalFileSystem)


def folder(out: str | Path) -> Folder:
    """Return the folder of that path or URL, made where need be; raise BadInput when it cannot be.

    How to sign in to an object store is told to its own library (environment, profile), never to the URL.
    """
    name = str(out)
    try:
        filesystem, root = _where(name)
        made = Folder(name=name, filesystem=filesystem, root=root)
        filesystem.makedirs(root, exist_ok=True)
        made.names("")
    except (ImportError, ValueError) as error:
        raise BadInput(f"{name}: {first_line(error)}: choose another folder with --out") from None
    except OSError as error:
        raise BadInput(
            f"{name}: {error.strerror or first_line(error)}: choose another folder with --out"
        ) from None
    return made


def _where(name: str) -> tuple[Any, str]:
    """Return file system and place; what has no scheme is a path, whatever fsspec makes of its colons."""
    if "://" not in name:
        return LocalFileSystem(), str(Path(name).absolute())
    filesystem, root = fsspec.core.url_to_fs(name)
    return filesystem, root


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


def beside(path: Path) -> Path:
    """Return a hidden name of its own in the same folder."""
    return path.with_name(f".{secrets.token_hex(4)}-{path.name}")
