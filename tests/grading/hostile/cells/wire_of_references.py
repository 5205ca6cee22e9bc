"""Answers that hold references to functions where data belongs, deep nesting, and sizes that do not add up."""

from course_grading.kernels.inside import codec, student

original = codec.Encoder.encode
forgeries = iter(
    [
        {"reference": 0},
        {"tensor": "float32", "shape": [1 << 40, 1 << 40], "blob": 0},
        {"tensor": "float32", "shape": [4, 4], "blob": 0, "strides": [1 << 40, 1]},
        {"array": "O", "shape": [4], "blob": 0},
        {"array": "(2000000000,)f8", "shape": [4], "blob": 0},
        {"int": "0x" + "f" * 100_000_000},
        {"dict": [[{"dict": []}, 1]]},
        {"unknown": 1},
    ]
)
codec.Encoder.encode = lambda self, value, depth=0: next(forgeries, {"reference": 0})
student.Encoder = codec.Encoder


def corr2d(x, kernel):
    return x


convolve2d = output_shape = same_either_way = positions = corr2d
