import unittest

from headers import strip_licence_header as strip


class HeadersTest(unittest.TestCase):
    def test_block_comment(self) -> None:
        self.assertEqual(strip("/*\n * Copyright 2020 X\n */\n\npackage a;\n", "java"), "package a;\n")

    def test_line_comments_keep_the_doc_comment(self) -> None:
        text = "// Copyright 2009 The Authors. All rights reserved.\n// BSD license.\n\n// Package sort sorts.\npackage sort\n"
        self.assertEqual(strip(text, "go"), "// Package sort sorts.\npackage sort\n")

    def test_shebang_and_php_opening_stay(self) -> None:
        self.assertEqual(strip("#!/bin/sh\n# Copyright 1999 X\n\nls\n", "shellscript"), "#!/bin/sh\n\nls\n")
        self.assertEqual(strip("<?php\n\n/*\n * (c) 2010 Fabien; see LICENSE\n */\n\nnamespace A;\n", "php"), "<?php\n\nnamespace A;\n")

    def test_second_comment_may_be_the_licence(self) -> None:
        self.assertEqual(strip("/* sort.c */\n/* Licensed under MIT */\nint a;\n", "c"), "/* sort.c */\nint a;\n")

    def test_other_comments_and_code_stay(self) -> None:
        for text, language in (
            ("/* Sorts things. */\nint copyright;\n", "c"),
            ("#include <a.h>\n// Copyright below the code\n", "c"),
            ("int a; /* Copyright */\n", "c"),
            ('"""Tools for lists."""\nimport os\n', "python"),
            ("", "python"),
            ("/* never closed: Copyright\nint a;\n", "c"),
        ):
            self.assertEqual(strip(text, language), text)

    def test_hash_is_a_directive_in_c(self) -> None:
        self.assertEqual(strip("// Copyright X\n#include <a>\n", "cpp"), "#include <a>\n")

    def test_lines_that_stand_before_the_licence_stay(self) -> None:
        self.assertEqual(strip("package a.b;\n\n/*\n * Licensed to X\n */\n\nimport c;\n", "java"), "package a.b;\n\nimport c;\n")
        self.assertEqual(strip("#ifndef A_H\n#define A_H\n// Copyright X\nint a;\n", "c"), "#ifndef A_H\n#define A_H\nint a;\n")
        php = "<?php declare(strict_types=1);\n/*\n * (c) 2019 X\n */\nnamespace A;\n"
        self.assertEqual(strip(php, "php"), "<?php declare(strict_types=1);\nnamespace A;\n")

    def test_region(self) -> None:
        self.assertEqual(strip("#region Copyright notice\n// X\n#endregion\n\nusing A;\n", "csharp"), "using A;\n")
        self.assertEqual(strip("#region Fields\nint a;\n#endregion\n", "csharp"), "#region Fields\nint a;\n#endregion\n")

    def test_python_docstring_licence(self) -> None:
        self.assertEqual(strip('"""\nCopyright 2020 X. Licensed under MIT.\n"""\nimport os\n', "python"), "import os\n")


if __name__ == "__main__":
    unittest.main()
