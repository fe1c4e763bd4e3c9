import pytest

from pipelines.data.schema import Skipped
from pipelines.data.survey.advice import advise
from pipelines.data.survey.exclusion import sound_minutes, sung_minutes
from tests.data.survey.fakes import report, song, songs


@pytest.mark.parametrize(
    ("count", "seconds", "words"),
    [
        (1, 60.0, "content: 1.0 minutes of sound in 1 song: too little"),
        (3, 200.0, "content: 10.0 minutes of sound in 3 songs: little, 20 minutes are a start"),
        (8, 300.0, "content: 40.0 minutes of sound in 8 songs: enough to start"),
    ],
)
def test_enough(count, seconds, words):
    found = advise(report(songs("content", count, seconds=seconds), songs("band", 8)))
    assert found.enough[0].startswith(words)


def test_silence_and_duplicates_do_not_count():
    content = [*songs("content", 3, silence=0.25), song("content", "copy.mp3")]
    found = advise(report(content, songs("band", 8), duplicates=[(content[0], content[3])]))
    assert found.enough[0].startswith("content: 6.8 minutes of sound in 3 songs")
    assert sound_minutes(content[:3]) == pytest.approx(3 * 3 * 0.75)
    assert sung_minutes([*content[:3], song("content", "aria.mp3", voice=0.3)]) == pytest.approx(3)


def test_few_songs_have_no_test_split():
    found = advise(report(songs("content", 1), songs("band", 4)))
    assert "cannot be split" in found.enough[0]
    assert "too few songs for a test split" in found.enough[1]


def test_songs_to_remove():
    content = [
        *songs("content", 6),
        song("content", "still.wav", silence=0.9),
        song("content", "telephone.wav", bandwidth=4000.0),
        song("content", "wide.wav", width_db=20.0),
        song("content", "loud.wav", clipping=0.02),
        song("content", "old.wav", tuning=-40.0),
    ]
    band = songs("band", 4)
    unusable = {"band": (Skipped("broken.mp3", "is empty (zero bytes): copy it again"),)}
    found = advise(report(content, band, [(content[1], band[2])], unusable)).remove
    assert found[:4] == (
        "content/still.wav is silent for 90% of its length",
        "content/1.mp3 is the same recording as band/2.mp3",
        "coverband prepare --drop duplicates,silence leaves these out; your files stay as they are",
        "band/broken.mp3 is empty (zero bytes): copy it again",
    )
    assert found[4].startswith("1 of 9 content songs (loud.wav) is clipped")
    assert found[5].startswith("1 of 9 content songs (telephone.wav) is cut off below 10 kHz")
    assert found[6].startswith("1 of 9 content songs (wide.wav) is nearly silent in mono")
    assert found[7].startswith("1 of 9 content songs (old.wav) is more than 20 cents off")
    assert len(found) == 8


def test_no_advice_for_balanced_songs():
    found = advise(report(songs("content", 9), songs("band", 9)))
    assert (found.remove, found.learned, found.harmless) == ((), (), ())
    assert [title for title, _ in found.sections] == ["Amount of data"]


def test_long_lists_are_truncated():
    content = [song("content", f"{index}.mp3", silence=0.9) for index in range(50)]
    found = advise(report([*content, song("content", "good.mp3")], songs("band", 5))).remove
    assert len(found) == 22
    assert found[20] == "and 30 more: --json has all"


def test_a_common_detuning_is_no_defect():
    assert advise(report(songs("content", 5), songs("band", 5, tuning=-40.0))).remove == ()
