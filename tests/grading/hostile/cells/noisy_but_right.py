"""Not hostile at all: a right answer that warns, logs and prints. It earns its marks."""

import logging
import sys
import warnings


def output_shape(image_shape, kernel_shape):
    warnings.warn("old style")
    logging.warning("careful")
    print("computing", file=sys.stderr)
    print("still computing")
    return image_shape[0] - kernel_shape[0] + 1, image_shape[1] - kernel_shape[1] + 1


# earns 8
