"""Token ids by the reference tokenizers.

    python3 reference.py world|neox VOCABULARY_FILE < strings

Reads strings as UTF-8 bytes in hexadecimal, one a line, and prints the ids of each, one line each.
Needs the packages `rwkv` (world) or `tokenizers` (neox) from PyPI.
"""

import importlib.util
import sys
from pathlib import Path


def world(vocabulary):
    # The file alone: importing the package would load torch and build kernels.
    package = importlib.util.find_spec("rwkv").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("rwkv_tokenizer", Path(package) / "rwkv_tokenizer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.TRIE_TOKENIZER(vocabulary).encodeBytes


def neox(vocabulary):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(vocabulary)
    # What looks like a special token is text.
    tokenizer.encode_special_tokens = True
    return lambda text: tokenizer.encode(text.decode(), add_special_tokens=False).ids


def main():
    kind, vocabulary = sys.argv[1:]
    encode = {"world": world, "neox": neox}[kind](vocabulary)
    for line in sys.stdin:
        print(*encode(bytes.fromhex(line)))


main()
