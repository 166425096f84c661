"""Certificates of an authority that exists only for one test, made by the openssl command."""

import pathlib
import subprocess

EXTENSIONS = {
    "server": "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE",
    "client": "extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE",
}


class Authority:
    """Keeps its key and all that it certifies in one folder."""

    def __init__(self, folder: pathlib.Path, name: str):
        self._folder = folder
        self._name = name
        self.certificate_path = folder / f"{name}.crt"
        self._key_path = folder / f"{name}.key"
        # The command's own configuration says that this is an authority.
        _openssl("req", "-x509", *_new_key(self._key_path), "-subj", f"/CN={name}", "-days", "2", "-out", str(self.certificate_path))

    @property
    def certificate(self) -> bytes:
        """Its own certificate in PEM format."""
        return self.certificate_path.read_bytes()

    def certify(self, kind: str) -> "tuple[pathlib.Path, pathlib.Path]":
        """The paths of a certificate for a server or a client on loopback, and of its key."""
        stem = self._folder / f"{self._name}-{kind}"
        certificate, key, request, extensions = (stem.with_suffix(suffix) for suffix in (".crt", ".key", ".csr", ".ext"))
        extensions.write_text(EXTENSIONS[kind])
        _openssl("req", "-new", *_new_key(key), "-subj", f"/CN={kind}", "-out", str(request))
        authority = ["-CA", str(self.certificate_path), "-CAkey", str(self._key_path), "-CAcreateserial"]
        _openssl("x509", "-req", "-in", str(request), *authority, "-days", "2", "-extfile", str(extensions), "-out", str(certificate))
        return certificate, key


def _new_key(path: pathlib.Path) -> "list[str]":
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(path)]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
