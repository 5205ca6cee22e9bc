"""Lesson 2, kernels: the second bank."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torchvision.transforms import functional as TF

from tests.attempts import attempt, attempt_value


def corr2d(x, kernel):
    """As the lesson gives it."""
    return F.conv2d(x[None, None], kernel[None, None])[0, 0]


# ---- load_rgb


@attempt("load_rgb", name="still_255")
def load_rgb(path):
    picture = Image.open(path).convert("RGB")
    numbers = np.array(picture)
    return torch.from_numpy(numbers).permute(2, 0, 1).float()


@attempt("load_rgb", name="channels_last")
def load_rgb(path):
    return torch.tensor(np.array(Image.open(path).convert("RGB")) / 255.0)


@attempt("load_rgb", name="rows_and_columns_swapped")
def load_rgb(path):
    a = np.array(Image.open(path).convert("RGB"))
    return torch.from_numpy(a.T.copy()) / 255


@attempt("load_rgb", name="reshaped_not_permuted")
def load_rgb(path):
    t = torch.from_numpy(np.array(Image.open(path).convert("RGB")))
    h, w, c = t.shape
    t = t.view(c, h, w)
    return t.float().div(255)


@attempt("load_rgb", name="mode_kept")
def load_rgb(path):
    image = Image.open(path)
    t = torch.from_numpy(np.array(image))
    t = t.permute(2, 0, 1)
    return t / 255


@attempt("load_rgb", name="stretched")
def load_rgb(path):
    t = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float()
    t = t - t.min()
    return t / t.max()


@attempt("load_rgb", right=True)
def load_rgb(path):
    picture = Image.open(path).convert("RGB")
    w, h = picture.size
    data = torch.tensor(list(picture.tobytes()), dtype=torch.float32)
    return data.reshape(h, w, 3).movedim(-1, 0) / 255


@attempt("load_rgb", right=True)
def load_rgb(path):
    return TF.to_tensor(Image.open(path).convert("RGB"))


# ---- to_gray


@attempt("to_gray", name="sum_not_mean")
def to_gray(image):
    r, g, b = image
    gray = r + g + b
    return gray


@attempt("to_gray", name="last_only_divided")
def to_gray(image):
    return image[0] + image[1] + image[2] / 3


@attempt("to_gray", name="weighted_like_the_eye")
def to_gray(image):
    return 0.2989 * image[0] + 0.587 * image[1] + 0.114 * image[2]


@attempt("to_gray", name="channels_last")
def to_gray(image):
    return torch.mean(image, dim=-1)


@attempt("to_gray", name="everything_averaged")
def to_gray(image):
    total = 0
    for channel in image:
        total = total + channel.mean()
    return total / 3


@attempt("to_gray", name="axis_kept")
def to_gray(image):
    return torch.mean(image, 0, keepdim=True)


@attempt("to_gray", right=True)
def to_gray(image):
    return torch.einsum("chw->hw", image) / image.shape[0]


# ---- to_uint8


@attempt("to_uint8", name="wrapped_uint8")
def to_uint8(image):
    image = (image * 255).round().to(torch.int64).to(torch.uint8)
    if image.dim() == 3:
        image = image.permute(1, 2, 0)
    return image


@attempt("to_uint8", name="truncated")
def to_uint8(image):
    a = np.clip(np.asarray(image), 0, 1) * 255
    a = a.astype(np.uint8)
    if a.ndim == 3:
        a = a.transpose(1, 2, 0)
    return torch.from_numpy(a.copy())


@attempt("to_uint8", name="channels_left_first")
def to_uint8(image):
    image = image.clamp(0, 1)
    image = image * 255
    image = torch.round(image)
    return image.byte()


@attempt("to_uint8", name="scaled_by_256")
def to_uint8(image):
    out = (image * 256).clamp(0, 255).round().to(torch.uint8)
    return out.permute(1, 2, 0) if out.ndim == 3 else out


@attempt("to_uint8", name="stretched")
def to_uint8(image):
    low, high = image.min(), image.max()
    image = (image - low) / (high - low)
    image = (image * 255).round().to(torch.uint8)
    if len(image.shape) == 3:
        return image.permute(1, 2, 0)
    return image


@attempt("to_uint8", name="sign_dropped")
def to_uint8(image):
    out = (image.abs() * 255).clamp(max=255).round().to(torch.uint8)
    return out.permute(1, 2, 0) if out.ndim == 3 else out


@attempt("to_uint8", right=True)
def to_uint8(image):
    a = np.asarray(image, dtype=np.float64)
    a = np.rint(np.minimum(np.maximum(a, 0), 1) * 255).astype("uint8")
    return np.moveaxis(a, 0, -1) if a.ndim == 3 else a


# ---- signed_to_display


@attempt("signed_to_display", name="stretched")
def signed_to_display(response):
    low = response.min()
    span = response.max() - low
    if span == 0:
        return torch.full_like(response, 0.5)
    return (response - low) / span


@attempt("signed_to_display", name="twice_too_strong")
def signed_to_display(response):
    m = response.abs().max()
    if m == 0:
        return torch.ones_like(response) * 0.5
    return 0.5 + response / m


@attempt("signed_to_display", name="sign_ignored_in_maximum")
def signed_to_display(response):
    biggest = torch.max(response)
    if biggest == 0:
        return torch.full(response.shape, 0.5)
    return 0.5 + response / (2 * biggest)


@attempt("signed_to_display", name="divided_by_zero")
def signed_to_display(response):
    return response / response.abs().max() / 2 + 0.5


@attempt("signed_to_display", name="bracket_forgotten")
def signed_to_display(response):
    m = response.abs().max()
    if not m:
        return torch.zeros_like(response) + 0.5
    return 0.5 + response / 2 * m


@attempt("signed_to_display", name="blank_is_black")
def signed_to_display(response):
    m = response.abs().max().item()
    if m == 0:
        return response
    return 0.5 + response / (2 * m)


@attempt("signed_to_display", right=True)
def signed_to_display(response):
    m = max(response.max().item(), -response.min().item(), 1e-30)
    return (response / m + 1) / 2


# ---- identity_kernel


@attempt("identity_kernel", name="identity_matrix")
def identity_kernel(size):
    k = torch.zeros(size, size)
    for i in range(size):
        k[i, i] = 1
    return k


@attempt("identity_kernel", name="off_centre")
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[0, 0] = 1
    return k


@attempt("identity_kernel", name="cross_of_ones")
def identity_kernel(size):
    k = torch.zeros(size, size)
    k[size // 2] = 1
    return k


@attempt("identity_kernel", name="size_ignored")
def identity_kernel(size):
    return torch.tensor([[0, 0, 0], [0, 1, 0], [0, 0, 0]])


# ---- box_blur


@attempt("box_blur", name="not_normalised")
def box_blur(size):
    return torch.full((size, size), 1.0)


@attempt("box_blur", name="divided_by_side")
def box_blur(size):
    k = torch.ones(size, size)
    k /= size
    return k


@attempt("box_blur", name="always_nine")
def box_blur(size):
    return torch.tensor([[1 / 9] * size for _ in range(size)])


@attempt("box_blur", right=True)
def box_blur(size):
    row = torch.full((size,), 1 / size)
    return torch.outer(row, row)


# ---- gaussian_kernel


@attempt("gaussian_kernel", name="not_normalised")
def gaussian_kernel(size, sigma):
    k = torch.zeros(size, size)
    m = size // 2
    for r in range(size):
        for c in range(size):
            k[r, c] = np.exp(-((r - m) ** 2 + (c - m) ** 2) / (2 * sigma**2))
    return k


@attempt("gaussian_kernel", name="normalised_by_formula")
def gaussian_kernel(size, sigma):
    d = torch.arange(size) - size // 2
    g = torch.exp(-(d[:, None] ** 2 + d[None, :] ** 2) / (2 * sigma**2))
    return g / (2 * np.pi * sigma**2)


@attempt("gaussian_kernel", name="sigma_not_squared")
def gaussian_kernel(size, sigma):
    d = torch.arange(-(size // 2), size // 2 + 1).float()
    xx, yy = torch.meshgrid(d, d, indexing="ij")
    k = torch.exp(-(xx * xx + yy * yy) / (2 * sigma))
    return k / torch.sum(k)


@attempt("gaussian_kernel", name="two_forgotten")
def gaussian_kernel(size, sigma):
    d = np.linspace(-(size // 2), size // 2, size)
    k = np.exp(-(d[:, None] ** 2 + d[None] ** 2) / sigma**2)
    return torch.from_numpy(k / k.sum())


@attempt("gaussian_kernel", name="off_centre")
def gaussian_kernel(size, sigma):
    d = torch.arange(size).float()
    e = torch.exp(-(d**2) / (2 * sigma**2))
    e = e / e.sum()
    return e[:, None] * e[None, :]


@attempt("gaussian_kernel", name="not_normalised")
def gaussian_kernel(size, sigma):
    d = torch.arange(size).float() - (size - 1) / 2
    g = torch.exp(-(d**2) / (2 * sigma**2))
    k = torch.outer(g, g)
    return k / k.max()


@attempt("gaussian_kernel", right=True)
def gaussian_kernel(size, sigma):
    d = torch.arange(size).double() - size // 2
    return torch.softmax((-(d[:, None] ** 2 + d**2) / (2 * sigma * sigma)).flatten(), 0).reshape(size, size)


# ---- edge_kernels


attempt_value(
    "edge_kernels",
    torch.tensor(
        [
            [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
            [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
            [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
            [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
        ]
    ),
    name="line_for_edge",
)


attempt_value(
    "edge_kernels",
    torch.tensor(
        [
            [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
            [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
            [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
            [[1, 1, 0], [1, 0, -1], [0, -1, -1]],
        ]
    ),
    name="x_and_y_swapped",
)


attempt_value(
    "edge_kernels",
    torch.stack(
        [
            torch.tensor([[-1.0, 0, 1], [-1, 1, 1], [-1, 0, 1]]),
            torch.tensor([[-1.0, -1, -1], [0, 1, 0], [1, 1, 1]]),
            torch.tensor([[0, -1, 1.0], [-1, 1, 0], [1, 0, 0]]),
            torch.tensor([[1, -1, 0.0], [0, 1, -1], [0, 0, 1]]),
        ]
    ),
    name="kernel_sums_to_one",
)


attempt_value(
    "edge_kernels",
    np.array(
        [
            [[3, 0, -3], [10, 0, -10], [3, 0, -3]],
            [[3, 10, 3], [0, 0, 0], [-3, -10, -3]],
            [[0, 0, 5], [0, 0, 0], [-5, 0, 0]],
            [[5, 0, 0], [0, 0, 0], [0, 0, -5]],
        ]
    ),
    right=True,
)


# ---- zero_responses


attempt_value("zero_responses", [True, False, False, True], name="responses_for_zeros")


attempt_value("zero_responses", [False, False, False, False], name="transpose_ignored")


# ---- sobel_x


attempt_value("sobel_x", torch.tensor([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]), name="x_and_y_swapped")


attempt_value("sobel_x", torch.tensor([[1, 0, -1], [2, 0, -2], [1, 0, -1.0]]), name="sign_turned")


attempt_value("sobel_x", [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], name="twos_forgotten")


# ---- sobel_y


attempt_value("sobel_y", np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]), name="sign_turned")


attempt_value("sobel_y", torch.outer(torch.tensor([-1, 0, 1]), torch.tensor([1, 2, 1])), right=True)


# ---- gradient_magnitude


@attempt("gradient_magnitude", name="no_square_root")
def gradient_magnitude(gray):
    sx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx = corr2d(gray, sx)
    gy = corr2d(gray, sx.T)
    return gx * gx + gy * gy


@attempt("gradient_magnitude", name="absolute_sum")
def gradient_magnitude(gray):
    sx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return torch.abs(corr2d(gray, sx)) + torch.abs(corr2d(gray, sx.t()))


@attempt("gradient_magnitude", name="zero_border_kept")
def gradient_magnitude(gray):
    sx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    both = torch.stack([sx, sx.t()])[:, None]
    g = F.conv2d(gray[None, None], both, padding=1)[0]
    return g.pow(2).sum(0).sqrt()


@attempt("gradient_magnitude", name="epsilon_added")
def gradient_magnitude(gray):
    sx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return torch.sqrt(corr2d(gray, sx) ** 2 + corr2d(gray, sx.t()) ** 2 + 1e-3)


@attempt("gradient_magnitude", right=True)
def gradient_magnitude(gray):
    dx = gray[:, 2:] - gray[:, :-2]
    dy = gray[2:] - gray[:-2]
    gx = dx[:-2] + 2 * dx[1:-1] + dx[2:]
    gy = dy[:, :-2] + 2 * dy[:, 1:-1] + dy[:, 2:]
    return torch.hypot(gx, gy)


# ---- sharpen_kernel


@attempt("sharpen_kernel", name="sign_turned")
def sharpen_kernel(amount):
    k = torch.full((3, 3), amount / 9)
    k[1, 1] += 1 - amount
    return k


@attempt("sharpen_kernel", name="four_neighbours")
def sharpen_kernel(amount):
    return torch.tensor([[0, -amount, 0], [-amount, 1 + 4 * amount, -amount], [0, -amount, 0]])


@attempt("sharpen_kernel", name="not_normalised")
def sharpen_kernel(amount):
    ident = torch.zeros(3, 3)
    ident[1, 1] = 1
    return ident + amount * (ident - torch.ones(3, 3))


@attempt("sharpen_kernel", name="kernel_sums_to_zero")
def sharpen_kernel(amount):
    k = torch.ones(3, 3) * (-1 / 9)
    k[1, 1] = 8 / 9
    return amount * k


@attempt("sharpen_kernel", right=True)
def sharpen_kernel(amount):
    k = -amount * torch.ones(3, 3) / 9
    k[1, 1] = 1 + amount * 8 / 9
    return k


# ---- filter_bank


@attempt("filter_bank", name="axis_kept")
def filter_bank(gray, kernels):
    weight = kernels.unsqueeze(1)
    picture = gray.unsqueeze(0).unsqueeze(0)
    return F.conv2d(picture, weight)


@attempt("filter_bank", name="kernels_summed")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None])[0].sum(0)


@attempt("filter_bank", name="zero_border_kept")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:, None], padding="same").squeeze(0)


@attempt("filter_bank", name="weight_axes_swapped")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[None])[0]


@attempt("filter_bank", name="negatives_cut")
def filter_bank(gray, kernels):
    return F.relu(F.conv2d(gray[None, None], kernels[:, None]))[0]


@attempt("filter_bank", right=True)
def filter_bank(gray, kernels):
    k = len(kernels)
    return F.conv2d(gray.expand(1, k, -1, -1), kernels.reshape(k, 1, 3, 3), groups=k).squeeze(0)


# ---- to_gray


@attempt("to_gray", name="brightest_channel")
def to_gray(image):
    return (image.max(0).values + image.min(0).values) / 2


# ---- box_blur


@attempt("box_blur", mistake="none of the catalogue")
def box_blur(size):
    return torch.zeros(size, size) / size**2


# ---- gradient_magnitude, from a third reading


@attempt("gradient_magnitude", name="not_squared", mistake="the root of the sum of the slopes, unsquared")
def gradient_magnitude(gray):
    kx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return torch.sqrt(corr2d(gray, kx) + corr2d(gray, kx.T))


@attempt("gradient_magnitude", name="not_squared", mistake="absolute values where squares should be")
def gradient_magnitude(gray):
    kx = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    return (abs(corr2d(gray, kx)) + abs(corr2d(gray, kx.T))) ** 0.5


# ---- what a bank of 30 November found, which nobody had seen


@attempt("to_uint8", name="rounded_up")
def to_uint8(image):
    image = torch.ceil(image.clamp(0, 1) * 255).to(torch.uint8)
    return image.permute(1, 2, 0) if image.ndim == 3 else image


@attempt("to_uint8", mistake="0.9 added and cut off")
def to_uint8(image):
    image = (image.clamp(0, 1) * 255 + 0.9).to(torch.uint8)
    return image.permute(1, 2, 0) if image.ndim == 3 else image


@attempt("to_uint8", name="wrapped_uint8")
def to_uint8(image):
    image = torch.where(image > 1, 1.0, image)
    image = (image * 255).round().long().to(torch.uint8)
    return image.permute(1, 2, 0) if image.ndim == 3 else image


@attempt("to_uint8", name="rounded_too_early")
def to_uint8(image):
    image = image.clamp(0, 1).round().to(torch.uint8) * 255
    return image.permute(1, 2, 0) if image.ndim == 3 else image


@attempt("filter_bank", name="four_only")
def filter_bank(gray, kernels):
    return F.conv2d(gray[None, None], kernels[:4, None])[0]


@attempt("load_rgb", name="permuted_the_other_way")
def load_rgb(path):
    pixels = torch.from_numpy(np.array(Image.open(path).convert("RGB")))
    return pixels.permute(1, 2, 0) / 255
