"""What each step kept and dropped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from clean import Cleaned, Document


class Report:
    def __init__(self) -> None:
        self.missing: list[str] = []
        self._bytes: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._header_bytes = 0
        self._rejected: list[str] = []

    def drop(self, reason: str, size: int) -> None:
        self._bytes[reason] += size
        self._files[reason] += 1

    def add_cleaned(self, cleaned: Cleaned, entries: Sequence[Mapping[str, Any]]) -> None:
        self._bytes.update(cleaned.dropped)
        self._files.update(cleaned.dropped_files)
        self._header_bytes += cleaned.header_bytes
        self._rejected += [f"{e['registry']} {e['name']}: {e['evidence']}" for e in entries if not e["accepted"]]

    def render(self, sides: Mapping[str, Sequence[Document]]) -> str:
        sizes: dict[str, Counter[str]] = defaultdict(Counter)
        projects: dict[str, set[str]] = defaultdict(set)
        for split, documents in sides.items():
            for document in documents:
                sizes[document.language][split] += document.size
                projects[split].add(document.project)
        out = ["# Corpus report", "", "Written by `build.py`; MB of 1,000,000 bytes.", ""]
        out += ["| language | train | validation | test |", "| --- | ---: | ---: | ---: |"]
        for language, by_split in sorted(sizes.items(), key=lambda item: -sum(item[1].values())):
            out.append(f"| {language} | " + " | ".join(f"{by_split[s] / 1e6:.2f}" for s in sides) + " |")
        totals = [sum(c[s] for c in sizes.values()) / 1e6 for s in sides]
        out.append("| **all** | " + " | ".join(f"**{t:.2f}**" for t in totals) + " |")
        out.append("| files | " + " | ".join(f"{len(sides[s]):,}" for s in sides) + " |")
        out.append("| projects | " + " | ".join(str(len(projects[s])) for s in sides) + " |")
        out += ["", "## Dropped", "", "| reason | files | MB |", "| --- | ---: | ---: |"]
        for reason, size in self._bytes.most_common():
            out.append(f"| {reason} | {self._files[reason]:,} | {size / 1e6:.1f} |")
        out.append(f"| licence headers stripped from kept files | | {self._header_bytes / 1e6:.1f} |")
        out += ["", f"## Rejected for their licence ({len(self._rejected)})", ""] + [f"- {r}" for r in sorted(self._rejected)]
        out += ["", f"## Not to be had ({len(self.missing)})", ""] + [f"- {m}" for m in sorted(self.missing)]
        return "\n".join(out) + "\n"
