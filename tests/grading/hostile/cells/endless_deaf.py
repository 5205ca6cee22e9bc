"""A test's question is never answered, and interrupts are ignored."""

import signal


def positions(image_shape, kernel_shape):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
