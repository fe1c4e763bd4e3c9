"""Columns of `coverband evaluate`; `job.evaluate` accepts further ones."""

from __future__ import annotations

from pipelines.evaluation import measures
from pipelines.evaluation.columns import (
    PROCESSOR,
    AnyColumn,
    CostColumn,
    SetColumn,
    SongColumn,
    TwoSampleColumn,
    WindowColumn,
)
from pipelines.evaluation.results import Column, Group
from pipelines.metrics import frechet, hum, level_faults


def _up(group: Group, key: str, name: str, explanation: str) -> Column:
    """Column of a share or a correlation: higher is better."""
    return Column(key, name, "", True, group, explanation, 3)


def _down(group: Group, key: str, name: str, explanation: str, unit: str = "", digits: int = 2) -> Column:
    """Column of a distance: lower is better."""
    return Column(key, name, unit, False, group, explanation, digits)


def _near_one(key: str, name: str, explanation: str) -> Column:
    """Column of a ratio to the band's, in the style group: 1 is best."""
    return Column(key, name, "", False, "style", explanation, 2, target=1.0)


_LOG_MEL = _down(
    "paired",
    "log_mel_error",
    "log-mel error",
    "Mean absolute difference of the log-mel spectrograms to the truth's.",
    "dB",
)
_AUDIBLE_LOG_MEL = _down(
    "paired",
    "log_mel_error_60",
    "log-mel error, 60 dB",
    "The same within 60 dB of each frame's peak: what lies below is not heard and counts as equal.",
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
    "Mel-cepstral distortion: distance of the spectral envelopes to the truth's, frame by frame.",
    "dB",
)
_TIMBRE = _down(
    "paired",
    "timbre",
    "timbre distance",
    "Distance of the timbre to the truth's, by a network that is trained to embed timbre independently of "
    "the notes.",
    digits=3,
)
_PITCH_TO_TRUTH = _down(
    "paired",
    "pitch_to_truth",
    "pitch distance to truth",
    "Share of the pitches in the translation or in the truth that the two do not have in common; even the "
    "same notes in another timbre do not reach 0.",
    digits=3,
)
_CHROMA_TO_TRUTH = _up(
    "paired",
    "chroma_to_truth",
    "chroma to truth",
    "Similarity of the harmony to the truth's, frame by frame; 1 for equal harmony.",
)

PAIRED = (
    SongColumn(_LOG_MEL, measures.log_mel_error, "truth"),
    SongColumn(_AUDIBLE_LOG_MEL, measures.audible_log_mel_error, "truth"),
    SongColumn(_LSD_FREQUENCY, measures.lsd_frequency, "truth"),
    SongColumn(_LSD_TIME, measures.lsd_time, "truth"),
    SongColumn(_MULTI_STFT, measures.multi_stft, "truth"),
    SongColumn(_MCD, measures.mcd, "truth"),
    SongColumn(_TIMBRE, measures.timbre, "truth"),
    SongColumn(_PITCH_TO_TRUTH, measures.pitch_to_truth, "truth"),
    SongColumn(_CHROMA_TO_TRUTH, measures.chroma_to_truth, "truth"),
)
"""Columns that compare a translation with the truth, the band's own recording of the song."""

_CHROMA_TO_SOURCE = _up(
    "content",
    "chroma_to_source",
    "chroma to source",
    "Similarity of the harmony to the source's, frame by frame; 1 for equal harmony.",
)
_MELODY = _up(
    "content",
    "melody",
    "melody (CQT1-PCC)",
    "Correlation of the strongest pitch's track with the source's: preservation of a single melody. In "
    "chords the strongest pitch depends on the instruments: compare with the oracle's row.",
)
_ONSETS = _up(
    "content",
    "onset_f1",
    "onset F1",
    "F1 of the note onsets against the source's, within 50 ms: preservation of the rhythm.",
)
_FORM = _up(
    "content",
    "self_similarity",
    "form",
    "Correlation of the bars' self-similarity with the source's: preservation of repetition and change.",
)
_PITCH_TO_SOURCE = _down(
    "content",
    "pitch_to_source",
    "pitch distance to source",
    "Share of the pitches in the translation or in the source that the two do not have in common.",
    digits=3,
)
_MULTIPITCH = _up(
    "content",
    "multipitch",
    "multipitch accuracy",
    "Agreement of the estimated pitches with the score's; compare it with the row that copies the source, "
    "since the estimator itself makes errors.",
)

CONTENT = (
    SongColumn(_CHROMA_TO_SOURCE, measures.chroma_to_source),
    SongColumn(_MELODY, measures.melody),
    SongColumn(_ONSETS, measures.onsets),
    SongColumn(_FORM, measures.form),
    SongColumn(_PITCH_TO_SOURCE, measures.pitch_to_source),
    SongColumn(_MULTIPITCH, measures.multipitch_accuracy, "notes"),
)
"""Columns that measure how much of the source song's content is preserved."""

SINGER = (
    SongColumn(
        Column(
            "voice_si_sdr",
            "voice SI-SDR",
            "dB",
            True,
            "singer",
            "Energy of the singer's stem in the translation over that of all else in it; compare it with the "
            "row that copies the source.",
            1,
        ),
        measures.voice_si_sdr,
        "voice",
    ),
    SongColumn(
        _down(
            "singer",
            "bleed",
            "bleed",
            "Share of the translation's energy that is the source's accompaniment through a short filter; 0 "
            "if nothing else is in it, as after an equaliser without a singer.",
            "dB",
            1,
        ),
        measures.accompaniment_bleed,
        "voice",
    ),
)
"""Columns of songs with a singer's stem: how much of the singer and of the old accompaniment is left."""

_KAD_EMBEDDING = _down(
    "style",
    "kad_embedding",
    "KAD (timbre)",
    "Kernel distance of the timbre embeddings to the band's; about 0 for the same distribution.",
)
_KAD_STATISTICS = _down(
    "style",
    "kad_statistics",
    "KAD (statistics)",
    "Kernel distance of spectral statistics of every second to the band's, without a trained network.",
)
_FAD = _down(
    "style",
    "fad_statistics",
    "FAD-infinity",
    "Frechet distance of the spectral statistics to the band's, extrapolated to infinitely many windows.",
)
_KID = _down(
    "style",
    "kid_statistics",
    "KID",
    "Kernel distance of the spectral statistics to the band's by a polynomial kernel, which weighs outliers "
    "more.",
)
_PROBABILITY = _up(
    "style",
    "probability",
    "P(band)",
    "Probability of the band by a classifier that is trained on songs held out from all models.",
)

_ENERGY = _down(
    "style",
    "energy_statistics",
    "energy distance",
    "Energy distance of the spectral statistics to the band's; about 0 for the same distribution.",
)
_TWO_SAMPLE = _down(
    "style",
    "two_sample_statistics",
    "two-sample accuracy",
    "Share of seconds that a classifier assigns correctly to the row or to the band, tested on songs that it "
    "was not trained on; 0.5 if the two cannot be told apart.",
    digits=3,
)
_SHARPNESS = (
    "Mean difference of neighbouring {} of the log-mel spectrogram, as a ratio to that of the band's songs: "
    "below 1 is blurred, above 1 rough."
)
_SHARPNESS_TIME = _near_one("sharpness_time", "sharpness, time", _SHARPNESS.format("frames"))
_SHARPNESS_FREQUENCY = _near_one("sharpness_frequency", "sharpness, frequency", _SHARPNESS.format("bands"))

STYLE = (
    SetColumn(_KAD_EMBEDDING, "embedding", frechet.kernel_audio_distance),
    SetColumn(_KAD_STATISTICS, "statistics", measures.kad_statistics),
    SetColumn(_FAD, "statistics", measures.fad_statistics),
    SetColumn(_KID, "statistics", measures.kid_statistics),
    SetColumn(_ENERGY, "statistics", measures.energy_statistics),
    TwoSampleColumn(_TWO_SAMPLE, "statistics"),
    WindowColumn(_SHARPNESS_TIME, "contrast", measures.sharpness_over_time),
    WindowColumn(_SHARPNESS_FREQUENCY, "contrast", measures.sharpness_over_frequency),
    WindowColumn(_PROBABILITY, "statistics", measures.probability_of_band),
)
"""Columns that measure the similarity of the translations' sound to the band's."""

FAULTS = (
    SongColumn(
        _down(
            "faults",
            "level_runaway",
            "level runaway",
            "Largest rise of the loudness above its median that the source does not have; from "
            f"{level_faults.RUNAWAY_LU:g} LU on a fault.",
            "LU",
            1,
        ),
        measures.level_runaway,
    ),
    SongColumn(
        _down(
            "faults",
            "dropouts",
            "dropouts",
            "Share of the time in which the source sounds and the translation is silent; from "
            f"{level_faults.DROPOUT_SHARE:g} on a fault.",
            digits=3,
        ),
        measures.dropouts,
    ),
    SongColumn(
        _down(
            "faults",
            "hum",
            "hum",
            "Level of steady tones that the source does not have, relative to the translation; -100 without, "
            f"from {hum.HUM_DB:g} dB on a fault. Means nothing for copies of other songs.",
            "dB",
            0,
        ),
        measures.hum_level,
    ),
)
"""Columns of audible faults, measured against the source."""

COST = (
    CostColumn(
        _down(
            "cost",
            PROCESSOR,
            "processor time",
            "Processor seconds, all cores together, per second of audio; work that is done once for all "
            "songs counts for the first one.",
            "s",
        )
    ),
)
"""Columns that measure the cost of a translation: processor time."""

COLUMNS: tuple[AnyColumn, ...] = (*PAIRED, *CONTENT, *SINGER, *STYLE, *FAULTS, *COST)
"""All columns in display order."""
