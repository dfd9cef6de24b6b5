"""The collector's certificate and key, checked before anything listens: what is wrong is said of its setting."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError
from rmanalytics.support.files import no_file

_CERT, _KEY = "RMANALYTICS_COLLECT_TLS_CERT", "RMANALYTICS_COLLECT_TLS_KEY"
_IN_PEM = "in PEM (text that begins with -----BEGIN): convert it with"


def tls_files(settings: Settings) -> tuple[Path, Path] | None:
    """Return certificate and key when both are set; raise ConfigError where one is missing or no good."""
    given = {_CERT: settings.collect_tls_cert, _KEY: settings.collect_tls_key}
    for name, path in given.items():
        if path is None and any(given.values()):
            raise ConfigError(f"not set: {name}: TLS needs certificate and key")
        if path is not None and (what := no_file(path)):
            raise ConfigError(f"{path}: is {what}: correct {name}")
        if path is not None and not os.access(path, os.R_OK):
            raise ConfigError(f"{path}: not readable: correct {name}")
    cert, key = given.values()
    if cert is None or key is None:
        return None
    _check(cert, key)
    return cert, key


def _check(cert: Path, key: Path) -> None:
    """Raise ConfigError where the two cannot serve TLS."""
    if b"-----BEGIN CERTIFICATE-----" not in cert.read_bytes():
        raise ConfigError(f"{cert}: no certificate {_IN_PEM} `openssl x509 -inform DER`, or correct {_CERT}")
    if b"PRIVATE KEY-----" not in key.read_bytes():
        raise ConfigError(f"{key}: no private key {_IN_PEM} `openssl pkey -inform DER`, or correct {_KEY}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except _Encrypted:
        raise ConfigError(
            f"{key}: is encrypted: decrypt it with `openssl pkey -in {key.name} -out plain.pem`, for nobody can "
            f"type a passphrase here, and set {_KEY} to that"
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(f"{key}: does not belong to the certificate {cert}: correct {_KEY}") from None
        raise ConfigError(
            f"{cert}, {key}: damaged ({error.reason or 'not readable'}): write them anew"
        ) from None


class _Encrypted(Exception):
    """The key asks for a passphrase."""


def _no_password() -> str:
    raise _Encrypted
