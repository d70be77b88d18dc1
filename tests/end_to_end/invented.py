"""An invented author's ebooks, laid out as a mirror of Project Gutenberg lays them out."""

import random
from pathlib import Path

_HEADER = """The Project Gutenberg eBook of {title}

This ebook is for the use of anyone anywhere in the United States and most other parts of the world at no cost.

Title: {title}

Author: An Inventor

Release date: January 1, 2020 [eBook #{ebook}]

Language: English

*** START OF THE PROJECT GUTENBERG EBOOK {title_in_capitals} ***




{title}

by An Inventor
"""
_FOOTER = """

THE END




*** END OF THE PROJECT GUTENBERG EBOOK {title_in_capitals} ***

Updated editions will replace the previous one. Please check www.gutenberg.org for the licence.
"""
_WHO = ("the captain", "Miss Lane", "her uncle", "a stranger", "the old housekeeper", "my cousin", "Mr. Hale", "nobody")
_DID = ("walked to", "spoke of", "dreamt about", "had never seen", "wrote a long letter about", "returned to", "forgot")
_WHAT = ("the harbour", "that winter", "the empty garden", "a ball", "the road to town", "her own heart", "the sea")
_WHY = ("because it rained", "as everybody knew", "though nobody asked", "in the evening", "with great pleasure")


def invent_ebook(ebook: int, title: str, chapters: int = 22, paragraphs: int = 10) -> str:
    """An ebook as it is downloaded: header, chapters of hard-wrapped paragraphs with straight quotes, footer."""
    choose = random.Random(ebook).choice

    def sentence() -> str:
        told = f"{choose(_WHO)} {choose(_DID)} {choose(_WHAT)} {choose(_WHY)}"
        return (
            f'"{told[0].upper()}{told[1:]}," said {choose(_WHO)}.'
            if choose((0, 1))
            else f"{told[0].upper()}{told[1:]}."
        )

    text = _HEADER.format(title=title, ebook=ebook, title_in_capitals=title.upper())
    for chapter in range(1, chapters + 1):
        text += f"\n\n\nCHAPTER {chapter}\n"
        for _ in range(paragraphs):
            text += "\n" + _wrap(" ".join(sentence() for _ in range(choose((1, 2, 3, 4))))) + "\n"
    return text + _FOOTER.format(title_in_capitals=title.upper())


def _wrap(paragraph: str, width: int = 70) -> str:
    lines = [""]
    for word in paragraph.split(" "):
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def write_mirror(folder: Path, ebooks: dict[int, str]) -> str:
    """Lay invented ebooks out under a folder; returns its file:// address."""
    for ebook, title in ebooks.items():
        path = folder / "cache" / "epub" / str(ebook) / f"pg{ebook}.txt"
        path.parent.mkdir(parents=True)
        path.write_text(invent_ebook(ebook, title), encoding="utf-8")
    return folder.as_uri()
