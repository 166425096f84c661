"""Times torch.optim.Adam's step: python3 torch_adam.py ELEMENTS THREADS. Prints the best median in milliseconds."""

import statistics
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("torch is not installed; on Debian: apt-get install python3-torch")


def median_ms(elements: int, foreach: bool) -> float:
    weights = torch.nn.Parameter(torch.full((elements,), 0.1))
    weights.grad = torch.linspace(-1.0, 1.0, elements)
    optimizer = torch.optim.Adam([weights], foreach=foreach)
    times = []
    for _ in range(9):
        start = time.perf_counter()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1e3)
    # The first steps allocate the moments.
    return statistics.median(times[2:])


torch.set_num_threads(int(sys.argv[2]))
print(min(median_ms(int(sys.argv[1]), foreach) for foreach in (False, True)))
