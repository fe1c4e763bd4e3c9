"""The `coverband` command: it only dispatches; every command is a binary of its own."""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import sys

from pipelines import console


@dataclasses.dataclass(frozen=True)
class Command:
    """One line of `coverband --help`.

    Attributes:
        module: where its main and its flags are.
        summary: what it does.
        extra: the optional dependencies that it needs, by their name in pyproject.toml.
    """

    module: str
    summary: str
    extra: str = ""


COMMANDS = {
    "survey": Command("tools.survey", "say whether two folders of songs will do, and what to change"),
    "prepare": Command("tools.prepare", "turn two folders of songs into a data folder"),
    "train": Command("", "train a model on a data folder: coverband train FAMILY ..."),
    "feed": Command("tools.feed", "prepare the batches of training runs on other machines"),
    "translate": Command("tools.translate", "have songs played by the band"),
    "interpolate": Command("tools.interpolate", "play a song with styles between those of two recordings"),
    "stylize": Command("tools.stylize", "play a song with another one's sound, without training"),
    "transcribe": Command("tools.transcribe", "write down the notes that are played, as MIDI and a picture"),
    "evaluate": Command("tools.evaluate", "measure covers beside baselines, with a report"),
    "export": Command("tools.export", "write a SavedModel: waveform in, waveform out"),
    "serve": Command("tools.serve", "a page to drop a song on, and TensorFlow Serving's REST API", "serve"),
    "benchmark": Command("", "render or measure what models are compared by: coverband benchmark WHAT ..."),
    "demo": Command("tools.demo", "do all of it on the songs that come with the repository"),
    "render_demo": Command("tools.render_demo", "render the demo's songs again (needs FluidSynth)", "render"),
    "render_lessons": Command(
        "tools.render_lessons", "render what the listener learns from (needs FluidSynth)", "render"
    ),
}

BENCHMARKS = {
    "render": Command("tools.benchmark_render", "render the paired benchmark (needs FluidSynth)", "render"),
    "inversion": Command("tools.benchmark_inversion", "time and errors of the way from mel to sound"),
    "vocoder": Command("tools.benchmark_vocoder", "the vocoder beside every other way from mel to sound"),
    "gram": Command("tools.benchmark_gram", "time and losses of DeepMix beside its formula as written"),
    "listener": Command("tools.benchmark_listener", "how well the listener hears, and how alike two timbres"),
    "serving": Command("tools.benchmark_serving", "speed, memory, fuzz and kills of the server", "serve"),
    "covers": Command("tools.benchmark_covers", "loudness, true peak and stereo width of covers"),
    "decoding": Command("tools.benchmark_decoding", "speed and memory of FFmpeg beside libsndfile"),
    "embedding": Command("tools.benchmark_embedding", "train the timbre embedding that measures style"),
    "reading": Command("tools.benchmark_reading", "speed and memory of both ways of reading songs"),
    "speed": Command("tools.benchmark_speed", "how fast all of it is, beside librosa and PyTorch"),
}

FAMILIES = {
    "cyclegan": Command("cyclegan.train", "CycleGAN on spectrograms"),
    "decoder": Command("listener.decoder.train", "the band's sound from what the listener hears: the floor"),
    "disentangled": Command("vaegan.disentangled.train", "content and style apart: any recording's style"),
    "listener": Command("listener.train", "hears notes and drums; taught by rendered lessons"),
    "styletransfer": Command("styletransfer.feedforward.train", "one pass, trained against Gram matrices"),
    "vaegan": Command("vaegan.train", "VAE-GAN: what the listener hears, played with a latent"),
    "vocoder": Command("vocoder.train", "from log-mels and a source's phase to sound"),
}

# Of those commands whose second word names a binary: what that word is called, and its table.
_GROUPS = {"train": ("family", FAMILIES), "benchmark": ("benchmark", BENCHMARKS)}
_HELP = ("--help", "-help", "-h", "help")


def main(argv: list[str] | None = None) -> None:
    """Runs the command that the first argument names (of `train` and `benchmark`, the first two)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command, program, rest = _choose("coverband", "command", COMMANDS, arguments)
    if not command.module:
        command, program, rest = _choose(program, *_GROUPS[program.split()[-1]], rest)
    # Imported here, so that help and typing mistakes do not wait for TensorFlow.
    try:
        module = importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        if not command.extra:
            raise
        console.die(f"{program} needs {error.name}: pip install 'coverband[{command.extra}]'", 1)
    console.run(module.main, [program, *rest])


def _choose(
    program: str, kind: str, table: dict[str, Command], arguments: list[str]
) -> tuple[Command, str, list[str]]:
    """The entry that the first argument names, the program's name with it, and the other arguments."""
    if not arguments or arguments[0] in _HELP:
        print(_help(program, kind, table))
        sys.exit(0 if arguments else 2)
    name = arguments[0]
    if name not in table:
        console.die(f"there is no {kind} {name!r}{_hint(name, table)} (see {program} --help)", 2)
    return table[name], f"{program} {name}", arguments[1:]


def _help(program: str, kind: str, table: dict[str, Command]) -> str:
    lines = [f"usage: {program} {kind.upper()} --flag=value ...", ""]
    lines += [f"  {name:<12} {command.summary}" for name, command in table.items()]
    return "\n".join([*lines, "", f"{program} {kind.upper()} --help shows an example and the flags."])


def _hint(name: str, table: dict[str, Command]) -> str:
    near = difflib.get_close_matches(name, table)
    return f"; did you mean {' or '.join(near)}?" if near else f": choose from {', '.join(table)}"


if __name__ == "__main__":
    main()
