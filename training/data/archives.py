"""Read text files out of source archives, without the top folder that names package and version."""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

_GO_TOP = re.compile(r"^.*?@v[^/]+/")


def _members(archive: Path, wanted: Callable[[str, int], bool]) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as bundle:
            for info in bundle.infolist():
                if not info.is_dir() and wanted(info.filename, info.file_size):
                    yield info.filename, bundle.read(info)
        return
    # A stream: compressed archives cannot be searched without unpacking them again.
    with tarfile.open(archive, "r|*") as bundle:
        for member in bundle:
            if member.isfile() and wanted(member.name, member.size):
                handle = bundle.extractfile(member)
                if handle is not None:
                    yield member.name, handle.read()


def read_archive(archive: Path, wanted: Callable[[str, int], bool]) -> list[tuple[str, bytes]]:
    """(path, content) of the wanted files."""
    files = [(re.sub(r"^\./", "", name), data) for name, data in _members(archive, wanted)]
    if archive.name == "module.zip":
        return [(_GO_TOP.sub("", name), data) for name, data in files]
    if archive.suffix in {".whl", ".jar"}:
        return files
    tops = {name.split("/", 1)[0] for name, _ in files}
    if len(tops) == 1 and all("/" in name for name, _ in files):
        return [(name.split("/", 1)[1], data) for name, data in files]
    return files
