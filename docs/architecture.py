"""Draws architecture.svg beside this file: `python docs/architecture.py`. Standard library only.

What is drawn is said here alone, as rows from top to bottom; narrow enough for a phone, and in the reader's own light
or dark.
"""

from html import escape
from pathlib import Path

WIDTH, MARGIN, LINE, GAP = 520, 16, 22, 30
PICTURE = Path(__file__).with_suffix(".svg")

# Each row: the kind of its box, its title, and what stands below the title.
PATH = (
    ("outside", "Project Gutenberg", "ebooks, as published"),
    ("room", "train/", "clean chapters → sub-words → LSTM checkpoint"),
    ("room", "export/", "checkpoint → ONNX graph, 8-bit weights, proof"),
    ("thing", "a bundle: lambda_fn/model/", "model.onnx · tokenizer.json · words.txt · bundle.json"),
    ("room", "lambda_fn/writing", "position in the story → the next tweet"),
    ("room", "lambda_fn/posting", "exactly once: below"),
    ("outside", "X", "whole sentences, at most 280 characters"),
)
INVOCATION = (
    ("outside", "EventBridge Scheduler", "{slot: 06:00}, perhaps twice"),
    ("step", "read", "story.json and its ETag; this slot told already? stop"),
    ("step", "tell", "last token, h, c, seed → text and the state after it"),
    ("store", "1  claim", "story.json with the draft, If-Match: one of two wins"),
    ("step", "2  post", "one call, OAuth 1.0a; eight outcomes, one “unknown”"),
    ("store", "3  record", "tweets/000007.json, then story.json, If-Match"),
)
DIED = "Whoever finds a draft that is not theirs looks in the archive and on the timeline before anything else."

STYLE = """
:root { color-scheme: light dark }
.page { fill: #fffdf8 } .ink { fill: #22201c } .quiet { fill: #5c574d }
.line { stroke: #8a8375; stroke-width: 2; fill: none }
.box { stroke-width: 2 } .outside { fill: #efece4; stroke: #8a8375; stroke-dasharray: 6 4 }
.room { fill: #e3edf7; stroke: #40719f } .thing { fill: #f8eed3; stroke: #a3802a }
.step { fill: #e3edf7; stroke: #40719f } .store { fill: #e2f1e2; stroke: #41804a }
text { font-family: system-ui, sans-serif; font-size: 17px }
.title { font-weight: 600; font-size: 19px } .head { font-weight: 700; font-size: 22px }
@media (prefers-color-scheme: dark) {
.page { fill: #17181b } .ink { fill: #ece8df } .quiet { fill: #b6b0a3 } .line { stroke: #8f897c }
.outside { fill: #24262a; stroke: #8f897c } .room, .step { fill: #1d2c3b; stroke: #6fa3d3 }
.thing { fill: #342b14; stroke: #cda64a } .store { fill: #1b2f1f; stroke: #6cb277 } }
"""


def draw() -> str:
    """The picture as SVG."""
    parts: list[str] = []
    y = _head(parts, "From a library to a tweet", MARGIN)
    y = _column(parts, PATH, y)
    y = _head(parts, "One invocation", y + GAP)
    y = _column(parts, INVOCATION, y)
    for line in _wrapped(DIED, 56):
        y += LINE
        parts.append(f'<text class="quiet" x="{MARGIN}" y="{y}">{escape(line)}</text>')
    height = y + MARGIN
    label = "From Project Gutenberg to a tweet, and what one invocation does: claim, post, record"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">',
            f"<style>{STYLE}</style>",
            '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path class="line" d="M1 1 7 4 1 7"/></marker>',
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="10"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _head(parts: list[str], text: str, y: int) -> int:
    parts.append(f'<text class="ink head" x="{MARGIN}" y="{y + LINE}">{escape(text)}</text>')
    return y + LINE + 14


def _column(parts: list[str], rows: tuple[tuple[str, str, str], ...], y: int) -> int:
    """Boxes one below the other, joined by arrows; returns where the last one ends."""
    middle, height = WIDTH // 2, 2 * LINE + 18
    for number, (kind, title, below) in enumerate(rows):
        if number:
            parts.append(f'<path class="line" d="M{middle} {y} v{GAP - 3}" marker-end="url(#tip)"/>')
            y += GAP
        parts.append(
            f'<rect class="box {kind}" x="{MARGIN}" y="{y}" width="{WIDTH - 2 * MARGIN}" height="{height}" rx="8"/>'
            f'<text class="ink title" x="{MARGIN + 14}" y="{y + LINE + 4}">{escape(title)}</text>'
            f'<text class="quiet" x="{MARGIN + 14}" y="{y + 2 * LINE + 4}">{escape(below)}</text>'
        )
        y += height
    return y


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
