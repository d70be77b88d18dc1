import signal
import time

from tests.train.test_fit import start
from train.checkpoint import load
from train.stopping import Stop

SLOW = ("batch=32", "chunk=32", "hidden=400", "embedding=200", "validate_every=1", "passes=20", "precision=fp32")
"""Settings whose steps and validations together last long enough to be hit by a second signal."""


def test_the_clock_asks_to_stop():
    assert Stop(seconds=-1)
    assert not Stop(seconds=60)


def test_the_first_signal_asks_and_the_handlers_come_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stop = Stop()
    with stop.on_signals():
        assert not stop
        signal.raise_signal(signal.SIGTERM)
        assert stop
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_second_signal_stops_at_once_and_the_checkpoint_is_whole(corpus, tmp_path):
    process = start(corpus, tmp_path / "run", SLOW)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(600) in (0, -signal.SIGTERM)
    _, description = load(tmp_path / "run" / "last.safetensors")
    assert description["progress"]["step"] > 0
