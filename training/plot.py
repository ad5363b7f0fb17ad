"""Draws the training curve of a run's CSV as an SVG, with nothing but the standard library."""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 56, 16, 28, 44
SERIES = (
    ("train_plain", "#c9c9c9", "train, softmax alone", 1.0),
    ("train_copy", "#9bb8d3", "train, with copying", 1.0),
    ("plain", "#d98c3f", "validation, softmax alone", 2.0),
    ("copy", "#1f5f99", "validation, with copying", 2.0),
)


def read(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Points (million tokens, bits a byte) by column; rows that a resumed run did over replace the older ones."""
    rows: dict[int, dict[str, str]] = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            tokens = int(row["tokens"])
            for later in [t for t in rows if t > tokens]:
                del rows[later]
            rows[tokens] = {**rows.get(tokens, {}), **{key: value for key, value in row.items() if value}}
    points: dict[str, list[tuple[float, float]]] = {name: [] for name, *_ in SERIES}
    for tokens, row in sorted(rows.items()):
        for name in points:
            if row.get(name):
                points[name].append((tokens / 1e6, float(row[name])))
    return points


def smooth(points: list[tuple[float, float]], window: int) -> list[tuple[float, float]]:
    half = window // 2
    result = []
    for i, (x, _) in enumerate(points):
        near = points[max(0, i - half) : i + half + 1]
        result.append((x, sum(y for _, y in near) / len(near)))
    return result


def draw(points: dict[str, list[tuple[float, float]]], title: str) -> str:
    points = {name: smooth(p, max(1, len(p) // 60)) if name.startswith("train") else p for name, p in points.items()}
    flat = [point for series in points.values() for point in series]
    if not flat:
        raise SystemExit("nothing to draw yet")
    right = max(x for x, _ in flat) or 1.0
    low = math.floor(min(y for _, y in flat) * 10) / 10
    high = min(4.0, math.ceil(max(y for _, y in flat) * 10) / 10)
    px = lambda x: LEFT + x / right * (WIDTH - LEFT - RIGHT)
    py = lambda y: TOP + (high - min(y, high)) / (high - low) * (HEIGHT - TOP - BOTTOM)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
    out.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="17">{title}</text>')
    step = 0.1 if high - low <= 1 else 0.25 if high - low <= 2.5 else 0.5
    y = math.ceil(low / step - 1e-9) * step
    while y <= high + 1e-9:
        out.append(f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - RIGHT}" stroke="#eee"/><text x="{LEFT - 6}" y="{py(y) + 4:.1f}" text-anchor="end">{y:.2f}</text>')
        y += step
    for i in range(6):
        x = right * i / 5
        out.append(f'<text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x:.3g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">million tokens; bits per byte</text>')
    for i, (name, colour, label, width) in enumerate(SERIES):
        path = "M" + "L".join(f"{px(x):.1f} {py(y):.1f}" for x, y in points[name])
        if points[name]:
            out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        at = TOP + 12 + 16 * i
        out.append(f'<path d="M{WIDTH - 200} {at}h18" stroke="{colour}" stroke-width="3"/><text x="{WIDTH - 176}" y="{at + 4}">{label}</text>')
    return "\n".join(out) + "\n</svg>\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw a run's log.csv.")
    parser.add_argument("log", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--title", default="RWKV-7, bits per byte")
    options = parser.parse_args()
    options.output.write_text(draw(read(options.log), options.title))


if __name__ == "__main__":
    main()
