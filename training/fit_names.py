"""Fits the weights that rank half-typed names (`src/completion/names/ranking.ts`).

    npx tsx bench/names.ts PROJECT... > names.jsonl          # validation projects
    python training/fit_names.py names.jsonl > src/completion/names/nameWeights.json

A line of the file is a position within a name: the features of each word that it may become, those
of "none of them", and which word is right (-1: none). The model is a multinomial logit, so the
fitted shares are probabilities. Each project is also judged by weights fitted on all others; how
often the likeliest word is right, by tenths of its probability, goes to standard error.

`guess` chooses among all names which are worth a run of the network: the same model on what is known
before. It is fitted on twice as many names as are run in the product.
"""

import json
import sys

import torch

MISSING = -1e9
# Longer names that the product runs, and how much less likely than the likeliest they may seem
# (`maxCandidates` and `maxBehind` in `guesses.ts`).
RUN = 6
BEHIND = 4.0


class Positions:
    """The positions of a file as tensors: words [N, W, F], none [N, G], right [N]; W stands for none."""

    def __init__(self, rows: list[dict], kind: str) -> None:
        most = max(len(row[kind]) for row in rows)
        features = len(rows[0][kind][0])
        self.projects = [row["folder"] for row in rows]
        self.words = torch.zeros(len(rows), most, features)
        self.mask = torch.full((len(rows), most), MISSING)
        self.none = torch.tensor([row["none"] for row in rows], dtype=torch.float)
        self.right = torch.tensor([row["right"] if row["right"] >= 0 else most for row in rows])
        for i, row in enumerate(rows):
            count = len(row[kind])
            self.words[i, :count] = torch.tensor(row[kind])
            self.mask[i, :count] = 0

    def scores(self, which: torch.Tensor, word: torch.Tensor, none: torch.Tensor) -> torch.Tensor:
        """Unnormalised log-probabilities [n, W + 1]; none of the words comes last."""
        words = self.words[which] @ word + self.mask[which]
        return torch.cat([words, (self.none[which] @ none)[:, None]], 1)


def fit(positions: Positions, which: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    word = torch.zeros(positions.words.shape[2], requires_grad=True)
    none = torch.zeros(positions.none.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([word, none], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = positions.scores(which, word, none)
        value = torch.nn.functional.cross_entropy(scores, positions.right[which])
        value = value + 1e-4 * (word @ word + none @ none)
        value.backward()
        return value

    optimizer.step(loss)
    return word.detach(), none.detach()


def as_run(row: dict, guess: torch.Tensor) -> dict:
    """The position as the product sees it: of the longer names only the likeliest few are run."""
    longer = [i for i, (text, known) in enumerate(zip(row["texts"], row["guess"])) if text != "" and known[2] == 0]
    worth = torch.tensor([row["guess"][i] for i in longer]) @ guess if longer else []
    best = {longer[int(i)] for i in torch.argsort(worth, descending=True)[:RUN] if worth[i] >= worth.max() - BEHIND} if longer else set()
    kept = [i for i in range(len(row["texts"])) if i not in longer or i in best]
    right = kept.index(row["right"]) if row["right"] in kept else -1
    return {**row, "right": right} | {kind: [row[kind][i] for i in kept] for kind in ("words", "guess", "texts")}


def judge(positions: Positions) -> None:
    """Tells how often the likeliest word is right in projects that the weights were not fitted on."""
    probability, right = [], []
    for project in sorted(set(positions.projects)):
        inside = torch.tensor([each == project for each in positions.projects])
        word, none = fit(positions, (~inside).nonzero()[:, 0])
        which = inside.nonzero()[:, 0]
        shares = positions.scores(which, word, none).softmax(1)[:, :-1]
        likeliest, index = shares.max(1)
        probability.append(likeliest)
        right.append((index == positions.right[which]).float())
    p, r = torch.cat(probability), torch.cat(right)
    print(f"{len(p)} positions, likeliest word right in {r.mean():.3f}", file=sys.stderr)
    for tenth in range(10):
        part = (p >= tenth / 10) & (p < (tenth + 1) / 10)
        if part.any():
            print(f"  {p[part].mean():.2f}: right {r[part].mean():.2f} of {int(part.sum())}", file=sys.stderr)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["words"]]
    everything = torch.arange(len(rows))
    guess, _ = fit(Positions(rows, "guess"), everything)
    run = Positions([as_run(row, guess) for row in rows], "words")
    judge(run)
    word, none = fit(run, everything)
    weights = {"guess": guess, "word": word, "none": none}
    print(json.dumps({name: [round(value, 4) for value in each.tolist()] for name, each in weights.items()}))


if __name__ == "__main__":
    main()
