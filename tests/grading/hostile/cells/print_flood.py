"""Output without end, while a test waits and when none does."""

import os

for _ in range(200_000):
    print("4.0 " * 20)
for _ in range(1000):
    os.write(1, b"4.0 " * 1000)


def positions(image_shape, kernel_shape):
    while True:
        print("4.0 " * 1000)
