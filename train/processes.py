"""Several processes that train one model together, as `torchrun` starts them: one a device, each with its own rows.

Every process has the whole model. A batch's rows are dealt out, the gradients' mean is what a single process with all
of the rows would have found, and so all take the same step. Only dropout differs: process number r draws its masks with
the seed + r. They stop after the same step: on a signal, or when the time is up.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from train.errors import ConfigurationError

AGREE_EVERY = 10
"""Steps after which several processes exchange whether one of them was asked to stop."""


@dataclass(frozen=True)
class Processes:
    """This process, number `rank` of `count`, and its exchange with the others, if there are any."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes files and reports."""
        return self.rank == 0

    def rows(self, batch: int) -> slice:
        """Return this process's rows of a batch. Raises `ConfigurationError` if they cannot be dealt evenly."""
        if batch % self.count:
            raise ConfigurationError(f"batch = {batch}: it must be a multiple of the {self.count} processes")
        share = batch // self.count
        return slice(self.rank * share, (self.rank + 1) * share)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over the processes, all in one exchange."""
        if self.count > 1:
            flat = torch.cat([tensor.flatten().float() for tensor in tensors])
            distributed.all_reduce(flat)
            parts = torch.split(flat / self.count, [tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """Return that tensor of every process, in their order, on the CPU; all have the same shape."""
        if self.count == 1:
            return [tensor.detach().cpu()]
        here = tensor.detach().to(self.device).contiguous()
        found = [torch.empty_like(here) for _ in range(self.count)]
        distributed.all_gather(found, here)
        return [part.cpu() for part in found]

    def first_of(self, value: float) -> float:
        """Return the first process's number, in all of them."""
        return self.gather(torch.tensor([value], dtype=torch.float64))[0].item()

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in at least one process."""
        return any(part.item() for part in self.gather(torch.tensor([int(flag)])))

    def wait(self) -> None:
        """Wait until all the others have come here too."""
        self.any(False)


def usable_device(name: str) -> torch.device:
    """Return the device of that name; `auto` is CUDA if there is any, else the CPU. Raises `ConfigurationError`."""
    device = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not usable.get(device.type, True):
        raise ConfigurationError(f"--device {name}: this machine's PyTorch has none; use --device auto")
    return device


@contextmanager
def join_processes(device: torch.device) -> Iterator[Processes]:
    """Join the processes that `torchrun` started beside this one; without `torchrun`, be the only one."""
    count, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    if count == 1:
        yield Processes(device)
        return
    if device.type not in ("cpu", "cuda"):
        raise ConfigurationError(f"--device {device.type}: several processes need cpu or cuda")
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    _import_before_joining()
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    processes = Processes(device, rank, count)
    try:
        yield processes
        processes.wait()  # one that leaves while another still saves can bring gloo's threads down
    finally:
        distributed.destroy_process_group()


def _import_before_joining() -> None:
    """Import what would keep the process group alive for ever if it were imported later.

    Its functions have the group of that moment as a default, and the optimizer's first step imports it. A group that
    is held outlives `destroy_process_group`, and its threads may then drop their tensors while the interpreter shuts
    down, which kills the process: https://github.com/pytorch/pytorch/pull/179291
    """
    import torch.distributed.nn.functional  # noqa: F401


class StopRequest:
    """True after a signal, or when `seconds` have passed; the loop then saves and ends."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self.asked = False
        self._deadline = time.monotonic() + seconds

    def __bool__(self) -> bool:
        return self.asked or time.monotonic() > self._deadline

    def agreed(self, step: int, processes: Processes) -> bool:
        """Return whether to stop before that step: the same in every process."""
        if processes.count == 1:
            return bool(self)
        return step % AGREE_EVERY == 0 and processes.any(bool(self))

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let the first Ctrl-C or SIGTERM ask to stop, and the second stop at once, as it would anywhere."""

        def ask(_number: int, _frame: object) -> None:
            self.asked = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
