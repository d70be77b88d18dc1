import numpy as np
import pytest
import torch

from train.data import Batches, Text
from train.feed import MappedFeed, ResidentFeed

TEXTS = [
    Text(author, ebook, np.arange(ebook * 1000, ebook * 1000 + length, dtype=np.uint16), length)
    for author, ebook, length in (("A", 1, 100), ("B", 2, 37), ("A", 65, 250))
]


@pytest.mark.parametrize("rows", [slice(0, 4), slice(2, 4)])
def test_tokens_on_the_device_are_the_tokens_in_the_files(rows):
    mapped, resident = MappedFeed(rows), ResidentFeed(TEXTS, 10, rows, torch.device("cpu"))
    for number in (0, 1):
        batches = Batches(TEXTS, ["A", "B"], rows=4, chunk=10, seed=1, number=number)
        mapped.begin(batches)
        resident.begin(batches)
        for step in range(len(batches)):
            for one, other in zip(mapped[step], resident[step], strict=True):
                assert torch.equal(one, other)
