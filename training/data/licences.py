"""Judge licence texts: which known licence does a text hold, and may we train on it?"""

from __future__ import annotations

import re

ALLOWED = frozenset(
    {
        "MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0",
        "Zlib", "BSL-1.0", "Unlicense", "CC0-1.0", "blessing",  # "blessing" is SQLite's public domain text
    }
)

# Any of these in a licence text (or in the first comment of a file) rules it out.
_DENIED = re.compile(
    r"gnu (lesser |library |affero )?general public|\b[al]?gplv?-?[123]|mozilla public license"
    r"|\bmpl-[12]|eclipse public license|\bepl-[12]|common development and distribution license"
    r"|european union public|server side public license|business source license|elastic license"
    r"|commons clause|non-?commercial|share-?alike|artistic license|shall be used for good, not evil"
    r"|mulan psl|all advertising materials mentioning|common public license|microsoft public license"
)

# Words that sound like a denied licence and are none: Python's licence tells of its "GPL-compatible" past.
_HARMLESS = re.compile(
    r"gpl-compatible|under the gpl\b|compatible with the gnu general public licen[sc]e"
    r"|previously distributed under the gnu general public license"
    r"|commercial (or|and|and/or) non-?commercial|non-?commercial (or|and|and/or) commercial"
)

_PHRASES: tuple[tuple[str, str], ...] = (
    ("Apache-2.0", r"apache license,? version 2\.0|apache license version 2\.0"),
    ("MIT", r"permission is hereby granted, free of charge, to any person obtaining"),
    ("ISC", r"permission to use, copy, modify,? (and/or|and) distribute this software for any purpose with or without fee"),
    ("PSF-2.0", r"python software foundation license"),
    ("Zlib", r"altered source versions must be plainly marked"),
    ("BSL-1.0", r"boost software license"),
    ("Unlicense", r"this is free and unencumbered software"),
    ("CC0-1.0", r"cc0 1\.0 universal"),
    ("blessing", r"the author disclaims copyright to this source code|may you do good and not evil"),
)


def _flatten(text: str) -> str:
    """Lower case, comment decoration and line breaks gone, so that phrases match however they are laid out."""
    plain = re.sub(r"(?<!\w)/+|/+(?!\w)|[*#;]", " ", text.lower())
    return re.sub(r"\s+", " ", plain)


def is_denied(text: str) -> bool:
    return bool(_DENIED.search(_HARMLESS.sub(" ", _flatten(text))))


def identify(text: str) -> set[str]:
    """SPDX ids of the permissive licences whose wording stands in the text."""
    flat = _flatten(text)
    found = {spdx for spdx, phrase in _PHRASES if re.search(phrase, flat)}
    if "redistribution and use in source and binary forms" in flat:
        endorse = re.search(r"endorse or promote|neither the names? of", flat)
        found.add("BSD-3-Clause" if endorse else "BSD-2-Clause")
    return found


def declared_ids(expression: str) -> set[str]:
    """The ids in an SPDX expression such as "MIT OR Apache-2.0"."""
    return {part for part in re.split(r"[\s()]+", expression) if part and part not in {"OR", "AND", "WITH"}}


def verdict(expression: str, texts: list[str]) -> tuple[bool, str]:
    """May an archive be used that declares this expression and holds these licence texts? Says why not."""
    declared = declared_ids(expression)
    if not declared or not declared <= ALLOWED:
        return False, f"declared licence {expression!r} is not on the list"
    if not texts:
        return False, "no licence file in the archive"
    if any(is_denied(text) for text in texts):
        return False, "a licence file holds a licence that is not on the list"
    found: set[str] = set().union(*(identify(text) for text in texts))
    if not found & declared:
        return False, f"licence files read as {sorted(found) or 'nothing known'}, declared {expression}"
    return True, "+".join(sorted(found))


def file_is_foreign(head: str) -> bool:
    """Does the head of a source file name a licence that is not on the list?"""
    for expression in re.findall(r"SPDX-License-Identifier:\s*([\w.+\- ()]+?)\s*(?:\*/|-->|\n|$)", head):
        if not declared_ids(expression) & ALLOWED:
            return True
    return is_denied(head)
