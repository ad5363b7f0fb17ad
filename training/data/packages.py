"""The pinned list of packages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    name: str
    registry: str  # debian, pypi, npm, crates, go or maven
    version: str
    licence: str
    language: str
    project: str  # packages of one upstream repository share a project, so that a split never parts them
    split: str  # train, validation or test
    skip: str = ""  # a pattern of paths to leave out, where a package repeats itself

    @property
    def key(self) -> str:
        return re.sub(r"[^\w.+-]+", "_", f"{self.registry}_{self.name}_{self.version}")


def load(path: Path) -> list[Package]:
    packages = [
        Package(
            entry["name"], entry["registry"], entry["version"], entry["licence"], entry["language"],
            entry.get("project", entry["name"]), entry.get("split", "train"), entry.get("skip", ""),
        )
        for entry in json.loads(path.read_text())["packages"]
    ]
    sides: dict[str, str] = {}
    for package in packages:
        if sides.setdefault(package.project, package.split) != package.split:
            raise ValueError(f"project {package.project} stands on two sides")
    if len({package.key for package in packages}) != len(packages):
        raise ValueError("a package is listed twice")
    return packages
