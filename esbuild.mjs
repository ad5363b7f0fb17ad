/**
 * Bundles the extension, the language server and the command line into `dist/`.
 *
 *     node esbuild.mjs            once
 *     node esbuild.mjs --watch    again after each change
 */
import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outdir: "dist",
  sourcemap: true,
  sourcesContent: false,
  // Names stay readable in the stack traces of the log.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
};

/**
 * The part of the extension that needs the LSP library is a bundle of its own, loaded when the
 * first file is opened: reading and running it would be most of the cost of activation.
 * @type {esbuild.Plugin}
 */
const lazyClient = {
  name: "lazy client",
  setup(plugins) {
    plugins.onResolve({ filter: /^\.\/languageClient$/ }, () => ({
      path: "./client.js",
      external: true,
    }));
  },
};

/** @type {esbuild.BuildOptions} */
const extension = {
  ...common,
  entryPoints: { extension: "src/extension.ts" },
  external: ["vscode"],
  plugins: [lazyClient],
  // `import()` becomes `require()`, which is what the extension host's `vscode` module hooks into.
  supported: { "dynamic-import": false },
};

/** @type {esbuild.BuildOptions} */
const client = {
  ...common,
  entryPoints: { client: "src/client/languageClient.ts" },
  external: ["vscode"],
};

/**
 * What VS Code for the web runs, in a worker.
 * @type {esbuild.BuildOptions}
 */
const browser = {
  ...common,
  platform: "browser",
  target: "es2022",
  entryPoints: { browser: "src/browser.ts" },
  external: ["vscode"],
};

/**
 * Each is a program of its own; the native runtime and the parser stay packages
 * beside them, with the files that they load.
 * @type {esbuild.BuildOptions & {entryPoints: Record<string, string>}}
 */
const programs = {
  ...common,
  entryPoints: {
    server: "src/server/main.ts",
    complete: "src/cli/complete.ts",
    models: "src/cli/models.ts",
    // Looked for beside the program that starts it.
    importChild: "src/models/import/importChild.ts",
  },
  external: ["onnxruntime-node", "web-tree-sitter"],
  banner: { js: "#!/usr/bin/env node" },
};

/**
 * Programs for a checkout, which are not shipped.
 * @type {typeof programs}
 */
const tools = {
  ...programs,
  entryPoints: {
    import: "src/cli/import.ts",
    export: "src/cli/export.ts",
    conformance: "test/conformance/main.ts",
  },
};

const shipped = [extension, client, browser, programs];
const bundles = [...shipped, tools];

/**
 * Builds everything once.
 * @returns the files that went into the bundles that are shipped, relative to the repository
 */
export async function build() {
  const results = await Promise.all(
    bundles.map((options) => esbuild.build({ ...options, metafile: true })),
  );
  await Promise.all(
    [programs, tools]
      .flatMap(({ entryPoints }) => Object.keys(entryPoints))
      .map((name) => chmod(`${root}dist/${name}.js`, 0o755)),
  );
  return results
    .slice(0, shipped.length)
    .flatMap(({ metafile }) => Object.keys(metafile.inputs));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--watch")) {
    const contexts = await Promise.all(
      bundles.map((options) => esbuild.context(options)),
    );
    await Promise.all(contexts.map((context) => context.watch()));
  } else {
    await build();
  }
}
