"""A network with another state than an LSTM's costs its graph alone: a gated recurrent unit with one array, `s`."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lambda_fn.errors import BundleError, RecordError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.state import State
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.story.codec import from_json
from tests.lambda_fn.markov import TEXT
from tests.lambda_fn.stories import Shelf

SIZE, VOCABULARY, AUTHORS = 24, 400, 2


def gated_unit(tokenizer: Tokenizer) -> onnx.ModelProto:
    """One step of s' = s + z (candidate - s), with z and the candidate from [embedding + style, s].

    Its weights are random, but that a token is the likelier, the oftener it is in a text.
    """
    generator = np.random.default_rng(1)
    counts = np.bincount(tokenizer.encode(TEXT), minlength=VOCABULARY)
    sizes = {"embedding": (VOCABULARY, SIZE), "voices": (AUTHORS, SIZE), "output": (SIZE, VOCABULARY)}
    weights = {name: generator.normal(size=size) for name, size in sizes.items()}
    weights |= {name: generator.normal(size=(2 * SIZE, SIZE), scale=0.3) for name in ("update", "change")}
    weights |= {"output": weights["output"] * 0.2, "bias": np.log(counts + 0.01)[None]}
    nodes = [
        ("Gather", ["embedding", "token"], "word"),
        ("MatMul", ["style", "voices"], "voice"),
        ("Add", ["word", "voice"], "input"),
        ("Reshape", ["s", "row"], "before"),
        ("Concat", ["input", "before"], "both"),
        ("MatMul", ["both", "update"], "z_sum"),
        ("Sigmoid", ["z_sum"], "z"),
        ("MatMul", ["both", "change"], "candidate_sum"),
        ("Tanh", ["candidate_sum"], "candidate"),
        ("Sub", ["candidate", "before"], "difference"),
        ("Mul", ["z", "difference"], "step"),
        ("Add", ["before", "step"], "after"),
        ("MatMul", ["after", "output"], "product"),
        ("Add", ["product", "bias"], "logits"),
        ("Reshape", ["after", "shape"], "s_out"),
    ]
    constants = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()]
    constants += [
        numpy_helper.from_array(np.array(shape, np.int64), name)
        for name, shape in {"row": (1, SIZE), "shape": (1, 1, SIZE)}.items()
    ]
    style, state, logits = ("style", [1, AUTHORS]), [1, 1, SIZE], ("logits", [1, VOCABULARY])
    graph = helper.make_graph(
        [
            helper.make_node(kind, inputs, [output], name=output, **({"axis": 1} if kind == "Concat" else {}))
            for kind, inputs, output in nodes
        ],
        "one_step",
        [
            helper.make_tensor_value_info("token", TensorProto.INT64, [1]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (style, ("s", state))),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (logits, ("s_out", state))],
        initializer=constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def described(bundle: Path, copy: Path, **changes: object) -> Path:
    """A copy of a bundle with other fields in its bundle.json (`...` removes one), whose hashes fit the files."""
    shutil.copytree(bundle, copy)
    document = json.loads((copy / "bundle.json").read_text()) | changes
    named = {name: (copy / name).read_bytes() for name in ("model.onnx", "tokenizer.json")}
    document["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in named.items()}
    (copy / "bundle.json").write_text(json.dumps({name: value for name, value in document.items() if value is not ...}))
    return copy


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with that graph in it, and without a list of words: never write to it."""
    folder = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("unit") / "graph"))
    onnx.save(gated_unit(Tokenizer.from_file(folder / "tokenizer.json")), folder / "model.onnx")
    declared = {"state": {"s": [1, 1, SIZE]}, "state_bounds": {"s": 1.001}}
    return described(folder, folder.parent / "bundle", hidden=SIZE, layers=1, **declared)


@pytest.fixture(scope="module")
def begun(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A story of one tweet: never write to it."""
    shelf = Shelf(tmp_path_factory.mktemp("begun"), bundle)
    shelf.tell(1, seed=7)
    return shelf


def test_its_state_is_what_the_bundle_declares(bundle: Path) -> None:
    model = LanguageModel(load_bundle(bundle))
    style = np.array([1, 0], dtype=np.float32)
    logits, state = model.step(7, style, model.zero_state())
    assert (logits.shape, state.shapes) == ((VOCABULARY,), {"s": (1, 1, SIZE)})
    assert np.abs(state["s"]).max() > 0
    assert model.after([7], style, model.zero_state()) == state


def test_ten_tweets_of_one_process_are_ten_processes_of_one_tweet(bundle: Path, tmp_path: Path) -> None:
    at_once, by_and_by = (Shelf(tmp_path / name, bundle) for name in ("at once", "by and by"))
    at_once.tell(10, seed=7)
    for _ in range(10):
        Shelf(by_and_by.folder, Path(shutil.copytree(bundle, tmp_path / "again", dirs_exist_ok=True))).tell(1, seed=7)
    assert by_and_by.content() == at_once.content()
    assert at_once.record()["state"] == {"s": [1, 1, SIZE]}


def test_its_record_is_read_as_it_was_written(bundle: Path, begun: Shelf) -> None:
    assert {"h", "c", "layers"}.isdisjoint(begun.record())
    model, tokenizer = LanguageModel(load_bundle(bundle)), load_bundle(bundle).load_tokenizer()
    (page,) = begun.show()
    tokens = [tokenizer.paragraph, *tokenizer.encode(page.tweet.text)]
    state = model.after(tokens[:-1], np.array([1, 0], dtype=np.float32), model.zero_state())
    assert from_json((begun.folder / "main" / "story.json").read_bytes()).state == state


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": {"s": [1, 1, 12]}, "s": "AAAA" * 16}, r"states s \(1, 1, 24\): it was altered"),
        ({"state": {"t": [1, 1, 24]}, "t": "AAAA" * 32}, r"a state t \(1, 1, 24\), but its bundle"),
        ({"state": {"s": [1, 1, 24], "t": [1]}, "t": "AAAAAA=="}, r"a state s .*, t \(1,\), but its bundle"),
        ({"layers": 1, "h": "AAAA" * 32, "c": "AAAA" * 32, "state": ...}, r"a state h .*, c .*, but its bundle"),
        ({"state": {"s": [1, 1, 23]}}, "'s' must be base64 of 23 finite float32 numbers"),
        ({"s": ...}, "has no field 's'"),
        ({"s": "AAAA/wAA" * 16}, "'s' must be base64|a state that no model leaves, with s further from 0 than 1.001"),
        ({"state": {}}, "'state' must be names of arrays"),
        ({"state": {"s": []}}, "'state' must be names of arrays"),
        ({"state": {"s": [1, 1, True]}}, "'state' of .*: 's' must be its shape"),
        ({"state": {"token": [1]}}, "'state' must be names of arrays"),
        ({"state": {"seed": [1]}}, "'state' must be names of arrays"),
        ({"state": {"seen": [1]}}, "'state' must be names of arrays"),
        ({"state": {"text": [1]}}, "'state' must be names of arrays"),
        ({"state": {"../s": [1]}}, "'state' must be names of arrays"),
        ({"state": None}, "'state' must be a JSON object"),
    ],
)
def test_a_record_with_another_state_is_one_sentence(
    begun: Shelf, tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    shelf = Shelf(Path(shutil.copytree(begun.folder, tmp_path / "stories")), begun.bundle)
    document = {name: value for name, value in (shelf.record() | changes).items() if value is not ...}
    (shelf.folder / "main" / "story.json").write_text(json.dumps(document))
    with pytest.raises(RecordError, match=sentence):
        shelf.tell()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": {"h": [1, 1, SIZE], "c": [1, 1, SIZE]}, "state_bounds": {}},
        {"state": {"s": [1, 1, SIZE + 1]}},
        {"state": {"s": [1, 1, SIZE], "t": [1]}},
        {"state": ..., "state_bounds": ...},
    ],
    ids=["others", "another size", "one more", "an LSTM's"],
)
def test_a_graph_with_another_state_than_its_bundle_declares_is_refused(
    bundle: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(BundleError, match=r"model\.onnx has the inputs"):
        LanguageModel(load_bundle(described(bundle, tmp_path / "bundle", **changes)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", {}),
        ("state", []),
        ("state", {"s": 24}),
        ("state", {"s": [0]}),
        ("state", {"s": [10**12]}),
        ("state", {"style": [1]}),
        ("state_bounds", {"s": 0}),
        ("state_bounds", {"zz": 1}),
        ("state_bounds", {"s": "1"}),
    ],
)
def test_a_declaration_that_cannot_be_is_named(bundle: Path, tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(BundleError, match=name):
        load_bundle(described(bundle, tmp_path / "bundle", **{name: value}))


def test_a_state_of_other_arrays_is_refused(bundle: Path) -> None:
    model = LanguageModel(load_bundle(bundle))
    with pytest.raises(ValueError, match="a state must have s, not h and c"):
        model.after([7], np.array([1, 0], dtype=np.float32), State(dict.fromkeys(("h", "c"), np.zeros(1, np.float32))))
