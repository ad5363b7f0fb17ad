import type {
  NameCandidate,
  UseElsewhere,
} from "../../src/completion/names/candidates";

/** Of a name that no other file has. */
export const nowhere: UseElsewhere = {
  files: 0,
  kinds: 0,
  distance: Infinity,
  imported: false,
  named: false,
};

/** A candidate that stands nowhere, but for what is given. */
export function nameCandidate(
  name: string,
  given: Partial<NameCandidate> = {},
): NameCandidate {
  return {
    name,
    before: 0,
    after: 0,
    distance: Infinity,
    fitting: 0,
    match: 0,
    isUnused: false,
    elsewhere: nowhere,
    isEditorMember: false,
    ...given,
  };
}
