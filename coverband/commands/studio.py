"""Opens a page on this computer: from two folders of songs to covers, without a command line.

    coverband studio
    coverband studio --folder ~/Coverband --port 8600

A band has its songs, its models and its covers in --folder, as plain folders that every other command takes.
Trainings are processes of their own: they go on when the page or this command is closed, and the page finds
them again. Only this computer can open the page, unless --host says otherwise; there are no passwords.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from coverband.studio import lifecycle
from pipelines import configuration, console
from pipelines.errors import UserError
from pipelines.serving.lifecycle import ServerAddress
from pipelines.serving.limits import MEGABYTE
from pipelines.serving.uploads import SizeLimit

_GRACE_SECONDS = 5


def main(argv: list[str]) -> None:
    """Serves the page until SIGINT or SIGTERM."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string("folder", "~/Coverband", "The folder of all bands.", flag_values=values)
    port = flags.DEFINE_integer(
        "port", 8600, "Port of the page.", lower_bound=0, upper_bound=65535, flag_values=values
    )
    host = flags.DEFINE_string(
        "host", "127.0.0.1", "Address of the page; 0.0.0.0 accepts other machines.", flag_values=values
    )
    allow = flags.DEFINE_multi_string(
        "allow", [], "Another host name by which browsers reach it.", flag_values=values
    )
    open_ = flags.DEFINE_bool("open", True, "Open the page in the browser.", flag_values=values)
    megabytes = flags.DEFINE_float(
        "megabytes", 1024.0, "Largest song, as a file.", lower_bound=0.001, flag_values=values
    )
    examples = flags.DEFINE_string(
        "examples",
        None,
        "A folder with example songs in content/ and band/, which the page offers.",
        flag_values=values,
    )
    changes = flags.DEFINE_multi_string(
        "set", [], "Changes one setting of new models, as --set data.batch_size=8.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    if examples.value and not (Path(examples.value) / "content").is_dir():
        raise UserError(f"{examples.value} has no folder content: name another with --examples")
    if changes.value:  # otherwise without Keras, which takes seconds to load
        from vaegan.config import vaegan_tiny

        configuration.apply(vaegan_tiny(), changes.value)
    options = lifecycle.StudioOptions(
        Path(folder.value).expanduser(),
        SizeLimit(round(megabytes.value * MEGABYTE), "coverband studio --megabytes"),
        Path(examples.value) if examples.value else None,
        tuple(changes.value),
        open_.value,
    )
    lifecycle.run(options, ServerAddress(host.value, port.value, tuple(allow.value), _GRACE_SECONDS))


if __name__ == "__main__":
    console.run(main)
