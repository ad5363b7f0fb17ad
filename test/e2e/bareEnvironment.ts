/**
 * Variables by which programs recognise a build server. ONNX Runtime sends no telemetry where it
 * finds one, so a test of that has to do without them.
 */
const buildServers =
  /^(CI|TF_BUILD|GITHUB_ACTIONS|GITLAB_CI|CIRCLECI|TRAVIS|APPVEYOR|BUILDKITE|TEAMCITY_VERSION|JENKINS_URL|CODEBUILD_BUILD_ID|BITBUCKET_BUILD_NUMBER|SYSTEM_TEAMFOUNDATIONCOLLECTIONURI)$/;

/** What the extension's own precaution sets: it has to do so itself. */
const precaution = /^ORT_/;

/** This process's environment as a user's, with a home that nobody has used yet. */
export function bareEnvironment(
  home: string,
  temporary: string,
): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !buildServers.test(name) && !precaution.test(name) && !/^XDG_/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
  };
}

/** The names in an environment that would keep ONNX Runtime from sending telemetry by themselves. */
export function silencing(names: readonly string[]): string[] {
  return names.filter(
    (name) => buildServers.test(name) || precaution.test(name),
  );
}
