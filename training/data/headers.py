"""Take licence and copyright comments off the top of source files.

They are the same few paragraphs in thousands of files: a small model would spend itself on them.
"""

from __future__ import annotations

import re

_LICENCE_WORDS = re.compile(
    r"copyright|licen[cs]ed?\b|spdx-|all rights reserved|permission is hereby|redistribution and use"
    r"|\(c\)\s*(19|20)\d\d|©|without warrant|public domain|disclaims? copyright|@licen[cs]e",
    re.IGNORECASE,
)

_LINE_MARKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("python", "ruby", "shellscript", "yaml", "toml", "dockerfile", "makefile", "cmake"), ("#",)),
    "sql": ("--",), "php": ("//", "#"), "css": ("//",), "json": ("//",),
}
_C_LIKE = {"typescript", "javascript", "go", "rust", "java", "c", "cpp", "csharp", "kotlin", "php", "css", "sql"}

# Lines that must stay first and may stand before the licence.
_PRELUDE = re.compile(
    r"#!|<\?php(\s+declare\(strict_types ?= ?1\);)?\s*$|<\?xml|<!doctype|#.*coding[:=]|# *frozen_string_literal"
    r"|declare\(strict_types|['\"]use (strict|client)['\"];?\s*$|/[/*] ?@(ts-|flow)|package [\w.]+;\s*$"
    r"|#\s*ifndef \w+\s*$|#\s*define \w+\s*$|#\s*pragma once",
    re.IGNORECASE,
)


def _line_marks(language: str) -> tuple[str, ...]:
    return _LINE_MARKS.get(language, ("//",) if language in _C_LIKE else ())


def _block_pairs(language: str) -> tuple[tuple[str, str], ...]:
    if language in _C_LIKE:
        return (("/*", "*/"),)
    if language in {"html", "markdown", "vue", "svelte"}:
        return (("<!--", "-->"), ("{#", "#}"), ("{{!--", "--}}"))
    if language == "python":
        return (('"""', '"""'), ("'''", "'''"))
    if language == "ruby":
        return (("=begin", "=end"),)
    return ()


def _comment_end(lines: list[str], start: int, language: str) -> int:
    """Index after the comment that begins at line `start`; `start` itself if none does."""
    first = lines[start].lstrip()
    pairs = _block_pairs(language)
    if language == "csharp" and first.startswith("#region") and _LICENCE_WORDS.search(first):
        pairs = (("#region", "#endregion"),)
    for opening, closing in pairs:
        if first.startswith(opening):
            rest = first[len(opening):]
            if closing in rest:
                # Code behind a one-line comment: not a header.
                return start + 1 if not rest.split(closing, 1)[1].strip() else start
            for index in range(start + 1, len(lines)):
                if closing in lines[index]:
                    return index + 1
            return start
    marks = _line_marks(language)
    if marks and first.startswith(marks):
        index = start
        while index < len(lines) and lines[index].lstrip().startswith(marks) and not (
            index > start and _PRELUDE.match(lines[index].lstrip())
        ):
            index += 1
        return index
    return start


def strip_licence_header(text: str, language: str) -> str:
    """The text without the licence comments among its first few comments."""
    lines = text.split("\n")
    kept: list[str] = []
    position = 0
    removed = False
    for _ in range(8):
        while position < len(lines) and (
            not lines[position].strip()
            or (_PRELUDE.match(lines[position].lstrip()) and not _LICENCE_WORDS.search(lines[position]))
        ):
            kept.append(lines[position])
            position += 1
        if position >= len(lines):
            break
        end = _comment_end(lines, position, language)
        if end == position:
            break
        block = lines[position:end]
        if _LICENCE_WORDS.search("\n".join(block)):
            removed = True
            while end < len(lines) and not lines[end].strip() and (not kept or not kept[-1].strip()):
                end += 1
        else:
            kept.extend(block)
        position = end
    if not removed:
        return text
    while kept and not kept[0].strip():
        kept.pop(0)
    return "\n".join(kept + lines[position:])
