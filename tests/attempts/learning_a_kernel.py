"""Lesson 7, learning a kernel."""

import math

import numpy as np
import torch
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from torch import nn

from tests.attempts import attempt

# ---- high_pass_target


@attempt("high_pass_target", right=True)
def high_pass_target(image):
    return image - TF.gaussian_blur(image[None], kernel_size=7, sigma=4.0)[0]


@attempt("high_pass_target", right=True)
def high_pass_target(image):
    d = torch.arange(-3, 4, dtype=image.dtype)
    g = torch.exp(-(d**2) / 32)
    g = g / g.sum()
    big = F.pad(image[None, None], (3, 3, 3, 3), mode="reflect")
    blurred = F.conv2d(F.conv2d(big, g.reshape(1, 1, 7, 1)), g.reshape(1, 1, 1, 7))
    return image - blurred[0, 0]


@attempt("high_pass_target", right=True)
def high_pass_target(image):
    a = np.array(image, dtype=np.float64)
    big = np.pad(a, 3, mode="reflect")
    y, x = np.mgrid[-3:4, -3:4]
    k = np.exp(-(x**2 + y**2) / (2 * 4**2))
    k /= k.sum()
    low = np.zeros_like(a)
    for r in range(a.shape[0]):
        for c in range(a.shape[1]):
            low[r, c] = (big[r : r + 7, c : c + 7] * k).sum()
    return a - low


@attempt("high_pass_target", mistake="the blur itself, not what it takes away")
def high_pass_target(image):
    return TF.gaussian_blur(image[None], 7, 4.0)[0]


@attempt("high_pass_target", mistake="sign: blur minus image")
def high_pass_target(image):
    return TF.gaussian_blur(image[None], 7, 4.0)[0] - image


@attempt("high_pass_target", mistake="sigma left to its default")
def high_pass_target(image):
    return image - TF.gaussian_blur(image[None], 7)[0]


@attempt("high_pass_target", mistake="sigma 7 and not 4: the two numbers mixed up")
def high_pass_target(image):
    return image - TF.gaussian_blur(image[None], 7, 7.0)[0]


@attempt("high_pass_target", mistake="kernel side and sigma swapped: a side must be odd")
def high_pass_target(image):
    return image - TF.gaussian_blur(image[None], 4, 7.0)[0]


@attempt("high_pass_target", mistake="3x3 blur")
def high_pass_target(image):
    return image - TF.gaussian_blur(image[None], 3, 4.0)[0]


@attempt("high_pass_target", mistake="zero border: dark rim", listed=True)
def high_pass_target(image):
    d = torch.arange(-3.0, 4)
    g = torch.exp(-(d**2) / 32)
    k = g[:, None] * g
    k = k / k.sum()
    return image - F.conv2d(image[None, None], k[None, None], padding=3)[0, 0]


@attempt("high_pass_target", mistake="border repeated, not reflected")
def high_pass_target(image):
    d = torch.arange(-3.0, 4)
    g = torch.exp(-(d**2) / 32)
    k = g[:, None] * g
    big = F.pad(image[None, None], (3, 3, 3, 3), mode="replicate")
    return image - F.conv2d(big, (k / k.sum())[None, None])[0, 0]


@attempt("high_pass_target", mistake="box blur, not Gaussian")
def high_pass_target(image):
    big = F.pad(image[None, None], (3, 3, 3, 3), mode="reflect")
    return image - F.avg_pool2d(big, 7, 1)[0, 0]


@attempt("high_pass_target", mistake="channel axis kept")
def high_pass_target(image):
    return image[None] - TF.gaussian_blur(image[None], 7, 4.0)


@attempt("high_pass_target", mistake="sharpened: the image added once more")
def high_pass_target(image):
    return 2 * image - TF.gaussian_blur(image[None], 7, 4.0)[0]


@attempt("high_pass_target", mistake="stretched to [0, 1]")
def high_pass_target(image):
    t = image - TF.gaussian_blur(image[None], 7, 4.0)[0]
    return (t - t.min()) / (t.max() - t.min())


@attempt("high_pass_target", mistake="negatives cut off")
def high_pass_target(image):
    return (image - TF.gaussian_blur(image[None], 7, 4.0)[0]).clamp(0, 1)


@attempt("high_pass_target", mistake="valid region only: smaller than the image")
def high_pass_target(image):
    t = image - TF.gaussian_blur(image[None], 7, 4.0)[0]
    return t[1:-1, 1:-1]


@attempt("high_pass_target", mistake="changes the image: subtracts in place")
def high_pass_target(image):
    image -= TF.gaussian_blur(image[None], 7, 4.0)[0]
    return image


# ---- mse


@attempt("mse", right=True)
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError(f"shapes differ: {prediction.shape} and {target.shape}")
    return ((prediction - target) ** 2).mean()


@attempt("mse", right=True)
def mse(prediction, target):
    if tuple(prediction.shape) == tuple(target.shape):
        return F.mse_loss(prediction, target)
    raise ValueError("prediction and target must have the same shape")


@attempt("mse", right=True)
def mse(prediction, target):
    if prediction.size() != target.size():
        raise ValueError
    d = (prediction - target).reshape(-1)
    return torch.dot(d, d) / d.numel()


@attempt("mse", mistake="no check: unequal shapes broadcast in silence", listed=True)
def mse(prediction, target):
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="library loss: it only warns of unequal shapes", listed=True)
def mse(prediction, target):
    return F.mse_loss(prediction, target)


@attempt("mse", mistake="sum, not mean", listed=True)
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).sum()


@attempt("mse", mistake="assert: another exception than the one asked")
def mse(prediction, target):
    assert prediction.shape == target.shape, "shapes differ"
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="prints instead of raising")
def mse(prediction, target):
    if prediction.shape != target.shape:
        print("ValueError: shapes differ")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="returns the error instead of raising it")
def mse(prediction, target):
    if prediction.shape != target.shape:
        return ValueError("shapes differ")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="compares only how many numbers there are", listed=True)
def mse(prediction, target):
    if prediction.numel() != target.numel():
        raise ValueError("sizes differ")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="compares only how many axes there are", listed=True)
def mse(prediction, target):
    if prediction.ndim != target.ndim:
        raise ValueError("axes differ")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="compares only the height and width: channels broadcast", listed=True)
def mse(prediction, target):
    if prediction.shape[-2:] != target.shape[-2:]:
        raise ValueError("pictures differ in size")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="a Python number: no gradient flows through it")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).mean().item()


@attempt("mse", mistake="detached: no gradient flows through it")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction.detach() - target) ** 2).mean()


@attempt("mse", mistake="mean of absolute differences, not of squares")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return (prediction - target).abs().mean()


@attempt("mse", mistake="square of the mean: errors cancel")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return (prediction - target).mean() ** 2


@attempt("mse", mistake="square root of the mean")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).mean().sqrt()


@attempt("mse", mistake="half of it, as some books do")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).mean() / 2


@attempt("mse", mistake="mean of the first axis only: not one number")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).mean(dim=0)


@attempt("mse", mistake="raises where the shapes are equal")
def mse(prediction, target):
    if prediction.shape == target.shape:
        raise ValueError("shapes differ")
    return ((prediction - target) ** 2).mean()


# ---- train_kernel


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
    return w.detach()[0, 0], losses


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=lr)
    margin = kernel_size // 2
    wanted = target[margin:-margin, margin:-margin] if margin else target
    history = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.MSELoss()(layer(x[None, None])[0, 0], wanted)
        loss.backward()
        optimizer.step()
        history.append(float(loss))
    return layer.weight.data.squeeze(0).squeeze(0), history


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    # the gradient by hand, on the matrix of patches
    k, m = kernel_size, kernel_size // 2
    H, W = x.shape
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : H - m, m : W - m].reshape(-1).double()
    w = torch.zeros(k * k, dtype=torch.float64)
    losses = []
    for _ in range(steps):
        error = A @ w - b
        losses.append(float((error**2).mean()))
        w = w - lr * 2 / len(b) * (A.T @ error)
    return w.reshape(k, k).float(), losses


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    margin = (kernel_size - 1) // 2
    inside = target[margin : len(target) - margin, margin : len(target[0]) - margin]
    kernel = torch.zeros(kernel_size, kernel_size)
    losses = []
    for _ in range(steps):
        kernel.requires_grad_(True)
        loss = F.mse_loss(F.conv2d(x[None, None], kernel[None, None]), inside[None, None])
        (slope,) = torch.autograd.grad(loss, kernel)
        kernel = kernel.detach() - lr * slope
        losses += [loss.tolist()]
    return kernel.detach(), losses


@attempt("train_kernel", mistake="gradients not zeroed: they add up", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="gradients not zeroed, with an optimiser", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = nn.Parameter(torch.zeros(1, 1, k, k))
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w)[0, 0], t)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="gradients zeroed between backward and step: nothing is learned")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = nn.Parameter(torch.zeros(1, 1, k, k))
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w)[0, 0], t)
        losses.append(loss.item())
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="step uphill", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w += lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="losses kept as tensors, with their graphs", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="sum for mean: steps far too long", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="border mismatch: zeros padded, compared with the whole target", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    w = torch.zeros(1, 1, kernel_size, kernel_size, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w, padding=kernel_size // 2)[0, 0], target)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="target cropped at one corner: shifted by half the kernel", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k = kernel_size
    t = target[: target.shape[0] - k + 1, : target.shape[1] - k + 1]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w)[0, 0], t)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="target not cropped: sizes do not match", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    w = torch.zeros(1, 1, kernel_size, kernel_size, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - target) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="crop by 1 whatever the kernel", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    t = target[1:-1, 1:-1]
    w = torch.zeros(1, 1, kernel_size, kernel_size, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="flipped kernel", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w.flip(0, 1)[None, None])[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach(), losses


@attempt("train_kernel", mistake="loss noted after the step", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
            losses.append(((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean().item())
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="one loss more than steps: the last one added")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for step in range(steps + 1):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        if step < steps:
            loss.backward()
            with torch.no_grad():
                w -= lr * w.grad
                w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="random start, zero was asked")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.randn(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="layer's own random start and bias")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    layer = nn.Conv2d(1, 1, kernel_size)
    optimizer = torch.optim.SGD(layer.parameters(), lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(layer(x[None, None])[0, 0], t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return layer.weight.detach()[0, 0], losses


@attempt("train_kernel", mistake="zero start, but a bias is learned as well")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    layer = nn.Conv2d(1, 1, kernel_size)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(layer(x[None, None])[0, 0], t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return layer.weight.detach()[0, 0], losses


@attempt("train_kernel", mistake="Adam, plain SGD was asked")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = nn.Parameter(torch.zeros(1, 1, k, k))
    optimizer = torch.optim.Adam([w], lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w)[0, 0], t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="SGD with momentum, plain SGD was asked")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = nn.Parameter(torch.zeros(1, 1, k, k))
    optimizer = torch.optim.SGD([w], lr=lr, momentum=0.9)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w)[0, 0], t)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="picture's mean subtracted inside: another problem is solved")
def train_kernel(x, target, kernel_size, steps, lr):
    x = x - x.mean()
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="factor 2 of the derivative forgotten: half as fast")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None], k)[0].T
    b = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1)
    w = torch.zeros(k * k)
    losses = []
    for _ in range(steps):
        error = A @ w - b
        losses.append(float((error**2).mean()))
        w = w - lr / len(b) * (A.T @ error)
    return w.reshape(k, k), losses


@attempt("train_kernel", mistake="in-place step on a leaf without no_grad: torch refuses")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        w -= lr * w.grad
        w.grad.zero_()
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="w = w - ... makes a new tensor, whose grad is None")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        w = w - lr * w.grad
    return w.detach()[0, 0], losses


@attempt("train_kernel", mistake="requires_grad forgotten: nothing to differentiate")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        w -= lr * w.grad
    return w[0, 0], losses


@attempt("train_kernel", mistake="kernel with batch and channel axes")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach(), losses


@attempt("train_kernel", mistake="kernel not detached")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w[0, 0], losses


@attempt("train_kernel", mistake="last loss only, not the list")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], loss.item()


@attempt("train_kernel", mistake="kernel only, no losses")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0]


@attempt("train_kernel", mistake="losses and kernel in the wrong order")
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(x[None, None], w)[0, 0] - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return losses, w.detach()[0, 0]


@attempt("train_kernel", mistake="broadcast loss: prediction (1, 1, h, w) against (h, w, 1)-shaped target", listed=True)
def train_kernel(x, target, kernel_size, steps, lr):
    k, m = kernel_size, (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1, 1)
    w = torch.zeros(1, 1, k, k, requires_grad=True)
    losses = []
    for _ in range(steps):
        prediction = F.conv2d(x[None, None], w).reshape(1, -1)
        loss = ((prediction - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            w.grad.zero_()
    return w.detach()[0, 0], losses


# ---- least_squares_kernel


@attempt("least_squares_kernel", right=True)
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    H, W = x.shape
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : H - m, m : W - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(k, k)


@attempt("least_squares_kernel", right=True)
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, (kernel_size - 1) // 2
    a = np.array(x, dtype=float)
    h, w = a.shape[0] - k + 1, a.shape[1] - k + 1
    A = np.array([a[r : r + k, c : c + k].ravel() for r in range(h) for c in range(w)])
    b = np.array(target, dtype=float)[m : m + h, m : m + w].ravel()
    return np.linalg.lstsq(A, b, rcond=None)[0].reshape(k, k)


@attempt("least_squares_kernel", right=True)
def least_squares_kernel(x, target, kernel_size):
    # the normal equations, gathered shift by shift
    k, m = kernel_size, kernel_size // 2
    x, target = x.double(), target.double()
    h, w = x.shape[0] - k + 1, x.shape[1] - k + 1
    shifted = [x[i : i + h, j : j + w] for i in range(k) for j in range(k)]
    t = target[m : m + h, m : m + w]
    gram = torch.tensor([[float((p * q).sum()) for q in shifted] for p in shifted], dtype=torch.float64)
    right = torch.tensor([float((p * t).sum()) for p in shifted], dtype=torch.float64)
    return torch.linalg.solve(gram, right).reshape(k, k)


@attempt("least_squares_kernel", mistake="flipped kernel", listed=True)
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(k, k).flip(0, 1)


@attempt("least_squares_kernel", mistake="transposed kernel")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(k, k).T


@attempt("least_squares_kernel", mistake="border mismatch: zeros padded, the whole target used", listed=True)
def least_squares_kernel(x, target, kernel_size):
    k = kernel_size
    A = F.unfold(x[None, None].double(), k, padding=k // 2)[0].T
    return torch.linalg.lstsq(A, target.reshape(-1, 1).double()).solution.reshape(k, k)


@attempt("least_squares_kernel", mistake="target cropped at one corner: the kernel comes out shifted", listed=True)
def least_squares_kernel(x, target, kernel_size):
    k = kernel_size
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[: x.shape[0] - k + 1, : x.shape[1] - k + 1].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(k, k)


@attempt("least_squares_kernel", mistake="target not cropped: sizes do not match", listed=True)
def least_squares_kernel(x, target, kernel_size):
    k = kernel_size
    A = F.unfold(x[None, None], k)[0].T
    return torch.linalg.lstsq(A, target.reshape(-1, 1)).solution.reshape(k, k)


@attempt("least_squares_kernel", mistake="unfold's matrix not turned: sizes do not match")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None], k)[0]
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1)
    return torch.linalg.lstsq(A, b).solution.reshape(k, k)


@attempt("least_squares_kernel", mistake="correlation with the target, never divided by the Gram matrix")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None], k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1)
    return (A.T @ b / len(b)).reshape(k, k)


@attempt("least_squares_kernel", mistake="a bias fitted as well and thrown away")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    A = torch.cat([A, torch.ones(len(A), 1, dtype=A.dtype)], dim=1)
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution[:-1].reshape(k, k)


@attempt("least_squares_kernel", mistake="picture and target exchanged")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(target[None, None].double(), k)[0].T
    b = x[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(k, k)


@attempt("least_squares_kernel", mistake="a flat list of weights")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.flatten()


@attempt("least_squares_kernel", mistake="strongly damped: not the optimum")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1).double()
    return torch.linalg.solve(A.T @ A + len(b) * torch.eye(k * k), A.T @ b).reshape(k, k)


@attempt("least_squares_kernel", mistake="a hundred steps of gradient descent: not there yet")
def least_squares_kernel(x, target, kernel_size):
    k, m = kernel_size, kernel_size // 2
    A = F.unfold(x[None, None].double(), k)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1).double()
    w = torch.zeros(k * k, dtype=torch.float64)
    for _ in range(100):
        w -= 0.01 * 2 / len(b) * (A.T @ (A @ w - b))
    return w.reshape(k, k)


@attempt("least_squares_kernel", mistake="always 3x3")
def least_squares_kernel(x, target, kernel_size):
    A = F.unfold(x[None, None].double(), 3)[0].T
    b = target[1:-1, 1:-1].reshape(-1, 1).double()
    return torch.linalg.lstsq(A, b).solution.reshape(3, 3)


# ---- numerical_gradient


@attempt("numerical_gradient", right=True)
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", right=True)
def numerical_gradient(f, w, eps=1e-3):
    slopes = []
    for i in range(w.numel()):
        nudge = torch.zeros(w.numel(), dtype=w.dtype)
        nudge[i] = eps
        nudge = nudge.reshape(w.shape)
        slopes.append(float(f(w + nudge) - f(w - nudge)) / eps / 2)
    return torch.tensor(slopes, dtype=w.dtype).reshape(w.shape)


@attempt("numerical_gradient", mistake="divided by eps, not by 2 eps: twice too steep")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / eps
    return grad


@attempt("numerical_gradient", mistake="precedence: divided by 2, times eps")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / 2 * eps
    return grad


@attempt("numerical_gradient", mistake="not divided at all")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = f(up) - f(down)
    return grad


@attempt("numerical_gradient", mistake="one-sided difference, central was asked")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up = w.clone()
        up[place] += eps
        grad[place] = (f(up) - f(w)) / eps
    return grad


@attempt("numerical_gradient", mistake="sign: down minus up")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(down) - f(up)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="all entries moved at once: one slope for all")
def numerical_gradient(f, w, eps=1e-3):
    slope = (f(w + eps) - f(w - eps)) / (2 * eps)
    return torch.full_like(w, float(slope))


@attempt("numerical_gradient", mistake="up and down are the same tensor: all zeros, and w changed")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up = w
        down = w
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="entries not put back: the nudges pile up")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    up, down = w.clone(), w.clone()
    for place in np.ndindex(*w.shape):
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="w comes out changed: nudged up and never back")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        w[place] += eps
        high = float(f(w))
        w[place] -= 2 * eps
        low = float(f(w))
        grad[place] = (high - low) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="a flat list, not of w's shape")
def numerical_gradient(f, w, eps=1e-3):
    slopes = []
    for i in range(w.numel()):
        nudge = torch.zeros(w.numel(), dtype=w.dtype)
        nudge[i] = eps
        nudge = nudge.reshape(w.shape)
        slopes.append(float(f(w + nudge) - f(w - nudge)) / (2 * eps))
    return torch.tensor(slopes)


@attempt("numerical_gradient", mistake="only the first row")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for j in range(w.shape[-1]):
        up, down = w.clone(), w.clone()
        up.view(-1)[j] += eps
        down.view(-1)[j] -= eps
        grad.view(-1)[j] = (f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="eps so small that float32 cannot tell up from down")
def numerical_gradient(f, w, eps=1e-3):
    eps = 1e-8
    w = w.float()
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = (f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="absolute values: the slope loses its sign")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for place in np.ndindex(*w.shape):
        up, down = w.clone(), w.clone()
        up[place] += eps
        down[place] -= eps
        grad[place] = abs(f(up) - f(down)) / (2 * eps)
    return grad


@attempt("numerical_gradient", mistake="two axes taken for granted, square")
def numerical_gradient(f, w, eps=1e-3):
    n = len(w)
    grad = torch.zeros(n, n)
    for i in range(n):
        for j in range(n):
            up, down = w.clone(), w.clone()
            up[i, j] += eps
            down[i, j] -= eps
            grad[i, j] = (f(up) - f(down)) / (2 * eps)
    return grad


# ---- rank_of_patches


@attempt("rank_of_patches", right=True)
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None].double(), k)[0]))


@attempt("rank_of_patches", right=True)
def rank_of_patches(x, k):
    a = np.array(x, dtype=float)
    h, w = a.shape[0] - k + 1, a.shape[1] - k + 1
    patches = [a[r : r + k, c : c + k].ravel() for r in range(h) for c in range(w)]
    return np.linalg.matrix_rank(np.array(patches))


@attempt("rank_of_patches", right=True)
def rank_of_patches(x, k):
    # Gauss's elimination with fractions, as on paper
    from fractions import Fraction

    h, w = x.shape[0] - k + 1, x.shape[1] - k + 1
    rows = [
        [Fraction(int(v)) for v in x[r : r + k, c : c + k].reshape(-1).tolist()] for r in range(h) for c in range(w)
    ]
    rank = 0
    for column in range(k * k):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for r in range(rank + 1, len(rows)):
            factor = rows[r][column] / rows[rank][column]
            if factor:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    return rank


@attempt("rank_of_patches", mistake="rank of the picture, not of its patches")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(x.double()))


@attempt("rank_of_patches", mistake="k squared, always: every picture believed to do", listed=True)
def rank_of_patches(x, k):
    return k * k


@attempt("rank_of_patches", mistake="how many patches there are")
def rank_of_patches(x, k):
    return (x.shape[0] - k + 1) * (x.shape[1] - k + 1)


@attempt("rank_of_patches", mistake="how many different patches there are")
def rank_of_patches(x, k):
    patches = F.unfold(x[None, None].float(), k)[0].T
    return len(torch.unique(patches, dim=0))


@attempt("rank_of_patches", mistake="tiles that do not overlap")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None].double(), k, stride=k)[0]))


@attempt("rank_of_patches", mistake="rank of the first patch only")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(x[:k, :k].double()))


@attempt("rank_of_patches", mistake="largest rank of a single patch")
def rank_of_patches(x, k):
    best = 0
    for r in range(x.shape[0] - k + 1):
        for c in range(x.shape[1] - k + 1):
            best = max(best, int(torch.linalg.matrix_rank(x[r : r + k, c : c + k].double())))
    return best


@attempt("rank_of_patches", mistake="mean of the patches taken off first")
def rank_of_patches(x, k):
    patches = F.unfold(x[None, None].double(), k)[0].T
    return int(torch.linalg.matrix_rank(patches - patches.mean(0)))


@attempt("rank_of_patches", mistake="zeros padded around: patches that the picture does not have")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None].double(), k, padding=k // 2)[0]))


@attempt("rank_of_patches", mistake="first row of patches only")
def rank_of_patches(x, k):
    patches = [x[:k, c : c + k].reshape(-1).double() for c in range(x.shape[1] - k + 1)]
    return int(torch.linalg.matrix_rank(torch.stack(patches)))


@attempt("rank_of_patches", mistake="True or False, not a number")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None].double(), k)[0])) == k * k


@attempt("rank_of_patches", mistake="how many are missing, not the rank")
def rank_of_patches(x, k):
    return k * k - int(torch.linalg.matrix_rank(F.unfold(x[None, None].double(), k)[0]))


@attempt("rank_of_patches", mistake="shape, not rank: how many columns the matrix has")
def rank_of_patches(x, k):
    return min(F.unfold(x[None, None].float(), k)[0].shape)


# ---- good_rate


@attempt("good_rate", right=True)
def good_rate(x, k):
    return 1 / (k**2 * (x**2).mean())


@attempt("good_rate", right=True)
def good_rate(x, k):
    A = F.unfold(x[None, None].double(), k)[0]
    largest = torch.linalg.eigvalsh(2 * A @ A.T / A.shape[1])[-1]
    return 1.8 / float(largest)


@attempt("good_rate", right=True)
def good_rate(x, k):
    # power iteration: the direction in which the loss is steepest
    A = F.unfold(x[None, None].double(), k)[0].T
    v = torch.ones(k * k, dtype=torch.float64)
    for _ in range(100):
        v = A.T @ (A @ v)
        v = v / v.norm()
    curvature = 2 * (A @ v).pow(2).mean()
    return (1 / curvature).item()


@attempt("good_rate", mistake="a fixed number from a tutorial")
def good_rate(x, k):
    return 0.01


@attempt("good_rate", mistake="a fixed number that is too large for most pictures", listed=True)
def good_rate(x, k):
    return 1.0


@attempt("good_rate", mistake="the lesson's number for its own centred picture, kept for all", listed=True)
def good_rate(x, k):
    return 3.6


@attempt("good_rate", mistake="kernel's size left out: diverges", listed=True)
def good_rate(x, k):
    return 1 / (x**2).mean()


@attempt("good_rate", mistake="k for k squared: diverges", listed=True)
def good_rate(x, k):
    return 1 / (k * (x**2).mean())


@attempt("good_rate", mistake="picture left out")
def good_rate(x, k):
    return 1 / k**2


@attempt("good_rate", mistake="twice what is stable", listed=True)
def good_rate(x, k):
    return 2 / (k**2 * (x**2).mean())


@attempt("good_rate", mistake="2 over the largest eigenvalue of A A^T / N: the loss curves twice as much", listed=True)
def good_rate(x, k):
    A = F.unfold(x[None, None].double(), k)[0]
    return float(2 / torch.linalg.eigvalsh(A @ A.T / A.shape[1])[-1])


@attempt("good_rate", mistake="square of the mean for mean of the squares, with twice the step", listed=True)
def good_rate(x, k):
    return 2 / (k * x.mean()) ** 2


@attempt("good_rate", mistake="variance for mean square: forgets the mean brightness", listed=True)
def good_rate(x, k):
    return 1 / (k**2 * x.var())


@attempt("good_rate", mistake="sum for mean: far too timid")
def good_rate(x, k):
    return 1 / (k**2 * (x**2).sum())


@attempt("good_rate", mistake="upside down")
def good_rate(x, k):
    return k**2 * (x**2).mean()


@attempt("good_rate", mistake="ten times too timid, to be on the safe side")
def good_rate(x, k):
    return 0.1 / (k**2 * (x**2).mean())


@attempt("good_rate", mistake="smallest eigenvalue for the largest", listed=True)
def good_rate(x, k):
    A = F.unfold(x[None, None].double(), k)[0]
    return float(2 / torch.linalg.eigvalsh(2 * A @ A.T / A.shape[1])[0])


@attempt("good_rate", mistake="square root of the rule")
def good_rate(x, k):
    return 1 / (k * math.sqrt(float((x**2).mean())))


@attempt("good_rate", mistake="precedence: divided by k squared, then times the mean")
def good_rate(x, k):
    return 1 / k**2 * (x**2).mean()
