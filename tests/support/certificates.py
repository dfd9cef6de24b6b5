"""Certificates that nobody signed."""

from __future__ import annotations

import subprocess
from pathlib import Path


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate and its key, made in the folder; its name is not this machine's."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    where = ["-subj", "/CN=sms.example.org", "-keyout", str(key), "-out", str(cert), "-days", "2"]
    subprocess.run([*made, *where], check=True, capture_output=True, timeout=30)
    return cert, key
