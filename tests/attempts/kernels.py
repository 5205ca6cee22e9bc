"""Lesson 2, kernels."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from tests.attempts import attempt, attempt_value

# ---- load_rgb


@attempt("load_rgb", right=True)
def load_rgb(path):
    with Image.open(path) as picture:
        pixels = np.array(picture.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(pixels / 255).permute(2, 0, 1)


@attempt("load_rgb", right=True)
def load_rgb(path):
    img = Image.open(path).convert("RGB")
    channels = [torch.tensor(list(band.tobytes()), dtype=torch.float64) for band in img.split()]
    return torch.stack(channels).reshape(3, img.height, img.width) / 255


@attempt("load_rgb", right=True)
def load_rgb(path):
    return np.moveaxis(np.asarray(Image.open(str(path)).convert(mode="RGB")), -1, 0) / 255.0


@attempt("load_rgb", mistake="0 to 255 kept", listed=True)
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float()


@attempt("load_rgb", mistake="0 to 255 kept: the conversion to float taken to rescale", listed=True)
def load_rgb(path):
    image = np.array(Image.open(path).convert("RGB")).astype(float)
    return torch.tensor(image.transpose(2, 0, 1))


@attempt("load_rgb", mistake="channels last: height, width, channel", listed=True)
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB")) / 255.0)


@attempt("load_rgb", mistake="reshape instead of permute: channels scrambled")
def load_rgb(path):
    a = np.array(Image.open(path).convert("RGB"), dtype=np.float32) / 255
    h, w, c = a.shape
    return torch.tensor(a).reshape(c, h, w)


@attempt("load_rgb", mistake="rows and columns swapped: .T turns all three axes round")
def load_rgb(path):
    return torch.tensor((np.array(Image.open(path).convert("RGB")) / 255).T)


@attempt("load_rgb", mistake="no conversion: a grey file has no channels, a transparent one has four")
def load_rgb(path):
    img = np.array(Image.open(path)) / 255
    return torch.tensor(img).permute(2, 0, 1)


@attempt("load_rgb", mistake="alpha cut off by hand, grey and palette files forgotten")
def load_rgb(path):
    img = torch.tensor(np.array(Image.open(path)) / 255.0)
    if img.ndim == 2:
        img = torch.stack([img, img, img], dim=-1)
    return img[:, :, :3].permute(2, 0, 1)


@attempt("load_rgb", mistake="stretched from its smallest to its largest value instead of divided by 255")
def load_rgb(path):
    a = torch.tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float()
    return (a - a.min()) / (a.max() - a.min())


@attempt("load_rgb", mistake="divided by the largest value in the picture, not by 255")
def load_rgb(path):
    a = np.array(Image.open(path).convert("RGB")).transpose(2, 0, 1)
    return torch.tensor(a / a.max())


@attempt("load_rgb", mistake="divided by 256")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1) / 256


@attempt("load_rgb", mistake="whole division: everything below white becomes black")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1) // 255


@attempt("load_rgb", mistake="blue first, as OpenCV has it")
def load_rgb(path):
    a = np.array(Image.open(path).convert("RGB"))[:, :, ::-1] / 255.0
    return torch.tensor(a.transpose(2, 0, 1).copy())


@attempt("load_rgb", mistake="alpha kept as a fourth channel")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGBA"))).permute(2, 0, 1) / 255


@attempt("load_rgb", mistake="grey: one channel, not three")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("L")))[None] / 255


@attempt("load_rgb", mistake="a batch axis added")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None] / 255


# ---- to_gray


@attempt("to_gray", right=True)
def to_gray(image):
    r, g, b = image
    return (r + g + b) / 3


@attempt("to_gray", right=True)
def to_gray(image):
    return np.array(image).mean(axis=0)


@attempt("to_gray", right=True)
def to_gray(image):
    return torch.einsum("chw,c->hw", image, torch.full((3,), 1 / 3, dtype=image.dtype))


@attempt("to_gray", mistake="eye weights instead of the plain mean")
def to_gray(image):
    return 0.299 * image[0] + 0.587 * image[1] + 0.114 * image[2]


@attempt("to_gray", mistake="eye weights of television instead of the plain mean")
def to_gray(image):
    w = torch.tensor([0.2126, 0.7152, 0.0722], dtype=image.dtype)
    return (image * w[:, None, None]).sum(0)


@attempt("to_gray", mistake="last axis averaged, as if channels were last", listed=True)
def to_gray(image):
    return image.mean(dim=-1)


@attempt("to_gray", mistake="sum of the channels, three times too bright")
def to_gray(image):
    return image.sum(dim=0)


@attempt("to_gray", mistake="a batch axis added and averaged: nothing happens", listed=True)
def to_gray(image):
    return image[None].mean(dim=0)


@attempt("to_gray", mistake="everything averaged to one number")
def to_gray(image):
    return image.mean()


@attempt("to_gray", mistake="channel axis kept")
def to_gray(image):
    return image.mean(dim=0, keepdim=True)


@attempt("to_gray", mistake="one channel taken for grey")
def to_gray(image):
    return image[1]


@attempt("to_gray", mistake="precedence: only the last channel divided by 3")
def to_gray(image):
    return image[0] + image[1] + image[2] / 3


@attempt("to_gray", mistake="the brightest channel, not the mean")
def to_gray(image):
    return image.max(dim=0).values


@attempt("to_gray", mistake="changes the picture: adds up in its first channel")
def to_gray(image):
    gray = image[0]
    gray += image[1]
    gray += image[2]
    gray /= 3
    return gray


# ---- to_uint8


@attempt("to_uint8", right=True)
def to_uint8(image):
    a = torch.as_tensor(image).clamp(0, 1).mul(255).round().to(torch.uint8).numpy()
    return a.transpose(1, 2, 0) if a.ndim == 3 else a


@attempt("to_uint8", right=True)
def to_uint8(image):
    a = np.clip(np.asarray(image, dtype=np.float64), 0, 1)
    if a.ndim == 3:
        a = np.stack(list(a), axis=-1)
    return np.rint(a * 255).astype("uint8")


@attempt("to_uint8", mistake="truncated instead of rounded", listed=True)
def to_uint8(image):
    image = image.clamp(0, 1) * 255
    if image.ndim == 3:
        image = image.permute(1, 2, 0)
    return image.numpy().astype(np.uint8)


@attempt("to_uint8", mistake="truncated instead of rounded, torch's cast", listed=True)
def to_uint8(image):
    image = torch.clip(image, 0, 1)
    if image.dim() == 3:
        image = image.permute(1, 2, 0)
    return (image * 255).byte().numpy()


@attempt("to_uint8", mistake="not cut to [0, 1]: bytes wrap around", listed=True)
def to_uint8(image):
    a = (image * 255).round().numpy().astype(np.int64).astype(np.uint8)
    return a.transpose(1, 2, 0) if a.ndim == 3 else a


@attempt("to_uint8", mistake="absolute value instead of cutting off", listed=True)
def to_uint8(image):
    a = np.uint8(np.int64(np.round(np.absolute(np.array(image)) * 255)))
    return a.transpose(1, 2, 0) if a.ndim == 3 else a


@attempt("to_uint8", mistake="stretched from its smallest to its largest value", listed=True)
def to_uint8(image):
    image = (image - image.min()) / (image.max() - image.min())
    image = (image * 255).round().to(torch.uint8)
    return image.permute(1, 2, 0).numpy() if image.dim() == 3 else image.numpy()


@attempt("to_uint8", mistake="times 256")
def to_uint8(image):
    a = (image.clamp(0, 1) * 256).clamp(max=255).floor().to(torch.uint8)
    return a.permute(1, 2, 0).numpy() if a.dim() == 3 else a.numpy()


@attempt("to_uint8", mistake="rounded and left as floats", listed=True)
def to_uint8(image):
    a = (torch.clamp(image, 0.0, 1.0) * 255).round()
    return torch.movedim(a, 0, 2) if a.dim() == 3 else a


@attempt("to_uint8", mistake="channels still first", listed=True)
def to_uint8(image):
    return (image.clamp(0, 1) * 255).round().to(torch.uint8).numpy()


@attempt("to_uint8", mistake="times 255 forgotten: all black")
def to_uint8(image):
    a = image.clamp(0, 1).round().to(torch.uint8)
    return a.permute(1, 2, 0).numpy() if a.dim() == 3 else a.numpy()


@attempt("to_uint8", mistake="cut after, at 0 and 255, but of bytes that had wrapped already", listed=True)
def to_uint8(image):
    a = (image * 255).round().to(torch.int64).to(torch.uint8).clamp(0, 255)
    return a.permute(1, 2, 0).numpy() if a.dim() == 3 else a.numpy()


@attempt("to_uint8", mistake="colour only: a grey picture cannot be permuted")
def to_uint8(image):
    return (image.permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()


@attempt("to_uint8", mistake="reshape instead of permute: channels scrambled")
def to_uint8(image):
    a = (image.clamp(0, 1) * 255).round().to(torch.uint8)
    if a.dim() == 3:
        c, h, w = a.shape
        a = a.reshape(h, w, c)
    return a.numpy()


@attempt("to_uint8", mistake="clamps in place: the picture comes out changed")
def to_uint8(image):
    a = image.clamp_(0, 1).mul(255).round().to(torch.uint8)
    return a.permute(1, 2, 0).numpy() if a.dim() == 3 else a.numpy()


# ---- identity_kernel


@attempt("identity_kernel", right=True)
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[size // 2, size // 2] = 1
    return k


@attempt("identity_kernel", right=True)
def identity_kernel(size):
    e = np.eye(size)[(size - 1) // 2]
    return np.outer(e, e)


@attempt("identity_kernel", right=True)
def identity_kernel(size):
    m = size // 2
    return [[int(r == m and c == m) for c in range(size)] for r in range(size)]


@attempt("identity_kernel", mistake="identity matrix: ones on the diagonal")
def identity_kernel(size):
    return torch.eye(size)


@attempt("identity_kernel", mistake="off centre: the 1 at the top left", listed=True)
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[0, 0] = 1
    return k


@attempt("identity_kernel", mistake="off centre by one", listed=True)
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[size // 2 + 1, size // 2 + 1] = 1
    return k


@attempt("identity_kernel", mistake="off centre by one, the other way", listed=True)
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[(size - 1) // 2 - 1, (size - 1) // 2 - 1] = 1
    return k


@attempt("identity_kernel", mistake="always the 3x3 one")
def identity_kernel(size):
    return torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])


@attempt("identity_kernel", mistake="centre of a 3x3 kernel, whatever the size", listed=True)
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[1][1] = 1
    return k


@attempt("identity_kernel", mistake="all ones: adds the neighbours up")
def identity_kernel(size):
    return torch.ones(size, size)


@attempt("identity_kernel", mistake="whole middle row and column")
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[size // 2] = 1
    k[:, size // 2] = 1
    return k


@attempt("identity_kernel", mistake="division gives a float, which is no index")
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[size / 2, size / 2] = 1
    return k


# ---- box_blur


@attempt("box_blur", right=True)
def box_blur(size):
    return torch.full((size, size), 1 / size**2)


@attempt("box_blur", right=True)
def box_blur(size):
    k = np.ones((size, size))
    return k / k.sum()


@attempt("box_blur", mistake="not divided: the sum is size squared, not 1", listed=True)
def box_blur(size):
    return torch.ones(size, size)


@attempt("box_blur", mistake="divided by size, not by size squared", listed=True)
def box_blur(size):
    return torch.ones(size, size) / size


@attempt("box_blur", mistake="divided by 9 whatever the size", listed=True)
def box_blur(size):
    return torch.ones((size, size)) / 9


@attempt("box_blur", mistake="precedence: divided by size, then times size", listed=True)
def box_blur(size):
    return torch.ones(size, size) / size * size


@attempt("box_blur", mistake="whole division: all zeros")
def box_blur(size):
    return torch.ones(size, size) * (1 // (size * size))


@attempt("box_blur", mistake="divided by 2 size, the sum of the sides", listed=True)
def box_blur(size):
    return torch.ones(size, size) / (size + size)


@attempt("box_blur", mistake="one row only")
def box_blur(size):
    return torch.ones(size) / size


@attempt("box_blur", mistake="centre left out, but still divided by all")
def box_blur(size):
    k = torch.ones(size, size)
    k[size // 2, size // 2] = 0
    return k / size**2


@attempt("box_blur", mistake="random weights that happen to sum to 1")
def box_blur(size):
    k = torch.rand(size, size)
    return k / k.sum()


# ---- gaussian_kernel


@attempt("gaussian_kernel", right=True)
def gaussian_kernel(size, sigma):
    d = torch.arange(size, dtype=torch.float64) - size // 2
    g = torch.exp(-(d**2) / (2 * sigma**2))
    g = g / g.sum()
    return g[:, None] * g[None, :]


@attempt("gaussian_kernel", right=True)
def gaussian_kernel(size, sigma):
    m = (size - 1) / 2
    rows = [
        [math.exp(-((r - m) ** 2 + (c - m) ** 2) / (2 * sigma * sigma)) / (2 * math.pi * sigma**2) for c in range(size)]
        for r in range(size)
    ]
    total = sum(map(sum, rows))
    return [[v / total for v in row] for row in rows]


@attempt("gaussian_kernel", right=True)
def gaussian_kernel(size, sigma):
    y, x = np.mgrid[-(size // 2) : size // 2 + 1, -(size // 2) : size // 2 + 1]
    return torch.softmax(torch.tensor(-(x**2 + y**2) / (2.0 * sigma**2)).flatten(), 0).reshape(size, size)


@attempt("gaussian_kernel", mistake="not normalised: the largest weight is 1", listed=True)
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    return torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))


@attempt("gaussian_kernel", mistake="the formula's factor taken for normalising: the sampled sum is not 1", listed=True)
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    return torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2)) / (2 * math.pi * sigma**2)


@attempt("gaussian_kernel", mistake="sigma not squared")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="the 2 of 2 sigma squared lost")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / sigma**2)
    return k / k.sum()


@attempt("gaussian_kernel", mistake="precedence: divided by 2, then times sigma squared")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / 2 * sigma**2)
    return k / k.sum()


@attempt("gaussian_kernel", mistake="minus sign lost: heaviest in the corners")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp((d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="measured from the corner, not from the centre")
def gaussian_kernel(size, sigma):
    d = torch.arange(size)
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="distances from -1 to 1, whatever the size")
def gaussian_kernel(size, sigma):
    d = torch.linspace(-1, 1, size)
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="distance not squared")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    r = torch.sqrt((d[:, None] ** 2 + d[None, :] ** 2).float())
    k = torch.exp(-r / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="centre off by half a pixel")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size / 2
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="one row only, not its product with itself")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp(-(d**2) / (2 * sigma**2))
    return k / k.sum()


@attempt("gaussian_kernel", mistake="each row normalised, so the whole sums to size", listed=True)
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    k = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return k / k.sum(dim=1, keepdim=True)


@attempt("gaussian_kernel", mistake="sum and not product of two bells")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    g = torch.exp(-(d**2) / (2 * sigma**2))
    k = g[:, None] + g[None, :]
    return k / k.sum()


# ---- edge_kernels

LEFT = [[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]]
TOP = [[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]]
DOWN = [[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]]
UP = [[0.0, 1, 1], [-1, 0, 1], [-1, -1, 0]]

attempt_value("edge_kernels", torch.tensor([LEFT, TOP, DOWN, UP]), right=True)
attempt_value("edge_kernels", torch.tensor([LEFT, TOP, UP, DOWN]) * -0.25, right=True)
attempt_value(
    "edge_kernels",
    [
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
        [[2, 1, 0], [1, 0, -1], [0, -1, -2]],
        [[0, -1, -2], [1, 0, -1], [2, 1, 0]],
    ],
    right=True,
)
attempt_value(
    "edge_kernels",
    np.array(
        [
            [[0, 0, 0], [-1, 1, 0], [0, 0, 0]],
            [[0, -1, 0], [0, 1, 0], [0, 0, 0]],
            [[-1, 0, 0], [0, 1, 0], [0, 0, 0]],
            [[0, 0, -1], [0, 1, 0], [0, 0, 0]],
        ]
    ),
    right=True,
)
attempt_value("edge_kernels", torch.tensor([TOP, LEFT, DOWN, UP]), mistake="left and top swapped", listed=True)
attempt_value(
    "edge_kernels",
    torch.tensor(
        [
            [[-1.0, 2, -1], [-1, 2, -1], [-1, 2, -1]],
            [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
            [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
            [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
        ]
    ),
    mistake="line kernels taken for edge kernels",
    listed=True,
)
attempt_value(
    "edge_kernels",
    torch.tensor([LEFT, TOP, [[-1.0, -1, 2], [-1, 2, -1], [2, -1, -1]], [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]]),
    mistake="the diagonals are line kernels",
    listed=True,
)
attempt_value(
    "edge_kernels",
    torch.tensor([LEFT, TOP, [[0.0, -1, 1], [-1, 1, 0], [1, 0, 0]], [[1, -1, 0], [0, 1, -1], [0, 0, 1]]]),
    mistake="the diagonals sum to 1: they answer flat areas",
    listed=True,
)
attempt_value(
    "edge_kernels",
    torch.tensor(
        [[[-1.0, 1, 1]] * 3, [[-1.0, -1, -1], [1, 1, 1], [1, 1, 1]], [[0.0, 1, 1], [-1, 0, 1], [-1, -1, 1]], DOWN]
    ),
    mistake="weights do not sum to 0",
    listed=True,
)
attempt_value(
    "edge_kernels",
    torch.tensor([[[0.0, 0, 0], [1, 1, 1], [0, 0, 0]], [[0.0, 1, 0]] * 3, torch.eye(3).tolist(), UP]),
    mistake="pictures of an edge, not kernels: a row of ones blurs",
    listed=True,
)
attempt_value("edge_kernels", torch.tensor([LEFT, TOP, DOWN, DOWN]), mistake="the same diagonal twice")
attempt_value(
    "edge_kernels",
    torch.tensor([LEFT, TOP, DOWN, [[1.0, 1, 0], [1, 0, -1], [0, -1, -1]]]),
    mistake="second diagonal is the first negated",
)
attempt_value("edge_kernels", torch.tensor([LEFT, TOP]), mistake="diagonals left out")
attempt_value("edge_kernels", torch.tensor([LEFT, TOP, LEFT, TOP]), mistake="left and top in place of the diagonals")
attempt_value(
    "edge_kernels",
    torch.tensor([LEFT, TOP, [[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]], [[0.0, 0, 0], [0, 0, 0], [0, 0, 0]]]),
    mistake="zeros for a diagonal: answers nothing",
)
attempt_value("edge_kernels", torch.zeros(4, 3, 3), mistake="all zero: sums to 0, answers nothing")
attempt_value(
    "edge_kernels",
    torch.tensor([[[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]] * 4),
    mistake="the Laplacian four times: answers no ramp",
    listed=True,
)
attempt_value(
    "edge_kernels",
    torch.tensor([[[-1.0, 0, 1], [-1, 0, 0], [-1, 0, 2]], TOP, DOWN, UP]),
    mistake="left: sums to 0, but a row does not: answers horizontal edges too",
)
attempt_value(
    "edge_kernels", torch.tensor([LEFT, TOP, DOWN, UP]).reshape(4, 9), mistake="flat rows of nine, not (4, 3, 3)"
)

# ---- zero_responses

attempt_value("zero_responses", [False, True, True, False], right=True)
attempt_value("zero_responses", (False, True, True, False), right=True)
attempt_value("zero_responses", np.array([False, True, True, False]), right=True)
attempt_value("zero_responses", [True, False, False, True], mistake="the opposite: which are not zero")
attempt_value("zero_responses", [False, True, True, True], mistake="both turned taken to be zero")
attempt_value("zero_responses", [False, False, True, False], mistake="turning the picture believed not to matter")
attempt_value("zero_responses", [False, True, False, False], mistake="turning the kernel believed not to matter")
attempt_value(
    "zero_responses", [True, True, True, True], mistake="all zero: a kernel that sums to 0 believed to answer nothing"
)
attempt_value(
    "zero_responses", [False, False, False, False], mistake="none zero: every kernel believed to answer every edge"
)
attempt_value("zero_responses", [True, True, False, False], mistake="x and y swapped for the picture only")
attempt_value("zero_responses", [1, 2], mistake="the numbers of the pairs, not four bools")

# ---- sobel_x, sobel_y

attempt_value("sobel_x", torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]), right=True)
attempt_value("sobel_x", np.outer([1, 2, 1], [-1, 0, 1]), right=True)
attempt_value(
    "sobel_x",
    torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]),
    mistake="sign: brighter to the right comes out negative",
    listed=True,
)
attempt_value("sobel_x", torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]), mistake="x and y swapped", listed=True)
attempt_value(
    "sobel_x",
    torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8,
    mistake="divided by 8 although it was not asked",
)
attempt_value(
    "sobel_x", torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]]), mistake="Prewitt: the 2 in the middle forgotten"
)
attempt_value(
    "sobel_x", torch.tensor([[-3.0, 0, 3], [-10, 0, 10], [-3, 0, 3]]), mistake="Scharr's weights, not Sobel's"
)
attempt_value(
    "sobel_x", torch.tensor([[1.0, 0, 1], [2, 0, 2], [1, 0, 1]]), mistake="no minus: sums to 8, not to 0", listed=True
)
attempt_value("sobel_x", torch.tensor([[-1.0, 0, 1], [2, 0, -2], [-1, 0, 1]]), mistake="sign of the middle row wrong")
attempt_value("sobel_y", torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]), right=True)
attempt_value("sobel_y", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], right=True)
attempt_value(
    "sobel_y",
    torch.tensor([[1.0, 2, 1], [0, 0, 0], [-1, -2, -1]]),
    mistake="sign: brighter downwards comes out negative",
    listed=True,
)
attempt_value("sobel_y", torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]), mistake="x and y swapped", listed=True)
attempt_value(
    "sobel_y",
    -torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    mistake="x and y swapped, and the sign",
    listed=True,
)
attempt_value(
    "sobel_y", torch.tensor([[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]]), mistake="Prewitt: the 2 in the middle forgotten"
)
attempt_value("sobel_y", torch.tensor([[-1.0, -2, 1], [0, 0, 0], [1, 2, -1]]), mistake="a corner's sign wrong")

# ---- gradient_magnitude


@attempt("gradient_magnitude", right=True)
def gradient_magnitude(gray):
    kx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=gray.dtype)
    both = F.conv2d(gray[None, None], torch.stack([kx, kx.T])[:, None])[0]
    return both.pow(2).sum(0).sqrt()


@attempt("gradient_magnitude", right=True)
def gradient_magnitude(gray):
    a = np.array(gray, dtype=float)
    smooth_down = a[:-2] + 2 * a[1:-1] + a[2:]
    smooth_right = a[:, :-2] + 2 * a[:, 1:-1] + a[:, 2:]
    gx = smooth_down[:, 2:] - smooth_down[:, :-2]
    gy = smooth_right[2:] - smooth_right[:-2]
    return np.hypot(gx, gy)


@attempt("gradient_magnitude", right=True)
def gradient_magnitude(gray):
    gx = torch.zeros(gray.shape[0] - 2, gray.shape[1] - 2)
    gy = torch.zeros_like(gx)
    k = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
    for r in range(gx.shape[0]):
        for c in range(gx.shape[1]):
            gx[r, c] = (gray[r : r + 3, c : c + 3] * k).sum()
            gy[r, c] = (gray[r : r + 3, c : c + 3] * k.T).sum()
    return (gx * gx + gy * gy) ** 0.5


@attempt("gradient_magnitude", mistake="no square root", listed=True)
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return gx**2 + gy**2


@attempt("gradient_magnitude", mistake="sum of absolute values", listed=True)
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return gx.abs() + gy.abs()


@attempt("gradient_magnitude", mistake="square root of the square of the sum: |gx + gy|")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return torch.sqrt((gx + gy) ** 2)


@attempt("gradient_magnitude", mistake="gx only")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return F.conv2d(gray[None, None], k[None, None])[0, 0].abs()


@attempt("gradient_magnitude", mistake="the same kernel twice")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.flip(0, 1)[None, None])[0, 0]
    return torch.sqrt(gx**2 + gy**2)


@attempt("gradient_magnitude", mistake="padded to the picture's size")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None], padding=1)[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None], padding=1)[0, 0]
    return torch.sqrt(gx**2 + gy**2)


@attempt("gradient_magnitude", mistake="Prewitt's kernels, the 2 forgotten")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return torch.sqrt(gx**2 + gy**2)


@attempt("gradient_magnitude", mistake="stretched to [0, 1] as a picture")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    m = torch.sqrt(gx**2 + gy**2)
    return (m - m.min()) / (m.max() - m.min())


@attempt("gradient_magnitude", mistake="minus for plus: roots of negative numbers")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return torch.sqrt(gx**2 - gy**2)


@attempt("gradient_magnitude", mistake="an epsilon under the root: a flat area answers")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return torch.sqrt(gx**2 + gy**2 + 0.01)


@attempt("gradient_magnitude", mistake="batch and channel axes kept")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = F.conv2d(gray[None, None], k[None, None])
    gy = F.conv2d(gray[None, None], k.T[None, None])
    return torch.sqrt(gx**2 + gy**2)


@attempt("gradient_magnitude", mistake="divided by 8 although it was not asked")
def gradient_magnitude(gray):
    k = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    gx = F.conv2d(gray[None, None], k[None, None])[0, 0]
    gy = F.conv2d(gray[None, None], k.T[None, None])[0, 0]
    return torch.sqrt(gx**2 + gy**2)


# ---- sharpen_kernel


@attempt("sharpen_kernel", right=True)
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return e + amount * (e - torch.ones(3, 3) / 9)


@attempt("sharpen_kernel", right=True)
def sharpen_kernel(amount):
    k = np.full((3, 3), -amount / 9)
    k[1, 1] = 1 + amount * 8 / 9
    return k


@attempt("sharpen_kernel", mistake="blur not normalised: the kernel's sum is not 1", listed=True)
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return e + amount * (e - torch.ones(3, 3))


@attempt("sharpen_kernel", mistake="identity left out: sum 0, edges only", listed=True)
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return amount * (e - torch.ones(3, 3) / 9)


@attempt("sharpen_kernel", mistake="sign: blurs instead of sharpening", listed=True)
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return e - amount * (e - torch.ones(3, 3) / 9)


@attempt("sharpen_kernel", mistake="the well-known 5 and -1 kernel instead of this one")
def sharpen_kernel(amount):
    return torch.tensor([[0, -amount, 0], [-amount, 1 + 4 * amount, -amount], [0, -amount, 0]])


@attempt("sharpen_kernel", mistake="identity matrix for identity kernel")
def sharpen_kernel(amount):
    return torch.eye(3) + amount * (torch.eye(3) - torch.ones(3, 3) / 9)


@attempt("sharpen_kernel", mistake="brackets lost: amount scales the identity only", listed=True)
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return e + amount * e - torch.ones(3, 3) / 9


@attempt("sharpen_kernel", mistake="amount ignored")
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    return e + (e - torch.ones(3, 3) / 9)


@attempt("sharpen_kernel", mistake="normalised at the end once more, divided by its largest weight")
def sharpen_kernel(amount):
    e = torch.zeros(3, 3)
    e[1, 1] = 1
    k = e + amount * (e - torch.ones(3, 3) / 9)
    return k / k.max()


# ---- signed_to_display


@attempt("signed_to_display", right=True)
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return torch.full_like(response, 0.5)
    return response / (2 * m) + 0.5


@attempt("signed_to_display", right=True)
def signed_to_display(response):
    a = np.asarray(response, dtype=float)
    biggest = max(a.max(), -a.min()) or 1.0
    return 0.5 * (1 + a / biggest)


@attempt("signed_to_display", mistake="min-max: zero moves off the middle", listed=True)
def signed_to_display(response):
    lo, hi = response.min(), response.max()
    if lo == hi:
        return torch.full_like(response, 0.5)
    return (response - lo) / (hi - lo)


@attempt("signed_to_display", mistake="zero response divided by zero")
def signed_to_display(response):
    return 0.5 + response / (2 * response.abs().max())


@attempt("signed_to_display", mistake="the largest value, not the largest absolute value")
def signed_to_display(response):
    m = response.max()
    if m == 0:
        return torch.full_like(response, 0.5)
    return 0.5 + response / (2 * m)


@attempt("signed_to_display", mistake="absolute values shown: the sign is lost")
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return torch.full_like(response, 0.5)
    return 0.5 + response.abs() / (2 * m)


@attempt("signed_to_display", mistake="precedence: divided by 2, times the maximum")
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return torch.full_like(response, 0.5)
    return 0.5 + response / 2 * m


@attempt("signed_to_display", mistake="the 2 lost: runs from -0.5 to 1.5")
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return torch.full_like(response, 0.5)
    return 0.5 + response / m


@attempt("signed_to_display", mistake="clamped instead of scaled", listed=True)
def signed_to_display(response):
    return (response + 0.5).clamp(0, 1)


@attempt("signed_to_display", mistake="negatives cut off at zero", listed=True)
def signed_to_display(response):
    return response.clamp(0, 1)


@attempt("signed_to_display", mistake="a maximum for each picture or row, not one for all")
def signed_to_display(response):
    m = response.abs().amax(dim=-1, keepdim=True)
    m[m == 0] = 1
    return 0.5 + response / (2 * m)


@attempt("signed_to_display", mistake="zeros where the response is all zero: black, not grey")
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return response
    return 0.5 + response / (2 * m)


@attempt("signed_to_display", mistake="changes the response: divides it in place")
def signed_to_display(response):
    m = response.abs().max()
    if m > 0:
        response /= 2 * m
    return response + 0.5


@attempt("signed_to_display", mistake="grids only: a response of another number of axes cannot be taken apart")
def signed_to_display(response):
    h, w = response.shape
    m = max(abs(float(response[r, c])) for r in range(h) for c in range(w)) or 1
    return torch.tensor([[0.5 + float(response[r, c]) / (2 * m) for c in range(w)] for r in range(h)])


# ---- filter_bank


@attempt("filter_bank", right=True)
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])[0]


@attempt("filter_bank", right=True)
def filter_bank(gray, kernels):
    x = gray.reshape(1, 1, *gray.shape)
    w = kernels.unsqueeze(1)
    out = torch.nn.functional.conv2d(input=x, weight=w, bias=None, stride=1, padding="valid")
    return out.squeeze(0)


@attempt("filter_bank", right=True)
def filter_bank(gray, kernels):
    return F.conv2d(gray.unsqueeze(0), kernels.unsqueeze(1))


@attempt("filter_bank", mistake="padded to the picture's size")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None], padding=1)[0]


@attempt("filter_bank", mistake="kernels taken for input channels: torch's error about sizes")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[None])[0]


@attempt("filter_bank", mistake="no batch and channel axes: torch's error about dimensions")
def filter_bank(gray, kernels):
    return F.conv2d(gray, kernels)


@attempt("filter_bank", mistake="batch axis kept")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])


@attempt("filter_bank", mistake="responses added up to one picture")
def filter_bank(gray, kernels):
    x = gray.expand(len(kernels), -1, -1)[None]
    return F.conv2d(x, kernels[None])[0]


@attempt("filter_bank", mistake="kernels turned by 180 degrees")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels.flip(1, 2)[:, None])[0]


@attempt("filter_bank", mistake="kernels transposed")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels.transpose(1, 2)[:, None])[0]


@attempt("filter_bank", mistake="channels last: height, width, kernel", listed=True)
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])[0].permute(1, 2, 0)


@attempt("filter_bank", mistake="first kernel only")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[0][None, None])[0]


@attempt("filter_bank", mistake="negatives cut off")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])[0].relu()


@attempt("filter_bank", mistake="each response averaged over the batch axis by mistake", listed=True)
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None]).mean(dim=1)


@attempt("filter_bank", mistake="by hand in loops, where the library was asked", forbidden=True)
def filter_bank(gray, kernels):
    h, w = gray.shape
    out = torch.zeros(len(kernels), h - 2, w - 2)
    for n, k in enumerate(kernels):
        for r in range(h - 2):
            for c in range(w - 2):
                out[n, r, c] = (gray[r : r + 3, c : c + 3] * k).sum()
    return out


@attempt("filter_bank", mistake="one library call for each kernel, where one for all was asked", forbidden=True)
def filter_bank(gray, kernels):
    return torch.stack([F.conv2d(gray[None, None], k[None, None])[0, 0] for k in kernels])


# ---- found by a later hunt


@attempt("to_uint8", mistake="a grey picture of three rows taken for a colour one")
def to_uint8(image):
    data = (image.clamp(0, 1) * 255).round().to(torch.uint8)
    return data.permute(1, 2, 0) if image.shape[0] == 3 else data


@attempt("filter_bank", mistake="fractions cut off")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])[0].int()


UPRIGHT = torch.tensor([[-1, 0, 1]] * 3)
FALLS = torch.tensor([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]])
attempt_value("edge_kernels", [UPRIGHT, UPRIGHT.T, FALLS, FALLS.flip(0)], right=True)
attempt_value("edge_kernels", (UPRIGHT, UPRIGHT.T.float(), FALLS, FALLS.flip(0)), right=True)
attempt_value("edge_kernels", [UPRIGHT] * 4, name="one_kernel_repeated", mistake="the left kernel four times")


@attempt("box_blur", name="caret_for_power", mistake="^ for power")
def box_blur(size):
    return torch.ones(size, size) / (size ^ 2)
