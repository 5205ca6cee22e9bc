"""Answers of hundreds of megabytes, as one tensor and as very many small objects."""

import torch


def corr2d(x, kernel):
    return torch.zeros(20_000, 10_000)


def positions(image_shape, kernel_shape):
    return [(0, 0)] * 3_000_000


def output_shape(image_shape, kernel_shape):
    return 10 ** (10**5)
