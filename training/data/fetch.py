"""Download pinned packages with each registry's own client; nothing in them is run.

Every download lands in a folder of its own and is marked done, so that a second run skips it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from packages import Package


class FetchError(Exception):
    pass


def _run(command: list[str], cwd: Path, extra: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **(extra or {})}, capture_output=True, text=True, timeout=900
    )
    if done.returncode != 0:
        raise FetchError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout


class Fetcher:
    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._apt_options: list[str] | None = None

    def prepare(self, packages: list[Package]) -> None:
        """Source lists of our own: the system's package state stays as it is, and no lock is shared."""
        if not any(p.registry == "debian" and not self._done(p) for p in packages):
            return
        home = self._cache / "apt"
        for part in ("lists/partial", "archives/partial", "sources"):
            (home / part).mkdir(parents=True, exist_ok=True)
        stanzas: list[str] = []
        for file in Path("/etc/apt/sources.list.d").glob("*.sources"):
            for stanza in file.read_text().split("\n\n"):
                if re.search(r"^Signed-By:.*debian", stanza, re.M):
                    stanzas.append(re.sub(r"^Types:.*$", "Types: deb-src", stanza, flags=re.M).strip())
        (home / "sources/source.sources").write_text("\n\n".join(stanzas) + "\n")
        self._apt_options = [
            "-o", f"Dir::State::Lists={home}/lists", "-o", "Dir::Etc::SourceList=/dev/null",
            "-o", f"Dir::Etc::SourceParts={home}/sources", "-o", f"Dir::Cache={home}",
        ]
        _run(["apt-get", *self._apt_options, "update"], home)

    def _folder(self, package: Package) -> Path:
        return self._cache / "archives" / package.key

    def _done(self, package: Package) -> bool:
        return (self._folder(package) / ".done").exists()

    def fetch(self, package: Package, offline: bool = False) -> list[Path]:
        """The archives of a package, downloaded now or before."""
        folder = self._folder(package)
        if not self._done(package):
            if offline:
                raise FetchError("not downloaded")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            getattr(self, f"_{package.registry}")(package, folder)
            if not self._archives(folder):
                raise FetchError("the client left no archive")
            (folder / ".done").touch()
        return self._archives(folder)

    @staticmethod
    def _archives(folder: Path) -> list[Path]:
        return sorted(
            path for path in folder.iterdir()
            if re.search(r"\.(tar\.\w+|tgz|crate|zip|whl|jar)$", path.name) and not re.search(r"\.(debian|diff)\.", path.name)
        )

    def _debian(self, package: Package, folder: Path) -> None:
        assert self._apt_options is not None
        _run(
            ["apt-get", *self._apt_options, "source", "--only-source", "--download-only", f"{package.name}={package.version}"],
            folder,
        )

    def _pypi(self, package: Package, folder: Path) -> None:
        # Wheels only: building a source distribution would run its code.
        _run(
            ["python3", "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", ".",
             f"{package.name}=={package.version}"],
            folder,
        )

    def _npm(self, package: Package, folder: Path) -> None:
        _run(["npm", "pack", "--loglevel", "error", "--ignore-scripts", f"{package.name}@{package.version}"], folder)

    def _crates(self, package: Package, folder: Path) -> None:
        home = self._cache / "cargo"
        home.mkdir(exist_ok=True)
        _run(["cargo", "info", "-q", f"{package.name}@{package.version}"], folder, {"CARGO_HOME": str(home)})
        for crate in home.glob(f"registry/cache/*/{package.name}-{package.version}.crate"):
            shutil.copy(crate, folder)

    def _go(self, package: Package, folder: Path) -> None:
        answer = _run(
            ["go", "mod", "download", "-json", f"{package.name}@{package.version}"], folder,
            {"GOMODCACHE": str(self._cache / "gomod"), "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"},
        )
        found = json.loads(answer)
        shutil.copy(found["Zip"], folder / "module.zip")
        shutil.rmtree(found["Dir"], ignore_errors=True)

    def _maven(self, package: Package, folder: Path) -> None:
        repository = self._cache / "m2"
        _run(
            ["mvn", "-q", "-B", f"-Dmaven.repo.local={repository}", "dependency:get", "-Dtransitive=false",
             f"-Dartifact={package.name}:{package.version}:jar:sources"],
            folder,
        )
        group, artifact = package.name.split(":")
        jar = repository / group.replace(".", "/") / artifact / package.version / f"{artifact}-{package.version}-sources.jar"
        shutil.copy(jar, folder)
