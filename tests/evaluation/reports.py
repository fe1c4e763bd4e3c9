"""Evaluations for the report's tests, and a parser of its page."""

from html.parser import HTMLParser

import numpy as np
import soundfile

from pipelines.evaluation.results import Column, Estimate, EvaluatedSong, Evaluation, Method, Row

RATE = 22050
LOG_MEL = Column("log_mel_error", "log-mel error", "dB", False, "paired", "Distance to the truth.", 2)
CHROMA = Column("chroma_to_truth", "chroma to truth", "", True, "paired", "Same harmony.", 3)
PROBABILITY = Column("probability", "P(band)", "", True, "style", "Probability of the band.", 3)
KAD = Column("kad_embedding", "KAD (timbre)", "", False, "style", "Distance to the band.", 2)
SOURCE_CHROMA = Column("chroma_to_source", "chroma to source", "", True, "content", "Same harmony.", 3)
COLUMNS = (LOG_MEL, CHROMA, SOURCE_CHROMA, PROBABILITY, KAD)
KINDS = ("baseline", "model", "bound")


def row(key, kind, means, *, name=None, songs=None, audio=None):
    """A row whose intervals extend by a tenth to both sides."""
    estimates = {each: Estimate(mean, mean - 0.1, mean + 0.1) for each, mean in means.items()}
    return Row(Method(key, name or key, kind, f"Explanation of {key}."), estimates, songs or {}, audio or {})


def evaluation(rows, *, columns=COLUMNS, songs=(), warnings=(), published=None):
    return Evaluation({"data": "data/"}, RATE, tuple(songs), columns, tuple(rows), published, tuple(warnings))


def scores(log_mel, chroma, probability):
    return {"log_mel_error": log_mel, "chroma_to_truth": chroma, "probability": probability}


def with_audio(folder, names, seconds=2.0, **others):
    """An evaluation of noise with a copy of the source, a model and the truth."""
    rng = np.random.default_rng(0)
    for name in ("source", "model", "truth"):
        sound = 0.1 * rng.standard_normal(round(seconds * RATE))
        soundfile.write(folder / f"{name}.ogg", sound, RATE)
    songs = [EvaluatedSong(name, seconds, "source.ogg", "truth.ogg") for name in names]
    numbers = {name: {"log_mel_error": 6.25} for name in names}
    rows = [
        row("copy", "baseline", scores(9.0, 0.9, 0.1), audio=dict.fromkeys(names, "source.ogg")),
        row("mine", "model", scores(6.0, 0.8, 0.7), songs=numbers, audio=dict.fromkeys(names, "model.ogg")),
    ]
    return evaluation(rows, songs=songs, **others)


class Page(HTMLParser):
    """Parsed page: every element with its attributes, and the text outside style and script."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._raw = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._raw = tag in ("style", "script")

    def handle_endtag(self, tag):
        self._raw = False

    def handle_data(self, data):
        if not self._raw:
            self.texts.append(data)

    def all(self, tag, **wanted):
        """The attributes of the elements of a kind, such as those with class_="song"."""
        pairs = {key.rstrip("_").replace("_", "-"): value for key, value in wanted.items()}
        return [a for each, a in self.elements if each == tag and pairs.items() <= a.items()]

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())
