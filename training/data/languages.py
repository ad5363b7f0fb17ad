"""Which language is a file in? Names follow the editor's language ids, with variants folded together."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

MAIN = ("typescript", "javascript", "python", "go", "rust", "java", "c", "cpp")

# Megabytes kept of each language at most.
CAPS_MB: dict[str, float] = {
    **{language: 80.0 for language in MAIN},
    "csharp": 15.0, "kotlin": 15.0, "ruby": 15.0, "php": 15.0, "shellscript": 15.0, "sql": 8.0,
    "html": 8.0, "css": 8.0, "json": 6.0, "yaml": 12.0, "markdown": 20.0,
    "toml": 4.0, "dockerfile": 2.0, "makefile": 6.0, "cmake": 6.0, "vue": 12.0, "svelte": 4.0,
}

NOTEBOOK = "notebook"  # until its cells are read: then it is of their language

# On the training side alone: the held-out sides stay the files that earlier figures are of.
TRAINED_ONLY = frozenset({"toml", "dockerfile", "makefile", "cmake", "vue", "svelte", NOTEBOOK})

# Share of one project's cap that these may take: they come along with everything.
SIDE_SHARE: dict[str, float] = {
    "json": 0.04, "yaml": 0.06, "markdown": 0.10, "html": 0.12, "css": 0.15,
    "toml": 0.02, "dockerfile": 0.02, "makefile": 0.04, "cmake": 0.04,
}

_BY_SUFFIX: dict[str, str] = {
    ".ts": "typescript", ".tsx": "typescript", ".mts": "typescript", ".cts": "typescript",
    ".js": "javascript", ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".py": "python", ".pyi": "python", ".go": "go", ".rs": "rust", ".java": "java",
    ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp",
    ".hxx": "cpp", ".ipp": "cpp", ".inl": "cpp",
    ".cs": "csharp", ".kt": "kotlin", ".kts": "kotlin", ".rb": "ruby", ".rake": "ruby", ".php": "php",
    ".sh": "shellscript", ".bash": "shellscript", ".zsh": "shellscript", ".bats": "shellscript",
    ".sql": "sql", ".html": "html", ".htm": "html", ".css": "css", ".scss": "css", ".less": "css",
    ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".md": "markdown", ".markdown": "markdown",
    ".toml": "toml", ".dockerfile": "dockerfile", ".mk": "makefile", ".mak": "makefile", ".cmake": "cmake",
    ".vue": "vue", ".svelte": "svelte", ".ipynb": NOTEBOOK,
}
_BY_NAME = {
    "Gemfile": "ruby", "Rakefile": "ruby", "Dockerfile": "dockerfile", "Containerfile": "dockerfile",
    "Makefile": "makefile", "makefile": "makefile", "GNUmakefile": "makefile", "CMakeLists.txt": "cmake",
}

_CPP_SIGNS = re.compile(r"^\s*(template\s*<|namespace\s+\w*|class\s+\w+[^;]*$|public:|private:|using\s+\w+)|std::|constexpr", re.M)


def of_path(path: str) -> str | None:
    pure = PurePosixPath(path)
    by_name = _BY_NAME.get(pure.name) or _BY_SUFFIX.get(pure.suffix.lower())
    return by_name or ("dockerfile" if pure.name.startswith("Dockerfile.") else None)


def refine(language: str, main_language: str, path: str, text: str) -> str:
    """A ".h" file is C or C++: its project or its text tells."""
    if path.endswith(".h") and (main_language == "cpp" or _CPP_SIGNS.search(text)):
        return "cpp"
    return language
