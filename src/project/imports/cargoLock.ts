/** A package of `Cargo.lock`. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Whether it comes from a registry. */
  readonly isOfRegistry: boolean;
  /** Whether it has no source: it is of the workspace, or lies at a path. */
  readonly isOwn: boolean;
  /** What it depends on: `http`, or `http 1.1.0` where there are several versions. */
  readonly dependencies: readonly string[];
}

/** The packages of a `Cargo.lock`; of a damaged one those that have a name and a version. */
export function packagesOf(lock: string): LockedPackage[] {
  const found: LockedPackage[] = [];
  for (const part of lock.split("[[package]]").slice(1)) {
    const name = /^name = "([^"\n]{1,200})"/m.exec(part)?.[1];
    const version = /^version = "([\w.+-]{1,100})"/m.exec(part)?.[1];
    if (name === undefined || version === undefined) continue;
    const source = /^source = "(\w+)/m.exec(part)?.[1];
    const dependencies = Array.from(
      part.matchAll(/^[ \t]+"([^"\n]{1,300})"/gm),
      (match) => match[1]!,
    );
    found.push({
      name,
      version,
      isOfRegistry: source === "registry",
      isOwn: source === undefined,
      dependencies,
    });
  }
  return found;
}

/**
 * The package of a registry that a crate's name in source text means: the version that `dependants` name, the
 * first of them first, else the one that the workspace's packages name, else the highest one.
 */
export function packageOf(
  crate: string,
  packages: readonly LockedPackage[],
  dependants: readonly LockedPackage[],
): LockedPackage | undefined {
  const versions = packages
    .filter(({ name, isOfRegistry }) => isOfRegistry && isNamed(name, crate))
    .sort((a, b) => compareVersions(b.version, a.version));
  if (versions.length < 2) return versions[0];
  const own = packages.filter(({ isOwn }) => isOwn);
  for (const { dependencies } of [...dependants, ...own]) {
    const named = versions.find(({ name, version }) =>
      dependencies.some((one) => `${one} `.startsWith(`${name} ${version} `)),
    );
    if (named !== undefined) return named;
  }
  return versions[0];
}

function isNamed(name: string, crate: string): boolean {
  return name.replaceAll("-", "_") === crate;
}

/** Less than 0 if `a` is the lower version; one with a suffix (`1.0.0-rc.1`) is lower than one without. */
function compareVersions(a: string, b: string): number {
  const [first = "", second = ""] = [a, b].map((one) => one.split("+", 1)[0]);
  const [one, other] = [first, second].map((version) =>
    version.split("-", 1)[0]!.split(".").map(Number),
  );
  for (let i = 0; i < 3; i++) {
    const difference = (one?.[i] ?? 0) - (other?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(second.includes("-")) - Number(first.includes("-"));
}
