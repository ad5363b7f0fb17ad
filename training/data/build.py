#!/usr/bin/env python3
"""Build the training corpus: fetch, check licences, clean, drop near-duplicates, cap, split, write.

    python3 training/data/build.py [--out FOLDER] [--list packages.json] [--offline]

Needs Python 3.11 and the clients of the registries in the list; no Python packages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import re
import shutil
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import clean
import languages
import licences
import packages
from fetch import Fetcher
from minhash import NearDuplicates
from report import Report

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("RWKV_DATA_CACHE", Path.home() / ".cache/rwkv-training"))
SPLITS = ("train", "validation", "test")


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def code_version() -> str:
    """Changes when the cleaning does, so that cached results of older code are not used."""
    digest = hashlib.sha256()
    for name in ("archives", "clean", "filters", "headers", "languages", "licences", "minhash", "notebooks"):
        digest.update((HERE / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def clean_project(job: tuple[list[packages.Package], dict[str, list[Path]], str]) -> tuple[clean.Cleaned, list[dict]]:
    """All packages of one project: licence verdicts for the manifest, and the cleaned documents."""
    members, archives, version = job
    project = members[0].project
    held_out = members[0].split != "train"
    stamp = hashlib.sha256(repr((version, [(p, archives[p.key]) for p in members])).encode()).hexdigest()[:16]
    cached = CACHE / "cleaned" / f"{stamp}.pickle"
    if cached.exists():
        return pickle.loads(cached.read_bytes())
    files: list[tuple[str, bytes]] = []
    entries: list[dict] = []
    result = clean.Cleaned()
    for package in members:
        found, texts = clean.read_package(archives[package.key])
        evidence = "licence file"
        if not texts and (texts := clean.header_licence(found)):
            evidence = "file headers"
        accepted, why = licences.verdict(package.licence, texts)
        entries.append(
            {
                "name": package.name, "registry": package.registry, "version": package.version, "licence": package.licence,
                "project": project, "split": package.split, "accepted": accepted,
                "evidence": f"{evidence}: {why}" if accepted else why,
                "archives": [{"file": p.name, "sha256": sha256(p)} for p in archives[package.key]],
            }
        )
        if accepted:
            prefix = f"{package.name}/" if len(members) > 1 else ""
            skip = re.compile(package.skip or r"(?!)")
            for path, data in found:
                if skip.search(path):
                    result.drop("skipped by the list", len(data))
                else:
                    files.append((prefix + path, data))
        else:
            result.drop("licence", sum(len(data) for _, data in found))
    cleaned = clean.clean(project, members[0].language, files, held_out)
    cleaned.dropped.update(result.dropped)
    cleaned.dropped_files.update(result.dropped_files)
    cached.parent.mkdir(exist_ok=True)
    partial = cached.with_suffix(f".{os.getpid()}.tmp")
    partial.write_bytes(pickle.dumps((cleaned, entries)))
    partial.rename(cached)
    return cleaned, entries


def water_level(sizes: list[int], limit: int) -> int:
    """The largest cap for each part under which the parts add up to at most `limit`: small projects stay whole."""
    low, high = 0, max(sizes, default=0)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(size, middle) for size in sizes) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def cap_languages(documents: list[clean.Document], report: Report) -> list[clean.Document]:
    """Keep each language of the training side under its cap, at the expense of the largest projects."""
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        sizes[document.language][document.project] += document.size
    level: dict[str, int] = {}
    for language, by_project in sizes.items():
        cap = int(languages.CAPS_MB[language] * 1e6)
        # No project may be more than half of a language.
        level[language] = min(water_level(list(by_project.values()), cap), cap // 2)
    taken: Counter[tuple[str, str]] = Counter()
    kept: set[int] = set()
    for document in sorted(documents, key=lambda d: clean.seeded("cap", d.project, d.path)):
        key = (document.project, document.language)
        if taken[key] + document.size <= level[document.language]:
            taken[key] += document.size
            kept.add(id(document))
        else:
            report.drop("over the language's cap", document.size)
    return [document for document in documents if id(document) in kept]


def write(out: Path, sides: dict[str, list[clean.Document]]) -> None:
    """Write beside the target and rename, so that a reader never sees half a corpus."""
    partial = out.with_name(out.name + ".tmp")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for split, documents in sides.items():
        with (partial / f"{split}.jsonl").open("w", encoding="utf-8") as handle:
            for d in documents:
                row = {"project": d.project, "path": d.path, "language": d.language, "text": d.text}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    if out.exists():
        shutil.rmtree(out)
    partial.rename(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=CACHE / "corpus")
    parser.add_argument("--list", type=Path, default=HERE / "packages.json")
    parser.add_argument("--offline", action="store_true", help="use only what was downloaded before")
    parser.add_argument("--records", type=Path, default=HERE, help="where manifest.json and report.md go")
    arguments = parser.parse_args()

    wanted = packages.load(arguments.list)
    report = Report()
    archives = fetch_all(wanted, arguments.offline, report)
    projects: dict[str, list[packages.Package]] = defaultdict(list)
    for package in wanted:
        if package.key in archives:
            projects[package.project].append(package)

    # Held-out sides first: of two near-duplicates the one on the training side goes.
    order = sorted(projects, key=lambda p: (-SPLITS.index(projects[p][0].split), clean.seeded("order", p)))
    version = code_version()
    jobs = [(projects[p], {m.key: archives[m.key] for m in projects[p]}, version) for p in order]
    sides: dict[str, list[clean.Document]] = {split: [] for split in SPLITS}
    manifest: list[dict] = []
    duplicates = NearDuplicates()
    with ProcessPoolExecutor(2) as pool:
        for (members, _, _), (cleaned, entries) in zip(jobs, pool.map(clean_project, jobs)):
            report.add_cleaned(cleaned, entries)
            manifest += entries
            for document in cleaned.documents:
                if duplicates.add(document.sketch):
                    sides[members[0].split].append(document)
                else:
                    report.drop("near-duplicate", document.size)

    sides["train"] = cap_languages(sides["train"], report)
    for entry in manifest:
        entry["bytes_kept"] = 0
    by_project: dict[str, list[dict]] = defaultdict(list)
    for entry in manifest:
        by_project[entry["project"]].append(entry)
    for documents in sides.values():
        for document in documents:
            members = by_project[document.project]
            owner = next((e for e in members if document.path.startswith(f"{e['name']}/")), members[0])
            owner["bytes_kept"] += document.size
    write(arguments.out, sides)
    manifest.sort(key=lambda e: (e["registry"], e["name"]))
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in manifest)
    (arguments.records / "manifest.json").write_text(f'{{"packages": [\n{lines}\n]}}\n')
    text = report.render(sides)
    (arguments.records / "report.md").write_text(text)
    print(text)


def fetch_all(wanted: list[packages.Package], offline: bool, report: Report) -> dict[str, list[Path]]:
    fetcher = Fetcher(CACHE)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not offline:
        fetcher.prepare(wanted)
    archives: dict[str, list[Path]] = {}

    def one(package: packages.Package) -> None:
        try:
            archives[package.key] = fetcher.fetch(package, offline)
        except Exception as problem:  # one missing package must not end the build; the report names it
            reason = str(problem).strip().splitlines() or [type(problem).__name__]
            report.missing.append(f"{package.registry} {package.name} {package.version}: {reason[-1][:160]}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, wanted))
    return archives


if __name__ == "__main__":
    main()
