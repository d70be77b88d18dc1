import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import BundleError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.sampling import Sampling


def test_a_bundle_has_what_its_description_says(tiny_bundle: Path) -> None:
    document = json.loads((tiny_bundle / "bundle.json").read_text())
    bundle = load_bundle(tiny_bundle)
    for name in ("name", "files", "vocabulary", "embedding", "hidden", "layers", "parameters"):
        assert getattr(bundle, name) == document[name]
    assert bundle.authors == tuple(document["authors"])
    assert bundle.sampling == Sampling(**document["sampling"])


def test_the_identity_is_for_ever_the_same(tiny_bundle: Path) -> None:
    """Records hold it: another way to make it would lose every story's state."""
    assert load_bundle(tiny_bundle).identity == "caa30858295fa8f712eab6611e2db1a9f2c4ddecc925828fc50b187e0168134f"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "renamed"},
        {"sampling": {"temperature": 0.8, "top_k": 40, "top_p": 0.9}},
        {"held_out": [{"title": "Persuasion", "bits_per_character": 1.35}]},
        {"trained_on": [158, 141, 105], "command": "…", "training": {}, "mood": "wistful"},
    ],
    ids=["name", "sampling", "figures", "history"],
)
def test_what_no_state_depends_on_changes_no_identity(
    tiny_bundle: Path, describe: Callable[..., Path], changes: dict[str, object]
) -> None:
    assert load_bundle(describe(**changes)).identity == load_bundle(tiny_bundle).identity


def test_a_list_of_words_changes_no_identity(
    tiny_bundle: Path, bundle_copy: Path, describe: Callable[..., Path]
) -> None:
    (bundle_copy / "words.txt").write_text("emma’s\n", encoding="utf-8")
    assert load_bundle(describe()).identity == load_bundle(tiny_bundle).identity


def test_how_a_description_is_written_changes_no_identity(tiny_bundle: Path, bundle_copy: Path) -> None:
    path = bundle_copy / "bundle.json"
    document = json.loads(path.read_text())
    document["files"] = dict(reversed(document["files"].items()))
    path.write_text(json.dumps(document, sort_keys=True, indent=5))
    assert load_bundle(bundle_copy).identity == load_bundle(tiny_bundle).identity


@pytest.mark.parametrize(
    "changes",
    [
        {"authors": ["Charles Dickens", "Jane Austen"]},
        {"authors": ["Jane Austen", "Emily Brontë"]},
        {"special_tokens": {"paragraph": 1}},
    ],
    ids=["order of authors", "author", "paragraph"],
)
def test_what_a_state_or_a_style_depends_on_makes_another_identity(
    tiny_bundle: Path, describe: Callable[..., Path], changes: dict[str, object]
) -> None:
    assert load_bundle(describe(**changes)).identity != load_bundle(tiny_bundle).identity


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_another_graph_or_tokenizer_makes_another_identity(
    tiny_bundle: Path, bundle_copy: Path, describe: Callable[..., Path], name: str
) -> None:
    (bundle_copy / name).write_bytes((bundle_copy / name).read_bytes() + b" ")
    assert load_bundle(describe()).identity != load_bundle(tiny_bundle).identity


def test_a_bundle_is_also_known_by_the_sha256_of_its_description(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    names = (bundle.identity, hashlib.sha256((tiny_bundle / "bundle.json").read_bytes()).hexdigest(), "0" * 64)
    assert [bundle.is_known_as(name) for name in names] == [True, True, False]


def test_the_lexicon_is_a_set_of_words(bundle_copy: Path, describe: Callable[..., Path]) -> None:
    (bundle_copy / "words.txt").write_text("emma’s\nsister\n", encoding="utf-8")
    assert load_bundle(describe()).words() == {"emma’s", "sister"}


def test_a_bundle_without_lexicon_has_no_words(bundle_copy: Path, describe: Callable[..., Path]) -> None:
    files = {
        name: hashlib.sha256((bundle_copy / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")
    }
    assert load_bundle(describe(files=files)).words() == frozenset()


def test_a_lexicon_that_is_not_utf8_is_refused(bundle_copy: Path, describe: Callable[..., Path]) -> None:
    (bundle_copy / "words.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(BundleError, match=r"words\.txt cannot be read"):
        load_bundle(describe()).words()


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"is not a model bundle: it has no bundle\.json"):
        load_bundle(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BundleError, match="Not a directory"):
        load_bundle(tmp_path / "file")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "words.txt"])
def test_a_missing_file_is_named(bundle_copy: Path, name: str) -> None:
    (bundle_copy / name).unlink()
    with pytest.raises(BundleError, match=f"incomplete: {name} is missing"):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "words.txt"])
def test_a_file_cut_short_is_named(bundle_copy: Path, name: str) -> None:
    path = bundle_copy / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match=f"{name} is not the file"):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("version", [0, 2, "1", True, 1.0, None])
def test_another_format_is_refused_with_what_to_do(describe: Callable[..., Path], version: object) -> None:
    with pytest.raises(BundleError, match="this program reads format 1: export the model again"):
        load_bundle(describe(format=version))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", 3),
        ("vocabulary", 0),
        ("vocabulary", 10**12),
        ("embedding", "16"),
        ("hidden", -1),
        ("layers", 0),
        ("layers", True),
        ("parameters", 1.5),
        ("authors", []),
        ("authors", ["Jane Austen", "Jane Austen"]),
        ("authors", ["Jane Austen", ""]),
        ("authors", [3]),
        ("authors", "Jane Austen"),
        ("trained_on", ["158"]),
        ("held_out", {}),
        ("files", {}),
        ("sampling", None),
        ("special_tokens", {"paragraph": 400}),
    ],
)
@pytest.mark.parametrize("gone", [False, True])
def test_a_wrong_or_missing_field_is_named(describe: Callable[..., Path], name: str, value: object, gone: bool) -> None:
    with pytest.raises(BundleError, match=name):
        load_bundle(describe(**{name: ... if gone else value}))


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/passwd", "a/b", "..", "", "bundle.json"])
def test_files_outside_the_folder_are_refused(describe: Callable[..., Path], name: str) -> None:
    with pytest.raises(BundleError, match="not the plain name of another file"):
        load_bundle(describe(files={name: "0" * 64}))


def test_impossible_sampling_settings_are_refused(describe: Callable[..., Path]) -> None:
    with pytest.raises(BundleError, match="temperature must be a number above 0"):
        load_bundle(describe(sampling={"temperature": -1, "top_k": 0, "top_p": 1}))


@given(data=st.data())
def test_a_description_cut_anywhere_is_refused(
    data: st.DataObject, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = (tiny_bundle / "bundle.json").read_bytes().rstrip()
    folder = tmp_path_factory.mktemp("cut")
    (folder / "bundle.json").write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(BundleError, match="is not JSON"):
        load_bundle(folder)


@pytest.mark.parametrize("vocabulary", [399, 401])
def test_a_tokenizer_of_another_size_than_the_model_is_refused(describe: Callable[..., Path], vocabulary: int) -> None:
    bundle = load_bundle(describe(vocabulary=vocabulary))
    with pytest.raises(BundleError, match=f"tokenizer has 400 tokens and its model {vocabulary}"):
        bundle.load_tokenizer()
