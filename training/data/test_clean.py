import json
import unittest

from clean import clean

CODE = "\n".join(f"value_{i} = compute(source_{i}, limit={i})" for i in range(12)) + "\n"


class CleanTest(unittest.TestCase):
    def languages(self, held_out: bool) -> dict[str, str]:
        notebook = json.dumps({"metadata": {}, "cells": [{"cell_type": "code", "source": CODE}, {"cell_type": "code", "source": "print(value_1)"}]})
        makefile = "".join(f"target_{i}: source_{i}\n\tcompile --out $@ $<\n" for i in range(8))
        files = {"a.py": CODE, "b.ipynb": notebook, "Makefile": makefile, "web/Dockerfile.dev": "FROM base\n" + "RUN install the packages that are needed\n" * 8}
        cleaned = clean("p", "python", [(path, text.encode()) for path, text in files.items()], held_out)
        return {document.path: document.language for document in cleaned.documents}

    def test_notebooks_and_configuration_on_the_training_side(self) -> None:
        self.assertEqual(self.languages(False), {"a.py": "python", "b.py": "python", "Makefile": "makefile", "web/Dockerfile.dev": "dockerfile"})

    def test_held_out_sides_keep_their_files(self) -> None:
        self.assertEqual(self.languages(True), {"a.py": "python"})

    def test_a_recipe_keeps_its_tabs(self) -> None:
        makefile = "".join(f"target_{i}: source_{i}\n\tcompile --out $@ $<\n" for i in range(8))
        [document] = clean("p", "c", [("Makefile", makefile.encode())], False).documents
        self.assertEqual(document.text, makefile)


if __name__ == "__main__":
    unittest.main()
