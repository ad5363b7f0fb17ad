import json
import unittest

from notebooks import as_script


def notebook(*cells: tuple[str, object], **metadata: object) -> bytes:
    return json.dumps({"metadata": metadata, "cells": [{"cell_type": kind, "source": source} for kind, source in cells]}).encode()


class NotebookTest(unittest.TestCase):
    def test_code_cells_one_after_another(self) -> None:
        data = notebook(("code", ["import os\n", "os.getcwd()"]), ("markdown", "# Text"), ("code", "print(1)\n"), ("code", []))
        self.assertEqual(as_script("a/b.ipynb", data), ("a/b.py", b"import os\nos.getcwd()\n\nprint(1)\n"))

    def test_language_of_the_kernel(self) -> None:
        data = notebook(("code", "let a = 1;"), language_info={"name": "TypeScript"})
        self.assertEqual(as_script("x.ipynb", data), ("x.ts", b"let a = 1;\n"))

    def test_what_is_left_out(self) -> None:
        for data in (b"no notebook", b"[]", b'{"cells": 1}', notebook(), notebook(("code", "x <- 1"), kernelspec={"language": "R"})):
            self.assertIsNone(as_script("x.ipynb", data))


if __name__ == "__main__":
    unittest.main()
