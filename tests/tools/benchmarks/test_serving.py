import itertools
import threading

from tools.benchmarks.serving import fuzz
from tools.benchmarks.serving.load import load


def test_answers_are_counted_and_timed():
    answers = itertools.cycle([(200, b"right"), (503, b""), (200, b"other"), (200, b"right")])
    lock = threading.Lock()

    def ask() -> tuple[int, bytes]:
        with lock:
            return next(answers)

    found = load(ask, (200, b"right"), clients=3, requests=8)
    assert (found.right, found.refused, found.wrong) == (4, 2, 2)
    assert len(found.seconds) == 8
    assert str(found).startswith("3 clients: ")


def test_clients_wait_at_the_same_time():
    together = threading.Barrier(4, timeout=10)

    def ask() -> tuple[int, bytes]:
        together.wait()
        return 200, b""

    assert load(ask, (200, b""), clients=4, requests=8).right == 8


def test_malformed_songs_are_many_and_repeatable():
    found = list(fuzz.cases(256, seed=1))
    assert len(set(found)) > 240
    again = list(fuzz.cases(256, seed=1))
    # Ogg streams and Matroska files draw numbers for themselves.
    drawn = (b"Ogg", b"\x1aE\xdf")
    assert all(one == other for one, other in zip(found, again, strict=True) if not one.startswith(drawn))
    assert {body[:4] for body in found} >= {b"RIFF", b"fLaC", b"OggS", b"FORM", b"\x1aE\xdf\xa3"}
    assert any(body[4:8] == b"ftyp" for body in found)
