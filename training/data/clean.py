"""From the archives of one project to its cleaned documents."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import filters
import headers
import languages
import licences
import minhash
import notebooks
from archives import read_archive

PROJECT_CAP = 12_000_000
HELD_OUT_CAP = 550_000  # validation and test need many projects more than much of one
LANGUAGE_FLOOR = 60_000  # a side language may always take this much of a project

_LICENCE_FILE = re.compile(
    r"^(META-INF/|licenses?/(?=LICENSE(\.txt)?$))?(\w+[-_])?(licen[cs]es?|copying|unlicense|copyright)([-._ ][^/]*)?$"
    r"|^[^/]+\.dist-info/.*(licen[cs]e|copying)[^/]*$",
    re.I,
)

# Packages that ship TypeScript sources ship what was compiled from them, too.
_BUILT_TOP = re.compile(r"([@\w.-]+/){0,2}(lib|build|out|types|lib\.\w+|_?\w*esm|dist\w*)/")


@dataclass
class Document:
    project: str
    path: str
    language: str
    text: str
    sketch: list[int]

    @property
    def size(self) -> int:
        return len(self.text.encode())


@dataclass
class Cleaned:
    documents: list[Document] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)  # bytes by reason
    dropped_files: Counter[str] = field(default_factory=Counter)
    header_bytes: int = 0

    def drop(self, reason: str, size: int) -> None:
        self.dropped[reason] += size
        self.dropped_files[reason] += 1


def seeded(*parts: str) -> int:
    """A number that looks random but is the same in every run."""
    return int.from_bytes(hashlib.sha256("\0".join(("corpus", *parts)).encode()).digest()[:8], "big")


def is_licence_file(path: str) -> bool:
    # Only near the top: further down lie the licences of test data and vendored parts.
    return bool(_LICENCE_FILE.match(path)) and not path.endswith((".py", ".js", ".go", ".rs", ".ts", ".java", ".c", ".h"))


def _wanted(path: str, size: int) -> bool:
    licence = re.search(r"(licen[cs]e|copying|copyright)[^/]*$", path, re.I)
    return size <= filters.MAX_READ_BYTES and (languages.of_path(path) is not None or licence is not None)


def read_package(paths: list[Path]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """(files, licence texts) of a package, whose source may come in several archives."""
    files: list[tuple[str, bytes]] = []
    texts: list[str] = []
    for archive in paths:
        component = re.search(r"\.orig-([\w-]+)\.tar", archive.name)
        for path, data in read_archive(archive, _wanted):
            if is_licence_file(path):
                texts.append(data.decode("utf-8", "replace"))
            elif languages.of_path(path):
                files.append((f"{component[1]}/{path}" if component else path, data))
    return files, texts


def header_licence(files: list[tuple[str, bytes]]) -> list[str]:
    """Where an archive has no licence file, notices at the head of most of its source files count as one."""
    heads = [data[:2000].decode("utf-8", "replace") for path, data in files if languages.of_path(path) in languages.CAPS_MB]
    noticed = [head for head in heads if licences.identify(head) or re.search(r"apache license,? version 2\.0", head, re.I)]
    return noticed[:20] if len(noticed) >= 0.8 * len(heads) and len(noticed) >= 5 else []


def _normalise(path: str, text: str) -> str:
    text = text.removeprefix("\ufeff")
    # A few files keep their CRLF, so that the model has seen some.
    if "\r\n" in text and seeded("crlf", path) % 10:
        text = text.replace("\r\n", "\n")
    return text


def clean(project: str, main_language: str, files: list[tuple[str, bytes]], held_out: bool) -> Cleaned:
    """Filter, strip, cut and sample the files of one project."""
    result = Cleaned()
    has_typescript = sum(path.endswith((".ts", ".tsx")) and not path.endswith(".d.ts") for path, _ in files) >= 5
    cap = HELD_OUT_CAP if held_out else PROJECT_CAP
    taken: Counter[str] = Counter()
    total = 0
    # In a seeded order, so that the cap takes a sample; nothing is looked at once it is reached.
    for path, data in sorted(files, key=lambda file: seeded(project, file[0])):
        language = languages.of_path(path)
        assert language is not None
        if held_out and language in languages.TRAINED_ONLY:
            continue
        if language == languages.NOTEBOOK:
            script = notebooks.as_script(path, data)
            if script is None:
                result.drop("notebook without code", len(data))
                continue
            path, data = script
            language = languages.of_path(path)
            assert language is not None
        reason = filters.path_reason(path)
        if reason is None and has_typescript and main_language == "typescript" and language == "javascript" and _BUILT_TOP.match(path):
            reason = "built"
        if reason is None and len(data) < filters.MIN_FILE_BYTES:
            reason = "tiny"
        share = languages.SIDE_SHARE.get(language, 1.0) if language != main_language else 1.0
        limit = max(cap * share, min(cap, LANGUAGE_FLOOR))
        if reason is None and (total >= cap or taken[language] >= limit):
            reason = "over the project's cap"
        if reason:
            result.drop(reason, len(data))
            continue
        try:
            text = _normalise(path, data.decode("utf-8"))
        except UnicodeDecodeError:
            result.drop("not UTF-8", len(data))
            continue
        language = languages.refine(language, main_language, path, text)
        if licences.file_is_foreign(text[:3000]):
            reason = "another licence in the file"
        else:
            reason = filters.content_reason(text, language)
        stripped = headers.strip_licence_header(text, language) if reason is None else ""
        if reason is None and len(stripped) < filters.MIN_FILE_BYTES:
            reason = "tiny"
        if reason:
            result.drop(reason, len(data))
            continue
        result.header_bytes += len(text) - len(stripped)
        document = Document(project, path, language, filters.cut(stripped), [])
        document.sketch = minhash.sketch(document.text)
        taken[language] += document.size
        total += document.size
        result.documents.append(document)
    result.documents.sort(key=lambda d: d.path)
    return result
