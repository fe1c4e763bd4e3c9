"""Commands for maintainers, which require a checkout of the repository: python -m tools COMMAND ..."""

from __future__ import annotations

import sys

from coverband.dispatch import Command, Entry, Group, dispatch

REAL = {
    "corpus": Command(
        "tools.benchmarks.real.command", "songs of a band and other songs, from Debian packages"
    ),
    "run": Command("tools.benchmarks.real.run", "train and evaluate models on a corpus"),
}

BENCHMARKS: dict[str, Entry] = {
    "base": Command("tools.benchmarks.base", "what a base's errors are due to"),
    "covers": Command("tools.benchmarks.covers", "loudness, true peak and stereo width of covers"),
    "decoding": Command("tools.benchmarks.decoding", "speed and memory of FFmpeg and libsndfile"),
    "embedding": Command("tools.benchmarks.embedding", "train the timbre embedding of `coverband evaluate`"),
    "gram": Command("tools.benchmarks.gram", "time and loss of DeepMix and of its textbook formula"),
    "inversion": Command("tools.benchmarks.inversion", "time and errors of log-mel inversion"),
    "ladder": Command("tools.benchmarks.ladder", "what each part of a decoder's error costs"),
    "latents": Command("tools.benchmarks.latents", "what the latents of a style encoder carry"),
    "reading": Command("tools.benchmarks.reading", "speed and memory of both input pipelines"),
    "real": Group("step", "translation of really produced recordings", REAL),
    "serving": Command(
        "tools.benchmarks.serving.command",
        "load, memory, malformed songs and killed workers of the server",
        "serve",
    ),
    "speed": Command(
        "tools.benchmarks.speed.command", "speed of all parts, compared with librosa and PyTorch"
    ),
    "transcriber": Command(
        "tools.benchmarks.transcriber", "transcription accuracy, and agreement across timbres"
    ),
    "velocities": Command("tools.benchmarks.velocities", "velocities of transcribed notes"),
    "vocoder": Command(
        "tools.benchmarks.vocoder", "errors and speed of the vocoder and other inversion methods"
    ),
}

RENDERINGS = {
    "demo": Command("tools.demo.render", "the demo's songs", "render"),
    "studio": Command("tools.demo.studio_songs", "the generic songs of the Studio, by the demo's", "render"),
    "paired": Command("tools.rendering.paired.command", "the paired benchmark", "render"),
    "transcription": Command(
        "tools.rendering.transcription.command", "the transcriber's training data", "render"
    ),
}

COMMANDS: dict[str, Entry] = {
    "demo": Command("tools.demo.command", "prepare, train, translate and evaluate with the demo's songs"),
    "render": Group("corpus", "render a corpus of public-domain scores (needs FluidSynth)", RENDERINGS),
    "benchmark": Group("benchmark", "measure speed, memory or accuracy", BENCHMARKS),
}


def main(argv: list[str] | None = None) -> None:
    """Runs the command of the first arguments."""
    dispatch("python -m tools", COMMANDS, list(sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    main()
