"""The last tweets as an Atom feed (RFC 4287), by which a reader hears of the next."""

import uuid
from collections.abc import Sequence
from xml.etree import ElementTree

from lambda_fn.book.chapters import chapter_of, opening
from lambda_fn.book.html import FEED, INDEX, file_of
from lambda_fn.book.wording import Title, address, characters, escaped, identity, timestamp
from lambda_fn.story.record import Tweet

ENTRIES = 20  # tweets

_ATOM = "http://www.w3.org/2005/Atom"


def feed(title: Title, first: Tweet, tweets: Sequence[Tweet]) -> bytes:
    """The feed of a story that began with `first`, whose last tweets these are, oldest first.

    Its addresses are relative to its own, and its ids those of the story and its tweets, wherever they are.
    """
    story = identity(first)
    root = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(root, "id", story.urn)
    _add(root, "title", characters(title.words))
    _add(root, "updated", timestamp(tweets[-1].time))
    _add(_add(root, "author"), "name", characters(f"A language model, in the manner of {title.by}"))
    _add(root, "link", rel="self", type="application/atom+xml", href=FEED)
    _add(root, "link", rel="alternate", type="text/html", href=INDEX)
    for tweet in reversed(tweets):
        entry = _add(root, "entry")
        _add(entry, "id", uuid.uuid5(story, str(tweet.sequence)).urn)
        _add(entry, "title", characters(opening(tweet.text)))
        _add(entry, "published", timestamp(tweet.time))
        _add(entry, "updated", timestamp(tweet.time))
        place = f"{file_of(chapter_of(tweet.sequence))}#t{tweet.sequence}"
        _add(entry, "link", rel="alternate", type="text/html", href=place)
        if posted := address(tweet):
            _add(entry, "link", rel="related", href=posted, title="on X")
        paragraphs = "".join(f"<p>{escaped(line)}</p>" for line in tweet.text.split("\n"))
        _add(entry, "content", paragraphs, type="html")
    ElementTree.indent(root)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(parent: ElementTree.Element, name: str, content: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name, attributes)
    child.text = content
    return child
