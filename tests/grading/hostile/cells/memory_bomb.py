"""More memory than there is, held in tensors, shared memory, files and many processes."""

import mmap
import os

import torch


def hold(make):
    kept = []
    try:
        while len(kept) < 1000:
            kept.append(make())
    except Exception as error:
        print(len(kept), error)


hold(lambda: torch.ones(64 << 20, dtype=torch.uint8))
hold(lambda: mmap.mmap(-1, 64 << 20))
hold(lambda: os.memfd_create("bomb"))
with open("/dev/shm/bomb", "wb") as file:
    hold(lambda: file.write(bytes(64 << 20)))
