"""PyTorch's side of the benchmark: one thread, one line of JSON in, one out.

In: {"side": R, "classes": K, "batch": images, "rate": learning rate, "iterations": updates}
Out: {"seconds": time of that many updates of the seed CNN}
The first line out, unasked, is {"version": ...}.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

FILTERS = 32
WARM_UP = 3  # updates in which the allocator takes its memory and the kernels are chosen


def seed_cnn(side, classes, batch, rate):
    """One update as a function without arguments."""
    torch.manual_seed(1)
    pooled = (side - 2) // 2
    model = nn.Sequential(
        nn.Conv2d(3, FILTERS, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(FILTERS * pooled * pooled, classes),
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=rate, eps=1e-7)
    images = torch.rand(batch, 3, side, side)
    labels = torch.randint(0, classes, (batch,))

    def update():
        optimiser.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimiser.step()

    for _ in range(WARM_UP):
        update()
    return update


def main():
    torch.set_num_threads(1)
    print(json.dumps({"version": torch.__version__}), flush=True)
    made, update = None, None
    for line in sys.stdin:
        asked = json.loads(line)
        iterations = asked.pop("iterations")
        if asked != made:
            update = None  # frees the last one's memory first
            made, update = asked, seed_cnn(**asked)
        start = time.perf_counter()
        for _ in range(iterations):
            update()
        print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
