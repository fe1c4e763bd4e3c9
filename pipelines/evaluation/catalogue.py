"""The columns of `coverband evaluate`. Whoever calls `job.evaluate` may give more of them."""

from __future__ import annotations

from pipelines.evaluation import measures
from pipelines.evaluation.columns import PROCESSOR, AnyColumn, PlayColumn, SetColumn, SongColumn, WindowColumn
from pipelines.evaluation.results import Column, Group
from pipelines.metrics import frechet


def _up(group: Group, key: str, name: str, explanation: str) -> Column:
    """A share or a correlation: more is better."""
    return Column(key, name, "", True, group, explanation, 3)


def _down(group: Group, key: str, name: str, explanation: str, unit: str = "", digits: int = 2) -> Column:
    """A distance: less is better."""
    return Column(key, name, unit, False, group, explanation, digits)


_LOG_MEL = _down(
    "paired",
    "log_mel_error",
    "log-mel error",
    "Mean difference of the log-mel spectrograms to the truth's.",
    "dB",
)
_LSD_FREQUENCY = _down(
    "paired",
    "lsd_frequency",
    "LSD (frequency)",
    "Log-spectral distance to the truth, the textbook's: root mean square over the bands of a frame, then "
    "the mean over frames.",
    "dB",
)
_LSD_TIME = _down(
    "paired",
    "lsd_time",
    "LSD (time)",
    "Log-spectral distance to the truth as ss-vq-vae takes it: root mean square over the frames of a band, "
    "then the mean over bands.",
    "dB",
)
_MULTI_STFT = _down(
    "paired", "multi_stft", "M-STFT", "Distance of the spectra to the truth's at three resolutions."
)
_MCD = _down(
    "paired",
    "mcd",
    "MCD",
    "Mel-cepstral distortion: how far the spectral envelopes are from the truth's, frame by frame.",
    "dB",
)
_TIMBRE = _down(
    "paired",
    "timbre",
    "timbre distance",
    "How different the instruments sound from the truth's, by a network that was trained to hear timbre and "
    "to ignore notes.",
    digits=3,
)
_PITCH_TO_TRUTH = _down(
    "paired",
    "pitch_to_truth",
    "pitch distance to truth",
    "Share of the pitches found in it or in the truth that the two do not share; even the same notes in "
    "another timbre do not reach 0.",
    digits=3,
)
_CHROMA_TO_TRUTH = _up(
    "paired",
    "chroma_to_truth",
    "chroma to truth",
    "Whether the harmony is the truth's at every moment; 1 for the same.",
)

PAIRED = (
    SongColumn(_LOG_MEL, measures.log_mel_error, "truth"),
    SongColumn(_LSD_FREQUENCY, measures.lsd_frequency, "truth"),
    SongColumn(_LSD_TIME, measures.lsd_time, "truth"),
    SongColumn(_MULTI_STFT, measures.multi_stft, "truth"),
    SongColumn(_MCD, measures.mcd, "truth"),
    SongColumn(_TIMBRE, measures.timbre, "truth"),
    SongColumn(_PITCH_TO_TRUTH, measures.pitch_to_truth, "truth"),
    SongColumn(_CHROMA_TO_TRUTH, measures.chroma_to_truth, "truth"),
)
"""Columns that compare a cover with the truth, the band's own recording of the song."""

_CHROMA_TO_SOURCE = _up(
    "content",
    "chroma_to_source",
    "chroma to source",
    "Whether the harmony is the song's at every moment; 1 for the same.",
)
_MELODY = _up(
    "content",
    "melody",
    "melody (CQT1-PCC)",
    "Correlation of the strongest pitch's course with the song's: whether a single melody is kept. In chords "
    "the strongest pitch depends on the instruments: compare with the oracle's row.",
)
_ONSETS = _up(
    "content",
    "onset_f1",
    "onset F1",
    "Share of the note onsets that agree with the song's within 50 ms: whether the rhythm is kept.",
)
_PITCH_TO_SOURCE = _down(
    "content",
    "pitch_to_source",
    "pitch distance to source",
    "Share of the pitches found in it or in the song that the two do not share.",
    digits=3,
)
_MULTIPITCH = _up(
    "content",
    "multipitch",
    "multipitch accuracy",
    "Share of the score's and the heard pitches that agree; compare it with the row that copies the source, "
    "since the estimator itself makes mistakes.",
)

CONTENT = (
    SongColumn(_CHROMA_TO_SOURCE, measures.chroma_to_source),
    SongColumn(_MELODY, measures.melody),
    SongColumn(_ONSETS, measures.onsets),
    SongColumn(_PITCH_TO_SOURCE, measures.pitch_to_source),
    SongColumn(_MULTIPITCH, measures.multipitch_accuracy, "notes"),
)
"""Columns that measure how much of the source song's content is preserved."""

_KAD_EMBEDDING = _down(
    "style",
    "kad_embedding",
    "KAD (timbre)",
    "How well the covers could be told from the band's songs by their timbre; about 0 for not at all.",
)
_KAD_STATISTICS = _down(
    "style",
    "kad_statistics",
    "KAD (statistics)",
    "The same by plain statistics of the sound of every second, without a trained network.",
)
_FAD = _down(
    "style",
    "fad_statistics",
    "FAD-infinity",
    "Frechet distance of those statistics to the band's, followed to endless recordings.",
)
_KID = _down(
    "style",
    "kid_statistics",
    "KID",
    "Kernel distance of those statistics to the band's that weighs outliers more.",
)
_PROBABILITY = _up(
    "style",
    "probability",
    "P(band)",
    "How sure a classifier, trained on songs that no translator saw, is that it hears the band.",
)

STYLE = (
    SetColumn(_KAD_EMBEDDING, "embedding", frechet.kernel_audio_distance),
    SetColumn(_KAD_STATISTICS, "statistics", measures.kad_statistics),
    SetColumn(_FAD, "statistics", measures.fad_statistics),
    SetColumn(_KID, "statistics", measures.kid_statistics),
    WindowColumn(_PROBABILITY, "statistics", measures.probability_of_band),
)
"""Columns that measure how near the covers' sound is to the sound of the band's songs."""

COST = (
    PlayColumn(
        _down(
            "cost",
            PROCESSOR,
            "processor time",
            "Seconds of the processor, all cores together, for a second of music; what is done once for all "
            "songs is part of the first one's.",
            "s",
        )
    ),
)
"""Columns that measure the cost of producing a cover: processor time."""

COLUMNS: tuple[AnyColumn, ...] = (*PAIRED, *CONTENT, *STYLE, *COST)
"""All of them, in the order in which they are shown."""
