"""Fits a scaling law to a run's validation figures and says what more tokens will bring.

    python scaling.py LOG... [--since 2.7] [--decayed decays.csv] [--at 15 20 30 50] [--svg FILE]

At a constant rate the bits per byte of one size follow L(D) = E + A D^-alpha (D million tokens;
arXiv 2001.08361, 2203.15556). A decay branch that ends at D tokens lies below the
constant-rate curve at D by a factor, which is taken from the branches there are.
E can hardly be told from a short curve, so predictions are given as a range: over
all E that explain the points about as well as the best one does, also with any
one of the points left out.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple, Sequence

import plot

Point = tuple[float, float]


class Law(NamedTuple):
    floor: float  # E
    factor: float  # A
    power: float  # alpha
    error: float  # root mean square of the relative errors

    def __call__(self, tokens: float) -> float:
        return self.floor + self.factor * tokens**-self.power


def fit_power(points: Sequence[Point], floor: float) -> Law:
    """Least squares of log(L - floor) over log D."""
    x = [math.log(tokens) for tokens, _ in points]
    y = [math.log(bits - floor) for _, bits in points]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
    law = Law(floor, math.exp(my - slope * mx), -slope, 0.0)
    errors = [law(tokens) / bits - 1 for tokens, bits in points]
    return law._replace(error=math.sqrt(sum(e * e for e in errors) / len(errors)))


def fit(points: Sequence[Point], tolerance: float = 1.15) -> list[Law]:
    """The best law for all points, then all within `tolerance` of the best one's error for these or for all points but one."""
    laws: list[Law] = []
    for left_out in [None, *range(len(points))]:
        rest = [point for i, point in enumerate(points) if i != left_out]
        lowest = min(bits for _, bits in rest)
        found = sorted((fit_power(rest, lowest * i / 50) for i in range(49)), key=lambda law: law.error)
        laws += [law for law in found if law.error <= tolerance * found[0].error + 1e-9]
    return laws


def draw(points: Sequence[Point], laws: Sequence[Law], until: float, decayed: Sequence[Point], gain: float | None) -> str:
    """The points and the best law, on a logarithmic axis of tokens."""
    width, height, left, right, top, bottom = 760, 420, 56, 16, 28, 44
    low, high = points[0][0], until
    best = laws[0]
    floor = min([best(until) * (gain or 1.0), *(bits for _, bits in decayed)]) - 0.03
    ceiling = max(bits for _, bits in points) + 0.03
    px = lambda x: left + math.log(x / low) / math.log(high / low) * (width - left - right)
    py = lambda y: top + (ceiling - y) / (ceiling - floor) * (height - top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">']
    out.append(f'<rect width="{width}" height="{height}" fill="#fff"/><text x="{left}" y="17">Validation, bits per byte with copying: measured and expected</text>')
    for i in range(math.ceil(floor * 20), math.floor(ceiling * 20) + 1):
        out.append(f'<path d="M{left} {py(i / 20):.1f}H{width - right}" stroke="#eee"/><text x="{left - 6}" y="{py(i / 20) + 4:.1f}" text-anchor="end">{i / 20:.2f}</text>')
    for x in (1, 2, 5, 10, 20, 50, 100, 200):
        if low <= x <= high:
            out.append(f'<text x="{px(x):.1f}" y="{height - bottom + 18}" text-anchor="middle">{x}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 8}" text-anchor="middle">million tokens</text>')
    xs = [low * (high / low) ** (i / 100) for i in range(101)]
    line = lambda ys: "M" + "L".join(f"{px(x):.1f} {py(y):.1f}" for x, y in zip(xs, ys))
    most, least = ([choose(law(x) for law in laws) for x in xs] for choose in (max, min))
    out.append(f'<path d="{line(most)}L{line(least)[1:]}" fill="none" stroke="#c9d6e3"/>')
    out.append(f'<path d="{line([best(x) for x in xs])}" fill="none" stroke="#1f5f99" stroke-width="2"/>')
    if gain:
        out.append(f'<path d="{line([best(x) * gain for x in xs])}" fill="none" stroke="#d98c3f" stroke-width="2" stroke-dasharray="6 4"/>')
    out += [f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="3" fill="#1f5f99"/>' for x, y in points]
    out += [f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="4" fill="#d98c3f"/>' for x, y in decayed]
    for i, (colour, label) in enumerate((("#1f5f99", "constant rate"), ("#d98c3f", "after a decay"), ("#c9d6e3", "laws that fit about as well"))):
        out.append(f'<path d="M{width - 230} {top + 12 + 16 * i}h18" stroke="{colour}" stroke-width="3"/><text x="{width - 206}" y="{top + 16 + 16 * i}">{label}</text>')
    return "\n".join(out) + "\n</svg>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("log", type=Path)
    add("--since", type=float, default=0.0, help="million tokens; points before are another corpus's or the warm-up's")
    add("--decayed", type=Path, help="CSV of where decays ended; the last of them gives what a decay gains")
    add("--at", type=float, nargs="*", default=[15, 20, 30, 50], help="million tokens")
    add("--column", default="copy", choices=["copy", "plain"])
    add("--svg", type=Path)
    options = parser.parse_args()
    points = [point for point in plot.read(options.log)[options.column] if point[0] >= options.since]
    if len(points) < 4:
        raise SystemExit("too few validations to fit a law")
    laws = fit(points)
    best = laws[0]
    print(f"{len(points)} points: L(D) = {best.floor:.3f} + {best.factor:.3f} D^-{best.power:.3f}, relative error {best.error:.2%}")
    print(f"floors that fit about as well: {min(law.floor for law in laws):.2f} to {max(law.floor for law in laws):.2f}")
    decayed, gain = [], None
    if options.decayed:
        decayed = plot.read(options.decayed)[options.column]
        for tokens, bits in decayed:
            gain = bits / best(tokens)
            print(f"a decay that ends at {tokens:.1f} M tokens: {bits:.3f}, {gain:.3f} of the constant rate's {best(tokens):.3f}")
    for tokens in options.at:
        values = [law(tokens) for law in laws]
        text = f"{tokens:5.0f} M tokens: {best(tokens):.3f} ({min(values):.3f} to {max(values):.3f})"
        print(text + (f", decayed {best(tokens) * gain:.3f} ({min(values) * gain:.3f} to {max(values) * gain:.3f})" if gain else ""))
    if options.svg:
        options.svg.write_text(draw(points, laws, max(options.at), decayed, gain))


if __name__ == "__main__":
    main()
