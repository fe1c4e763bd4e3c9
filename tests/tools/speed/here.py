"""`coverband benchmark speed` in one process, for each that starts takes seconds.

What a process of its own holds, what PyTorch does, and how songs are translated, is shown elsewhere.
"""

from pipelines import console
from pipelines.data import workers
from tools import benchmark_speed
from tools.speed import peers, translating

if __name__ == "__main__":
    workers.run = lambda function, tasks, jobs: ((task, function(task)) for task in tasks)
    peers.MODULES = {}
    translating._command = lambda model, song, target: None
    console.run(benchmark_speed.main)
