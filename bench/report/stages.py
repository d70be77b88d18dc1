"""What each stage of the bundle's training gave: all on the same validation text, that of the held-out authors."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from bench.report.cache import Cache, Result, digest
from bench.report.figures import Criterion, table
from bench.report.subject import BookText, Subject, say
from train.checkpoint import load, load_weights
from train.evaluate import score
from train.files import write_atomically
from train.progress import draw_curves
from train.run_folder import RunFolder


def measure(subject: Subject) -> Result:
    """The bundle's runs from the first to the last, each with how long it trained and its best weights' validation.

    Empty where the run that the bundle was made from is not there. Read are the authors whom all of the runs know.
    """
    folders = chain(subject)
    known = [load(folder / "best.safetensors")[1]["authors"] for folder in folders]
    books = [
        book.beginning(subject.counts.validation_characters)
        for author in subject.seeds
        if all(author in authors for authors in known)
        for book in subject.books("validation", author)
    ]
    stages = [_stage(folder, books, subject.cache) for folder in folders] if books else []
    characters = sum(len(book.text) for book in books)
    return {"stages": stages, "characters": characters, "folders": [str(folder) for folder in folders]}


def chain(subject: Subject) -> list[Path]:
    """The run folder that the bundle was made from, after the one that it started from, and so on.

    It begins where a base is not there any more, or is an unpacked bundle, which was trained elsewhere.
    """
    folders: list[Path] = []
    folder = subject.run
    while folder is not None:
        folders.insert(0, folder)
        base = json.loads((folder / "run.json").read_bytes()).get("base")
        folder = base and _with_weights(folder.parent / Path(base["run"]).name, base["best_sha256"])
    return folders


def section(found: Result, out: Path) -> str:
    """The section: a table, and every run's curves; their logs are copied beside it."""
    if not found["stages"]:
        return "## Training\n\nThe run folders, or validation text of their authors, were not there.\n"
    rows, curves = [], []
    for stage in found["stages"]:
        read = ("–", "–") if stage["tokens"] is None else (f"{stage['tokens']:,}", f"{stage['seconds'] / 60:,.0f}")
        validation = (f"{stage['nats_per_token']:.4f}", f"{stage['bits_per_character']:.4f}")
        rows.append([f"`{stage['run']}`", f"{stage['step']:,}", *read, *validation])
    for folder in map(Path, found["folders"]):
        log = RunFolder(folder).read_log()
        if not log:
            continue
        draw_curves(log, out / f"run-{folder.name}.png")
        write_atomically(out / f"run-{folder.name}.csv", (folder / "log.csv").read_bytes())
        links = f"[log](run-{folder.name}.csv)"
        curves.append(f"### {folder.name}\n\n![training curves of {folder.name}](run-{folder.name}.png)\n\n{links}\n")
    characters = f"{found['characters']:,}"
    head = f"""## Training

What each stage gave, every one's best weights on the same {characters} characters of validation chapters by the
held-out authors, each under its author's style. A stage without tokens is an earlier bundle, unpacked. (The curves and
logs show what each run validated on, a smaller sample in its own proportions, so their figures differ.)

{table(["stage", "steps", "tokens", "minutes", "nats a token", "bits a character"], rows)}"""
    return "\n".join([head, *curves])


def criteria(_found: Result) -> list[Criterion]:
    """None: they say how to train."""
    return []


def _with_weights(folder: Path, wanted: str) -> Path | None:
    best = folder / "best.safetensors"
    there = best.is_file() and hashlib.sha256(best.read_bytes()).hexdigest() == wanted
    return folder if there else None


def _stage(folder: Path, books: list[BookText], cache: Cache) -> dict[str, Any]:
    weights = (folder / "best.safetensors").read_bytes()
    about = {"weights": hashlib.sha256(weights).hexdigest(), "texts": [digest(book.text) for book in books]}

    def make() -> Result:
        say(f"validation: {folder.name}")
        model, description = load_weights(folder)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        texts = [book.encode(tokenizer) for book in books]
        found = score(model, texts, description["authors"], torch.device("cpu"))
        return {
            "step": description["step"], "nats_per_token": found.loss, "bits_per_character": found.bits_per_character,
        }  # fmt: skip

    found = cache.get("stage", about, make)
    rows = [row for row in RunFolder(folder).read_log() if row.step == found["step"]]
    tokens, seconds = (rows[0].tokens, rows[0].seconds) if rows else (None, None)
    return found | {"run": folder.name, "tokens": tokens, "seconds": seconds}
