import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import { defineConfig, globalIgnores } from "eslint/config";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";
import { restrictedPaths } from "./scripts/rooms.mjs";

const runtime = {
  name: "onnxruntime-node",
  message: "Import src/engine/onnxRuntime.ts, which turns its telemetry off.",
};

/**
 * Each folder of `src` imports what `scripts/rooms.mjs` lets it.
 * @type {import("eslint").Linter.Config}
 */
export const roomRules = {
  files: ["src/**/*.ts"],
  plugins: { "import-x": importX },
  settings: {
    "import-x/resolver-next": [createNodeResolver({ extensions: [".ts"] })],
  },
  rules: { "import-x/no-restricted-paths": ["error", restrictedPaths] },
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
    files: ["**/*.mjs", "**/*.cjs"],
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
        performance: "readonly",
        URL: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
      },
    },
  },
  {
    // Mocha requires its reporters.
    files: ["**/*.cjs"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
    languageOptions: {
      sourceType: "commonjs",
      globals: { require: "readonly", module: "readonly" },
    },
  },
  {
    // ONNX Runtime sends telemetry unless the one door to it is taken.
    files: ["**/*.ts", "**/*.mjs"],
    ignores: ["src/engine/onnxRuntime.ts"],
    rules: {
      "no-restricted-imports": ["error", { paths: [runtime] }],
      "no-restricted-syntax": [
        "error",
        ...["ImportExpression[source", "CallExpression[arguments.0"].map(
          (call) => ({
            selector: `${call}.value="${runtime.name}"]`,
            message: runtime.message,
          }),
        ),
      ],
    },
  },
  roomRules,
  {
    // One door out of the engine, which sends nothing but to the server that the user has named.
    files: ["src/**/*.ts"],
    ignores: ["src/remote/http.ts", "src/download/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["fetch", "WebSocket", "EventSource"].map((name) => ({
          name,
          message: "Only src/remote/http.ts opens a connection.",
        })),
      ],
    },
  },
  {
    // Only the client knows the editor.
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
