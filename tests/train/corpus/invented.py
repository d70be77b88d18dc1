"""Ebooks of our own invention, in the dress of Project Gutenberg."""

import random

_WORDS = (
    "the a one his her their old small quiet bright river lamp ship garden letter window stranger captain sister "
    "carried opened wondered answered followed forgot remembered before after under beyond slowly gladly never often"
)


def invent_chapters(count: int, seed: int, paragraphs: int = 4, words: int = 30) -> list[list[str]]:
    """Chapters of nonsense in which no two runs of 13 words are alike."""
    choose = random.Random(seed)
    sentence = lambda: f"{' '.join(choose.choices(_WORDS.split(), k=words)).capitalize()}."  # noqa: E731
    return [[sentence() for _ in range(paragraphs)] for _ in range(count)]


def as_published(ebook: int, title: str, chapters: list[list[str]]) -> str:
    """Such chapters with a header, chapter headings, short lines and a footer."""
    body = "\n\n\n".join(
        f"CHAPTER {number}\n\n" + "\n\n".join(_short_lines(paragraph) for paragraph in chapter)
        for number, chapter in enumerate(chapters, start=1)
    )
    return (
        f"The Project Gutenberg eBook of {title}, by Nobody\n\n"
        f"Title: {title}\n\nAuthor: Nobody\n\nRelease Date: May, 1999 [eBook #{ebook}]\n\nLanguage: English\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n\n{body}\n\n\n"
        f"*** END OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\nEnd of the Project Gutenberg eBook.\n"
    )


def _short_lines(paragraph: str) -> str:
    words = paragraph.split()
    return "\n".join(" ".join(words[start : start + 9]) for start in range(0, len(words), 9))
