"""Clocks and the thread that translates, with streams that are in time or late."""

import itertools
import threading
import time
import types
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.inference.live import clocks
from pipelines.inference.live.worker import LiveWorker

RATE, CHUNK, HEADROOM = 8000, 80, 160


class Stream:
    """Stream that delays its samples by ten; each push waits for the test."""

    channels, delay = 1, 10

    def __init__(self, *, is_held: bool = False) -> None:
        self.may_push = threading.Semaphore(0 if is_held else 10_000)
        self._output = np.zeros((self.delay, 1), np.float32)

    def push(self, samples: np.ndarray) -> np.ndarray:
        if len(samples):
            assert self.may_push.acquire(timeout=10)
        if np.isnan(samples).any():
            raise ValueError("not a number")
        found, self._output = np.split(np.concatenate([self._output, samples]), [len(samples)])
        return found


def counted(chunks: int) -> np.ndarray:
    """Samples 1, 2, 3, ..."""
    return np.arange(1, chunks * CHUNK + 1, dtype=np.float32)[:, None]


def settled(worker: LiveWorker, chunks: int) -> None:
    """Waits until a number of chunks has been translated."""
    end = time.monotonic() + 10
    while worker.translated < chunks * CHUNK:
        assert time.monotonic() < end
        time.sleep(0.001)


def exchanged(worker: LiveWorker, samples: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [worker.exchange(each, time.monotonic()) for each in np.split(samples, len(samples) // CHUNK)]
    )


def after(delay: int, samples: np.ndarray) -> np.ndarray:
    return np.pad(samples, ((delay, 0), (0, 0)))[: len(samples)]


def test_sound_in_time_is_whole():
    worker, song = LiveWorker(Stream(), HEADROOM), counted(6)
    heard = []
    for number, chunk in enumerate(np.split(song, 6)):
        heard.append(worker.exchange(chunk, time.monotonic()))
        settled(worker, number + 1)
    worker.close()
    assert worker.delay == Stream.delay + HEADROOM
    np.testing.assert_array_equal(np.concatenate(heard), after(worker.delay, song))
    assert (worker.dropouts, worker.silence) == (0, 0)
    assert worker.busy > 0


def test_late_sound_is_one_dropout_and_the_delay_stays():
    stream, song = Stream(is_held=True), counted(8)
    worker = LiveWorker(stream, HEADROOM)
    first = exchanged(worker, song[: 4 * CHUNK])  # two chunks of headroom, two that are missing
    stream.may_push.release(4)
    settled(worker, 4)
    stream.may_push.release(4)
    rest = []
    for number in range(4, 8):
        rest.append(worker.exchange(song[number * CHUNK :][:CHUNK], time.monotonic()))
        settled(worker, number + 1)
    worker.close()
    expected = after(worker.delay, song)
    np.testing.assert_array_equal(first[2 * CHUNK :], 0)
    np.testing.assert_array_equal(np.concatenate(rest), expected[4 * CHUNK :])
    assert (worker.dropouts, worker.silence) == (1, 2 * CHUNK)


def test_sound_that_is_ready_after_it_was_due_is_a_dropout():
    worker = LiveWorker(Stream(), 0)
    due = time.monotonic()
    worker.exchange(counted(1), due)
    settled(worker, 1)
    worker.exchange(counted(1), due)
    assert (worker.dropouts, worker.silence) == (1, 2 * CHUNK)
    worker.close()


def test_an_overloaded_thread_gets_nothing_until_it_has_caught_up():
    stream, song = Stream(is_held=True), counted(20)
    worker = LiveWorker(stream, HEADROOM)
    exchanged(worker, song[: 10 * CHUNK])
    stream.may_push.release(20)
    given = 2 * HEADROOM // CHUNK + 1
    settled(worker, given)
    heard = []
    for number in range(10, 20):
        heard.append(worker.exchange(song[number * CHUNK :][:CHUNK], time.monotonic()))
        settled(worker, given + number - 9)
    worker.close()
    assert worker.translated == (given + 10) * CHUNK
    found, expected = np.concatenate(heard)[3 * CHUNK :], after(worker.delay, song)[13 * CHUNK :]
    np.testing.assert_array_equal(found, expected)


def test_errors_of_the_thread_are_raised():
    worker = LiveWorker(Stream(), HEADROOM)
    worker.exchange(np.full((CHUNK, 1), np.nan, np.float32), time.monotonic())
    worker.close()
    with pytest.raises(ValueError, match="not a number"):
        worker.exchange(counted(1), time.monotonic())


@pytest.fixture
def song(tmp_path: Path) -> clocks.Song:
    soundfile.write(tmp_path / "song.wav", counted(20) / 4096, RATE, "FLOAT")
    return clocks.Song(tmp_path / "song.wav", RATE, CHUNK)


def test_the_file_clock_gives_each_chunk_when_it_is_over_and_then_silence(song: clocks.Song):
    exchanges = []

    def exchange(samples: np.ndarray, due: float) -> np.ndarray:
        exchanges.append((samples, due, time.monotonic()))
        return -samples

    worker = types.SimpleNamespace(delay=3 * CHUNK + 1, exchange=exchange)
    heard = np.concatenate(list(clocks.FileClock(song).run(worker)))
    given, dues, times = zip(*exchanges, strict=True)
    silence = np.zeros((worker.delay, 1))
    np.testing.assert_array_equal(np.concatenate(given), np.concatenate([counted(20) / 4096, silence]))
    np.testing.assert_array_equal(heard, -np.concatenate(given))
    np.testing.assert_allclose(np.diff(dues), [CHUNK / RATE] * 22 + [1 / RATE], atol=1e-6)
    assert all(time >= due for time, due in zip(times, dues, strict=True))


class FakeSounddevice(types.SimpleNamespace):
    """Package whose devices call back at once, three times or until they are stopped."""

    class PortAudioError(Exception):
        pass

    class CallbackStop(Exception):
        pass

    class CallbackAbort(Exception):
        pass

    def __init__(self, channels: int = 2) -> None:
        super().__init__(played=[], options={}, status="")
        self.Stream = self.OutputStream = self._stream
        self._channels = channels

    def query_devices(self, name: object, kind: str) -> dict[str, int]:
        if name == "none":
            raise ValueError("No output device matching 'none'")
        return {"max_input_channels": 1, "max_output_channels": self._channels}

    def _stream(self, callback, **options):
        self.options = options
        if options["samplerate"] != RATE:
            raise self.PortAudioError("Invalid sample rate")
        records = isinstance(options["channels"], tuple)
        inputs = (
            [(np.array([[0.5], [np.nan], [9.0], [np.inf]] * (CHUNK // 4), np.float32),)] if records else [()]
        )
        for arguments in itertools.repeat(*inputs, 50):
            output = np.full((CHUNK, self._channels), 9, np.float32)
            try:
                callback(*arguments, output, CHUNK, None, self.status)
            except (self.CallbackStop, self.CallbackAbort):
                break
            self.played.append(output)
        return self

    latency = (0.01, 0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSounddevice:
    fake = FakeSounddevice()
    monkeypatch.setattr(clocks, "_sounddevice", lambda: fake)
    return fake


def test_a_device_plays_a_song_on_all_its_channels(fake: FakeSounddevice, song: clocks.Song):
    device = clocks.SoundDevice("3", RATE, CHUNK, song)
    worker = LiveWorker(Stream(), 20 * CHUNK)
    heard = np.concatenate(list(device.run(worker)))
    worker.close()
    assert len(heard) == 20 * CHUNK + worker.delay
    played = np.concatenate(fake.played)[: len(heard)]
    np.testing.assert_array_equal(played, np.repeat(heard, 2, axis=1))
    assert (fake.options["device"], fake.options["channels"]) == (3, 2)
    assert device.latency == pytest.approx(0.03)


def test_a_device_records(fake: FakeSounddevice):
    device, worker = clocks.SoundDevice(None, RATE, CHUNK), LiveWorker(stream := Stream(), 50 * CHUNK)
    assert device.channels == 1
    fake.status = "output underflow"
    heard = list(itertools.islice(device.run(worker), 50))
    worker.close()
    assert len(heard) == worker.dropouts == 50
    assert worker.translated == 50 * CHUNK
    np.testing.assert_array_equal(stream.push(np.zeros((4, 1), np.float32))[:2, 0], [1, 0])
    assert fake.options["channels"] == (1, 2)


def test_errors_in_the_thread_of_a_device_are_raised(fake: FakeSounddevice):
    worker = LiveWorker(Stream(), HEADROOM)
    worker.exchange(np.full((CHUNK, 1), np.nan, np.float32), time.monotonic())
    worker.close()
    with pytest.raises(ValueError, match="not a number"):
        list(clocks.SoundDevice(None, RATE, CHUNK).run(worker))


def test_mistakes_with_devices_are_sentences(fake: FakeSounddevice):
    with pytest.raises(UserError, match=r"there is no sound device 'none' for output .* name another"):
        clocks.SoundDevice("none", RATE, CHUNK)
    worker = LiveWorker(Stream(), HEADROOM)
    with pytest.raises(UserError, match="does not work at 44100 Hz, the sample rate of the model"):
        next(clocks.SoundDevice(None, 44100, CHUNK).run(worker))
    worker.close()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(ImportError, r"pip install .coverband\[live\]"), (OSError, "does not find PortAudio")],
)
def test_a_missing_package_is_a_sentence(error: type, sentence: str, monkeypatch: pytest.MonkeyPatch):
    def failing(name: str) -> None:
        raise error

    monkeypatch.setattr(clocks.importlib, "import_module", failing)
    with pytest.raises(UserError, match=sentence):
        clocks.SoundDevice(None, RATE, CHUNK)
