"""Which language is a file in? Names follow the editor's language ids, with variants folded together."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

MAIN = ("typescript", "javascript", "python", "go", "rust", "java", "c", "cpp")

# Megabytes kept of each language at most.
CAPS_MB: dict[str, float] = {
    **{language: 13.5 for language in MAIN},
    "csharp": 3.5, "kotlin": 4.0, "ruby": 4.5, "php": 4.5, "shellscript": 3.0, "sql": 1.5,
    "html": 2.5, "css": 2.5, "json": 2.0, "yaml": 2.5, "markdown": 6.0,
}

# Share of one project's cap that these may take: they come along with everything.
SIDE_SHARE: dict[str, float] = {"json": 0.04, "yaml": 0.06, "markdown": 0.10, "html": 0.12, "css": 0.15}

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
}
_BY_NAME = {"Gemfile": "ruby", "Rakefile": "ruby"}

_CPP_SIGNS = re.compile(r"^\s*(template\s*<|namespace\s+\w*|class\s+\w+[^;]*$|public:|private:|using\s+\w+)|std::|constexpr", re.M)


def of_path(path: str) -> str | None:
    pure = PurePosixPath(path)
    return _BY_NAME.get(pure.name) or _BY_SUFFIX.get(pure.suffix.lower())


def refine(language: str, main_language: str, path: str, text: str) -> str:
    """A ".h" file is C or C++: its project or its text tells."""
    if path.endswith(".h") and (main_language == "cpp" or _CPP_SIGNS.search(text)):
        return "cpp"
    return language
