import itertools
import threading

from tools.benchmarks.serving import fuzz
from tools.benchmarks.serving.load import load


def test_responses_are_counted_and_timed():
    responses = itertools.cycle([(200, b"correct"), (503, b""), (200, b"other"), (200, b"correct")])
    lock = threading.Lock()

    def send() -> tuple[int, bytes]:
        with lock:
            return next(responses)

    found = load(send, (200, b"correct"), clients=3, requests=8)
    assert (found.correct, found.rejected, found.wrong) == (4, 2, 2)
    assert len(found.seconds) == 8
    assert str(found).startswith("3 clients: ")


def test_clients_are_concurrent():
    barrier = threading.Barrier(4, timeout=10)

    def send() -> tuple[int, bytes]:
        barrier.wait()
        return 200, b""

    assert load(send, (200, b""), clients=4, requests=8).correct == 8


def test_malformed_songs_are_different_and_reproducible():
    found = list(fuzz.cases(256, seed=1))
    assert len(set(found)) > 240
    again = list(fuzz.cases(256, seed=1))
    # Ogg streams and Matroska files contain random numbers.
    random_headers = (b"Ogg", b"\x1aE\xdf")
    assert all(
        one == other for one, other in zip(found, again, strict=True) if not one.startswith(random_headers)
    )
    assert {body[:4] for body in found} >= {b"RIFF", b"fLaC", b"OggS", b"FORM", b"\x1aE\xdf\xa3"}
    assert any(body[4:8] == b"ftyp" for body in found)
