import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const runtime = {
  name: "onnxruntime-node",
  message: "Import src/engine/onnxRuntime.ts, which turns its telemetry off.",
};

export default defineConfig(
  globalIgnores(["dist/", "build/", "training/", "media/"]),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `noUncheckedIndexedAccess` doubts every index; in a checked loop the "!" is the plain answer.
      "@typescript-eslint/no-non-null-assertion": "off",
      // A leading underscore says that a value is taken apart only to be left out.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { varsIgnorePattern: "^_", argsIgnorePattern: "^_" },
      ],
    },
  },
  {
    // JSON of package files has no types of its own.
    files: ["**/*.mjs"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
    },
    languageOptions: {
      globals: {
        console: "readonly",
        process: "readonly",
        fetch: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
      },
    },
  },
  {
    // ONNX Runtime sends telemetry unless the one door to it is taken.
    files: ["**/*.ts", "**/*.mjs"],
    ignores: ["src/engine/onnxRuntime.ts"],
    rules: { "no-restricted-imports": ["error", { paths: [runtime] }] },
  },
  {
    // The house's rule: only the client knows the editor.
    files: ["src/**/*.ts"],
    ignores: [
      "src/extension.ts",
      "src/browser.ts",
      "src/client/**",
      "src/engine/onnxRuntime.ts",
    ],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          paths: [
            runtime,
            "vscode",
            "vscode-languageclient",
            "vscode-languageclient/node",
          ],
        },
      ],
    },
  },
  prettier,
);
