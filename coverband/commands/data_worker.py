"""Prepares the batches of training runs on any number of machines: a tf.data service.

    coverband data-worker --port 5000                            # the dispatcher, once
    coverband data-worker --port 5001 --dispatcher host:5000     # a worker, on every machine that takes part
    coverband train vaegan --data data/ --workdir runs/mine --data_service host:5000

The batches and their order are the same as without the service. Workers may be added and stopped while a run
trains. They need the data folder, and the caches beside it, at the same path as the run. A client of these
ports can make them read any file: open the ports inside a trusted network only.
"""

from __future__ import annotations

from absl import flags

from coverband import data_service
from pipelines import console
from pipelines.training import addresses


def main(argv: list[str]) -> None:
    """Serves until SIGINT or SIGTERM."""
    values = flags.FlagValues()
    port = flags.DEFINE_integer(
        "port", 5000, "Port of this process.", lower_bound=1, upper_bound=65535, flag_values=values
    )
    dispatcher = flags.DEFINE_string(
        "dispatcher",
        None,
        "host:port of the dispatcher of this worker (default: none, this process is the dispatcher).",
        flag_values=values,
    )
    host = flags.DEFINE_string(
        "host",
        None,
        "Host name under which training runs reach this worker (default: localhost if the dispatcher is "
        "there, else this machine's name).",
        flag_values=values,
    )
    wait = flags.DEFINE_float(
        "wait", 300.0, "Seconds that a worker waits for the dispatcher.", lower_bound=0.0, flag_values=values
    )
    console.parse(values, argv, __doc__)
    if dispatcher.value is None:
        data_service.run_dispatcher(port.value)
    else:
        data_service.run_worker(
            addresses.parsed("dispatcher", dispatcher.value), host.value, port.value, wait.value
        )


if __name__ == "__main__":
    console.run(main)
