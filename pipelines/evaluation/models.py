"""The models of an evaluation: finding, naming and checking them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation import store, systems
from pipelines.evaluation.context import Warnings
from pipelines.evaluation.results import Method
from pipelines.inference.export import ASSETS, is_export
from pipelines.inference.loading import kept_vocoder, load_maker, trained_folder
from pipelines.inference.translate import SongTranslator
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import TranslatorCard, load_card

_RESERVED = (systems.COPY_SOURCE, systems.COPY_BAND, systems.EQ_MATCH, systems.ORACLE)


@dataclasses.dataclass(frozen=True)
class Named:
    """A model as the user gave it.

    Attributes:
        path: see `load_maker`.
        name: its row's label.
        weaker: labels and strengths of further rows.
        vocoder: label of a further row, and what inverts its log-mels; None for no such row.
    """

    path: Path
    name: str
    weaker: tuple[tuple[str, float], ...] = ()
    vocoder: tuple[str, Path] | None = None


def named(
    paths: Sequence[str], names: Sequence[str], strengths: Sequence[float] = (), vocoder: str | None = None
) -> list[Named]:
    """Gives every model a label of its own: the user's, or its folder's name.

    Args:
        paths: the models.
        names: labels of the first of them.
        strengths: at which every model has a row beside the one at full strength.
        vocoder: by which every model has a row beside the one by its own inverter.

    Raises:
        UserError: if there are more names than models.
    """
    if len(names) > len(paths):
        raise UserError(
            f"there are {len(names)} --name for {len(paths)} --model: give one for each, in order"
        )
    labels = [*names, *(Path(path).resolve().name for path in paths[len(names) :])]
    taken = {method.key for method in _RESERVED}
    own = [_free(label, taken) for label in labels]
    return [
        Named(Path(path), label, _weaker(label, strengths, taken), _vocoded(label, vocoder, taken))
        for path, label in zip(paths, own, strict=True)
    ]


def _weaker(label: str, strengths: Sequence[float], taken: set[str]) -> tuple[tuple[str, float], ...]:
    """The rows of one model below full strength, the strongest first."""
    below = sorted({strength for strength in strengths if strength < 1.0}, reverse=True)
    return tuple((_free(f"{label}, strength {strength:.2f}", taken), strength) for strength in below)


def _vocoded(label: str, vocoder: str | None, taken: set[str]) -> tuple[str, Path] | None:
    return (_free(f"{label}, vocoder", taken), Path(vocoder)) if vocoder else None


def load(wanted: Sequence[Named], spec: AudioSpec, warn: Warnings) -> Iterator[systems.Model]:
    """Loads models; those that cannot be are named and left out.

    Args:
        wanted: which.
        spec: of the evaluation; another one's model is evaluated, too, with a word about it.
        warn: takes what is wrong.
    """
    for each in wanted:
        try:
            yield from _load(each, spec, warn)
        except UserError as error:
            warn(f"{each.name} is left out: {error}")


def _load(wanted: Named, spec: AudioSpec, warn: Warnings) -> list[systems.Model]:
    """The rows of one model; the first is the one at full strength."""
    maker, folder = load_maker(wanted.path), _folder(wanted.path)
    card = load_card(folder / ASSETS if is_export(folder) else folder)
    if differing := _differing(maker.spec, spec):
        warn(
            f"{wanted.name} was trained with other audio settings than the data folder's ({differing}): it "
            "plays with its own, is measured with the data folder's, and has an oracle of its own"
        )
    method = Method(_key(wanted.name), wanted.name, "model", _explanation(wanted.path, card))
    translator = SongTranslator(maker)
    full = systems.Model(translator, maker.spec, spec.sample_rate, method, _identity(folder))
    rows = [full, *(_at_strength(full, label, strength) for label, strength in wanted.weaker)]
    return [*rows, _by_vocoder(full, wanted.path, *wanted.vocoder)] if wanted.vocoder else rows


def _by_vocoder(full: systems.Model, path: Path, label: str, vocoder: Path) -> systems.Model:
    """The same model with another inverter."""
    said = f"{full.method.explanation} Made audible by the vocoder {vocoder}."
    return dataclasses.replace(
        full,
        translator=SongTranslator(load_maker(path, vocoder)),
        method=dataclasses.replace(full.method, key=_key(label), name=label, explanation=said),
        identity=f"{full.identity} {store.file_identity(checkpoint.find(vocoder))}",
    )


def _at_strength(full: systems.Model, label: str, strength: float) -> systems.Model:
    """The same model, loaded once, as a row of its own."""
    said = f"{full.method.explanation} Its translation is blended with the source: strength {strength:g}."
    method = dataclasses.replace(full.method, key=_key(label), name=label, explanation=said)
    identity = f"{full.identity} strength {strength}"
    return dataclasses.replace(full, method=method, identity=identity, strength=strength)


def _explanation(path: Path, card: TranslatorCard) -> str:
    return f"The {card.family} model {path}, preset {card.preset}, after {card.steps} steps."


def _differing(ours: AudioSpec, theirs: AudioSpec) -> str:
    one, other = ours.to_dict(), theirs.to_dict()
    return ", ".join(f"{key} {one[key]} against {other[key]}" for key in one if one[key] != other[key])


def _folder(path: Path) -> Path:
    return path if is_export(path) else trained_folder(path)


def _identity(folder: Path) -> str:
    """Every file of the model, and when it was written."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = kept_vocoder(folder)
    return " ".join(map(store.file_identity, [*files, kept] if kept else files))


def _free(label: str, taken: set[str]) -> str:
    """The label, with a number where another row has it."""
    free, number = label, 2
    while _key(free) in taken:
        free, number = f"{label} ({number})", number + 1
    taken.add(_key(free))
    return free


def _key(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-") or "model"
