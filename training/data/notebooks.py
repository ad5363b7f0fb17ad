"""A notebook as the editor shows it: its code cells one after another, in the language they are written in."""

from __future__ import annotations

import json

# The endings of the languages that notebooks are written in; others are left out.
_ENDINGS = {"python": "py", "javascript": "js", "typescript": "ts", "rust": "rs", "go": "go", "java": "java", "kotlin": "kt", "ruby": "rb", "sql": "sql", "bash": "sh"}


def as_script(path: str, data: bytes) -> tuple[str, bytes] | None:
    """(path with the ending of its language, code); None for what is no notebook, or of a language not wanted."""
    try:
        body = json.loads(data)
        metadata = body["metadata"]
        language = str((metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language") or "python")
        sources = [cell["source"] for cell in body["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    ending = _ENDINGS.get(language.lower())
    texts = ["".join(source).strip("\n") if isinstance(source, list) else str(source).strip("\n") for source in sources]
    code = "\n\n".join(text for text in texts if text)
    return (f"{path.removesuffix('.ipynb')}.{ending}", f"{code}\n".encode()) if ending and code else None
