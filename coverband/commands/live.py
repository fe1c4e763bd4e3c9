"""Plays a microphone, or a song, in the band's sound at once: with a constant delay of about a second.

    coverband live --model runs/mine                                            # microphone to loudspeaker
    coverband live --model runs/mine --input song.mp3                           # song to loudspeaker
    coverband live --model runs/mine --input song.mp3 --clock file --output cover.wav    # in time, unheard

It needs the model's ONNX export (runs write one when they end, `coverband export --format onnx` does for
others), and for sound devices: pip install "coverband[live]". Once a second it prints the delay, the load
(seconds of computing for a second of sound) and the dropouts so far. Ctrl-C ends it, and what was heard is
kept in --output.

The sound is that of `coverband translate` but for the levels: nobody knows how loud a song is going to be, so
that its loudness is that of the last ten seconds, and its stereo width that of the last three.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.inference import runtimes
from pipelines.inference.dial_flags import DialFlags
from pipelines.signals import exit_on_signals

if TYPE_CHECKING:
    from pipelines.audio.files import AudioWriter
    from pipelines.inference.live.clocks import Clock
    from pipelines.inference.live.worker import LiveWorker

DEVICE, FILE = "device", "file"
_LARGEST_BLOCK = 1024
"""Frames, 12 seconds by default."""


def main(argv: list[str]) -> None:
    """Plays until the song ends, or Ctrl-C."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model",
        None,
        "A training run's --workdir with an ONNX export, or what `coverband export --format onnx` wrote.",
        required=True,
        flag_values=values,
    )
    source = flags.DEFINE_string(
        "input", None, "A song (default: what the microphone records).", flag_values=values
    )
    clock_name = flags.DEFINE_enum(
        "clock",
        DEVICE,
        [DEVICE, FILE],
        "What gives the time: device, the sound device that plays; file, this computer's, for an --input.",
        flag_values=values,
    )
    device = flags.DEFINE_string(
        "device",
        None,
        "Number of the sound device, or a part of its name, as `python -m sounddevice` lists them (default: "
        "the system's).",
        flag_values=values,
    )
    output = flags.DEFINE_string(
        "output", None, "File to write what is heard to: wav, flac, mp3 or ogg.", flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds", None, "End after this many seconds.", lower_bound=0.1, flag_values=values
    )
    frames = flags.DEFINE_integer(
        "block",
        16,
        "Frames that are translated at a time: 12 ms each by default. The delay grows by two blocks, the "
        "load falls. If there are dropouts, take more.",
        lower_bound=1,
        upper_bound=_LARGEST_BLOCK,
        flag_values=values,
    )
    context = flags.DEFINE_integer(
        "context",
        None,
        "Frames before and after a block that the model knows (default: all that it can use, so that the "
        "sound is that of `coverband translate`). Fewer give less delay and load, and another sound.",
        lower_bound=0,
        flag_values=values,
    )
    dials = DialFlags(values)
    console.parse(values, argv, __doc__)
    path, target = (Path(flag.value) if flag.value else None for flag in (source, output))
    if clock_name.value == FILE and path is None:
        raise UserError("--clock file plays a song through: name it with --input")
    if path and target and target.resolve() == path.resolve():
        raise UserError(f"{target} would replace a song by its cover: name another --output")
    # After --help and mistyped flags, which should answer at once.
    from pipelines.inference import model_folders

    run = Path(model.value)
    card = model_folders.load_translator_card(run)
    dials.require_dial(run, card)
    export = runtimes.onnx_export(run, runtimes.Runtime.ONNX)
    assert export is not None  # otherwise it has raised an error
    from pipelines.audio import files
    from pipelines.inference.live.clocks import FileClock, Song, SoundDevice
    from pipelines.inference.live.stream import LiveStream
    from pipelines.inference.live.worker import LiveWorker
    from pipelines.inference.onnx_network import load_window_translator

    translator = load_window_translator(export)
    rate, hop = translator.spec.sample_rate, translator.spec.hop_length
    song = Song(path, rate, hop) if path else None
    by_file = clock_name.value == FILE
    clock: Clock = FileClock(song) if song and by_file else SoundDevice(device.value, rate, hop, song)
    reach = card.context_frames if context.value is None else context.value

    def stream() -> LiveStream:
        return LiveStream.from_translator(translator, clock.channels, reach, frames.value, dials.dials)

    first = stream()
    first.push(np.zeros((first.delay, clock.channels), np.float32))  # takes longer than others
    worker = LiveWorker(stream(), headroom=frames.value * hop)
    report = _Report(worker, clock, rate)
    with contextlib.ExitStack() as stack:
        stack.enter_context(exit_on_signals())
        stack.callback(worker.close)
        writer = stack.enter_context(files.AudioWriter(target, rate, clock.channels)) if target else None
        code = _play(clock.run(worker), seconds.value or math.inf, report, writer)
    console.say(report.summary())
    if code:
        sys.exit(code)


def _play(chunks: Iterable[np.ndarray], seconds: float, report: _Report, writer: AudioWriter | None) -> int:
    """Plays, reports and writes until the end; exit code of the signal that ended it, 0 without one.

    Signals end here, because a writer whose block raises discards its file.
    """
    try:
        for heard in chunks:
            if writer:
                writer.write(heard)
            report.add(len(heard))
            if report.seconds >= seconds:
                break
    except KeyboardInterrupt:
        pass
    except SystemExit as signal:
        return int(signal.code or 0)
    return 0


class _Report:
    """Lines on delay, load and dropouts, once a second."""

    def __init__(self, worker: LiveWorker, clock: Clock, sample_rate: int) -> None:
        self._worker, self._clock, self._rate = worker, clock, sample_rate
        self._samples = self._translated = self._printed = 0
        self._busy = self._largest = 0.0

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self._samples / self._rate

    def add(self, samples: int) -> None:
        """Counts samples that were heard; prints a line if another second is over."""
        self._samples += samples
        if int(self.seconds) == self._printed:
            return
        self._printed = int(self.seconds)
        busy, translated = self._worker.busy, self._worker.translated
        load = (busy - self._busy) * self._rate / max(translated - self._translated, 1)
        self._busy, self._translated, self._largest = busy, translated, max(load, self._largest)
        console.say(f"{self._time()} {self._delay()}, load {load:.0%}, {self._dropouts()}")

    def summary(self) -> str:
        """Line on all of it."""
        load = self._worker.busy * self._rate / max(self._worker.translated, 1)
        return (
            f"{self._time()} of sound: {self._delay()}, load {load:.0%} (in one second {self._largest:.0%}), "
            f"{self._dropouts()}"
        )

    def _time(self) -> str:
        return f"{self._printed // 60}:{self._printed % 60:02d}"

    def _delay(self) -> str:
        return f"delay {self._worker.delay / self._rate + self._clock.latency:.2f} s"

    def _dropouts(self) -> str:
        if not self._worker.dropouts:
            return "no dropouts"
        dropouts = "1 dropout" if self._worker.dropouts == 1 else f"{self._worker.dropouts} dropouts"
        return f"{dropouts} ({self._worker.silence / self._rate:.2f} s of silence)"


if __name__ == "__main__":
    console.run(main)
