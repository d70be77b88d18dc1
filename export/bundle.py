"""A training run becomes a model bundle: checked against PyTorch, measured, and only then put in place."""

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from export import verify
from export.copies import collect_copies
from export.errors import InputError
from export.evaluate import CleanedFile, evaluate, read_cleaned
from export.folder import FILES, replace_folder
from export.graph import STATE_BOUNDS, build_graph, state_shapes
from export.integer import Integer, build_integer_graph
from export.quantize import Quantization, Rounding, quantize
from export.run import Run, read_run, shown_command
from export.words import collect_words, find_corpora
from lambda_fn.formats import BUNDLE
from lambda_fn.language.bundle import COPIES, DESCRIPTION, GRAPH, LEXICON, TOKENIZER, Bundle, load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.sampling import SAMPLING_SETTINGS, Sampling, sampling_to_object
from lambda_fn.language.style import known_style, style_vector
from lambda_fn.language.tokenizer import Tokenizer
from train.data import PARAGRAPH
from train.long_work import track

PARITY_STEPS = 1000


@dataclass(frozen=True)
class HeldOut:
    """A book to measure a bundle on, in the style of `author`."""

    book: CleanedFile
    author: str


@dataclass(frozen=True)
class Options:
    """How a bundle is made.

    `quantization` None keeps fp32; `words` is the content of `words.txt`, and `copies` that of `copies.bin`, None for a
    bundle without one; `command` is how it was made; each book of `held_out` is measured on the fp32 graph and on the
    one that ships.
    """

    name: str
    sampling: Sampling
    command: str
    quantization: Quantization | Integer | None = None
    words: bytes | None = None
    copies: bytes | None = None
    held_out: tuple[HeldOut, ...] = ()


@dataclass(frozen=True)
class Made:
    """A bundle in place, and the results of its checks."""

    bundle: Bundle
    size: int  # bytes of all of its files
    parity: verify.Comparison  # PyTorch against the fp32 graph
    loss: verify.Comparison | None  # the fp32 graph against the quantized one


def make_bundle(run: Run, out: Path, options: Options) -> Made:
    """Write the bundle `out`; an older one is replaced once the new one is whole and has passed all checks.

    Raises `ExportError` or `lambda_fn.errors.StoryError`, and then leaves `out` as it was.
    """
    graph = build_graph(run.model)
    files = {GRAPH: graph.SerializeToString(), TOKENIZER: run.tokenizer}
    if options.words is not None:
        files[LEXICON] = options.words
    if options.copies is not None:
        files[COPIES] = options.copies
    roundings: tuple[Rounding, ...] = ()
    loss = None
    with TemporaryDirectory() as scratch:
        full = _load(Path(scratch) / "fp32", files | {DESCRIPTION: _describe(run, options, files)})
        parity = verify.compare(verify.TrainedModel(run.model), full.model, full.bundle, _steps("check parity"))
        verify.check_parity(parity, verify.TOLERANCE)
        measured = [("fp32", full)]
        if options.quantization:
            if isinstance(options.quantization, Integer):
                quantized, roundings = build_integer_graph(run.model)
            else:
                quantized, roundings = quantize(graph, options.quantization)
            files[GRAPH] = quantized.SerializeToString()
            shipped = _load(Path(scratch) / "shipped", files | {DESCRIPTION: _describe(run, options, files)})
            loss = verify.compare(full.model, shipped.model, full.bundle, _steps("check rounding"), tell=True)
            verify.check_loss(loss, verify.BITS_TOLERANCE)
            measured.append(("shipped", shipped))
        figures = [
            _figure(book, loaded, precision, run.folder, out)
            for book in options.held_out
            for precision, loaded in measured
        ]
    files[DESCRIPTION] = _describe(run, options, files, roundings, figures)
    replace_folder(out, files, FILES, load_bundle)
    return Made(load_bundle(out), sum(map(len, files.values())), parity, loss)


@dataclass(frozen=True)
class _Loaded:
    """A bundle in a scratch folder, loaded the way that the bot loads it."""

    bundle: Bundle
    model: LanguageModel
    tokenizer: Tokenizer


def _load(folder: Path, files: Mapping[str, bytes]) -> _Loaded:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    bundle = load_bundle(folder)
    return _Loaded(bundle, LanguageModel(bundle), bundle.load_tokenizer())


def _describe(
    run: Run,
    options: Options,
    files: Mapping[str, bytes],
    roundings: tuple[Rounding, ...] = (),
    figures: list[dict[str, object]] | None = None,
) -> bytes:
    """The content of `bundle.json`."""
    size = run.model.size
    quantization = options.quantization and {
        **asdict(options.quantization),
        "rounding": [rounding.as_dict() for rounding in roundings],
    }
    description = {
        "format": BUNDLE.number,
        "name": options.name,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != DESCRIPTION},
        "vocabulary": size.vocabulary,
        "embedding": size.embedding,
        "hidden": size.hidden,
        "layers": size.layers,
        "state": state_shapes(run.model),
        "state_bounds": STATE_BOUNDS,
        "parameters": run.model.parameter_count(),
        "authors": list(run.authors),
        "special_tokens": {"paragraph": PARAGRAPH},
        "sampling": sampling_to_object(options.sampling),
        "quantization": quantization,
        "trained_on": list(run.trained_on),
        "held_out": figures or [],
        "command": options.command,
        "training": run.summary(),
    }
    return (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _figure(held_out: HeldOut, loaded: _Loaded, precision: str, run: Path, out: Path) -> dict[str, object]:
    """Measure a book; returns an entry of `held_out` in `bundle.json`, with the command that repeats it.

    `precision` is "shipped", or "fp32" for what the bundle was before its weights were rounded.
    """
    book, before = held_out.book, ""
    style = style_vector({held_out.author: 1.0}, loaded.bundle.authors)
    found = evaluate(loaded.model, loaded.tokenizer, book.text, style, f"{book.title}, {precision}")
    if precision == "fp32":
        out = out.with_name(f"{out.name}-fp32")
        before = shown_command("bundle", run, "--out", out, "--precision", "fp32") + " && "
    return {
        "ebook": book.ebook,
        "title": book.title,
        "author": held_out.author,
        "precision": precision,
        "bits_per_character": round(found.bits_per_character, 4),
        "characters": found.characters,
        "command": before + shown_command("evaluate", out, book.path, "--author", held_out.author),
    }


def _steps(label: str) -> Iterator[int]:
    return track(range(PARITY_STEPS), label)


def _read_held_out(path: Path, author: str, trained_on: Collection[int]) -> HeldOut:
    """Read and clean a book. Raises as `read_cleaned`, and `InputError` for a book that was trained on."""
    book = read_cleaned(path)
    if book.ebook in trained_on:
        raise InputError(f"{path} is ebook {book.ebook}, which the run was trained on: it is not held out")
    return HeldOut(book, author)


def command(options: argparse.Namespace) -> None:
    """`python -m export bundle`."""
    if options.evaluate_author is not None and not options.evaluate:
        raise InputError("--evaluate-author is the style to read a held-out book in: name the book with --evaluate")
    sampling = Sampling(**{name: getattr(options, name) for name in SAMPLING_SETTINGS})
    quantization = _quantization(options.precision, options.block)
    run = read_run(options.run)
    held_out: tuple[HeldOut, ...] = ()
    if options.evaluate:
        wanted = run.authors[0] if options.evaluate_author is None else options.evaluate_author
        (author,) = known_style({wanted: 1.0}, run.authors, "--evaluate-author")
        held_out = (_read_held_out(options.evaluate, author, run.trained_on),)
    found = find_corpora(run, options.corpus)
    corpora = [folder for folder in found if folder is not None]
    if len(corpora) < len(found):
        gone = run.records[found.index(None)]["corpus_folder"]
        print(f"note: the words that {gone} had are not there, so there will be no words.txt and no copies.bin: "
              "give the folder with --corpus, if it is elsewhere", file=sys.stderr)  # fmt: skip
    unpacked = any("words_sha256" in record for record in run.records)
    if unpacked:
        print("note: the texts that the unpacked bundle was trained on are not there, so there will be no copies.bin: "
              "`python -m export add-copies` makes one", file=sys.stderr)  # fmt: skip
    made = make_bundle(
        run,
        options.out,
        Options(
            name=options.name or run.folder.resolve().name,
            sampling=sampling,
            command=shown_command(*options.arguments),
            quantization=quantization,
            words=collect_words(run.records, corpora) if len(corpora) == len(found) else None,
            copies=collect_copies(run.records, corpora) if len(corpora) == len(found) and not unpacked else None,
            held_out=held_out,
        ),
    )
    print(f"{options.out}: {made.size / 1e6:.2f} MB, {made.bundle.parameters:,} parameters")
    parity = made.parity
    print(f"PyTorch and ONNX Runtime (fp32) agree to {parity.largest:.2g} over {parity.steps} steps")
    if made.loss:
        print(f"rounding to {options.precision} loses {made.loss.bits_per_token:.2g} bits a token")
    for figure in made.bundle.held_out:
        print(f"{figure['title']}, {figure['precision']}: {figure['bits_per_character']} bits per character")


def _quantization(precision: str, block: int | None) -> Quantization | Integer | None:
    usual_blocks = {"4bit": (4, 32), "8bit": (8, 128)}
    if precision in usual_blocks:
        bits, usual_block = usual_blocks[precision]
        return Quantization(bits, usual_block if block is None else block)
    if block is not None:
        raise InputError("--block is for weights rounded in blocks: choose --precision 4bit or 8bit with it")
    return Integer() if precision == "integer" else None
