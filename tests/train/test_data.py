from tokenizers import Tokenizer

from train.data import load_texts


def test_texts_begin_with_the_paragraph_token_and_hold_the_whole_text(corpus):
    tokenizer = Tokenizer.from_file(str(corpus / "tokenizer.json"))
    text = load_texts(corpus, tokenizer, "train")[0]
    expected = (corpus / "train" / "1.txt").read_text(encoding="utf-8").replace("\n\n", "\n")
    assert tokenizer.decode(text.tokens.tolist(), skip_special_tokens=False) == "\n" + expected
    assert text.characters == len(expected)


def test_tokens_are_encoded_once(corpus):
    tokenizer = Tokenizer.from_file(str(corpus / "tokenizer.json"))
    load_texts(corpus, tokenizer, "train")
    shards = {path: path.stat().st_mtime_ns for path in (corpus / "tokens").rglob("*.npy")}
    load_texts(corpus, tokenizer, "train")
    assert {path: path.stat().st_mtime_ns for path in (corpus / "tokens").rglob("*.npy")} == shards
