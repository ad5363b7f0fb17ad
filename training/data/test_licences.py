import unittest

import licences

MIT = """MIT License

Copyright (c) 2020 Someone

Permission is hereby granted, free of charge, to any person
obtaining a copy of this software ... without restriction"""
BSD3 = "Redistribution and use in source and binary forms ... Neither the name of X may be used to endorse or promote"
ISC = "/*\n * Permission to use, copy, modify, and/or distribute this software for any\n * purpose with or without fee is hereby granted"
GPL = "GNU GENERAL PUBLIC LICENSE\nVersion 2, June 1991"


class LicencesTest(unittest.TestCase):
    def test_identifies_common_texts(self) -> None:
        self.assertEqual(licences.identify(MIT), {"MIT"})
        self.assertEqual(licences.identify(BSD3), {"BSD-3-Clause"})
        self.assertEqual(licences.identify(BSD3.split("...")[0]), {"BSD-2-Clause"})
        self.assertEqual(licences.identify(ISC), {"ISC"})
        self.assertEqual(licences.identify("Apache License\n   Version 2.0, January 2004"), {"Apache-2.0"})
        self.assertEqual(licences.identify("All rights reserved."), set())

    def test_accepts_only_what_is_declared_and_found(self) -> None:
        self.assertTrue(licences.verdict("MIT", [MIT])[0])
        self.assertTrue(licences.verdict("MIT OR Apache-2.0", [MIT])[0])
        self.assertFalse(licences.verdict("MIT", [BSD3])[0])
        self.assertFalse(licences.verdict("MIT", [])[0])
        self.assertFalse(licences.verdict("GPL-2.0-only", [MIT])[0])
        self.assertFalse(licences.verdict("MIT OR GPL-2.0-only", [MIT])[0])

    def test_refuses_copyleft_and_restricted_texts(self) -> None:
        for text in (
            GPL, "GNU Lesser General\n * Public License", "Mozilla Public License, v. 2.0", "Eclipse Public License - v 2.0",
            "All advertising materials mentioning features", "Attribution-NonCommercial 4.0",
        ):
            self.assertTrue(licences.is_denied(text), text)
            self.assertFalse(licences.verdict("MIT", [MIT, text])[0])

    def test_harmless_mentions_pass(self) -> None:
        self.assertFalse(licences.is_denied("these licenses are GPL-compatible; for any purpose, commercial or non-commercial"))

    def test_foreign_files(self) -> None:
        self.assertTrue(licences.file_is_foreign("// SPDX-License-Identifier: GPL-2.0-or-later\n"))
        self.assertTrue(licences.file_is_foreign("# licensed under the GNU General\n# Public License"))
        self.assertFalse(licences.file_is_foreign("// SPDX-License-Identifier: MIT\n"))
        self.assertFalse(licences.file_is_foreign("/* SPDX-License-Identifier: Apache-2.0 OR MIT */\n"))


if __name__ == "__main__":
    unittest.main()
