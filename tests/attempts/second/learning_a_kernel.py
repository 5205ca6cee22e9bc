"""Lesson 7, learning a kernel: the second bank."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.transforms.functional import gaussian_blur

from tests.attempts import attempt

# ---- high_pass_target


@attempt("high_pass_target", name="blur_returned")
def high_pass_target(image):
    blurred = gaussian_blur(image.unsqueeze(0), 7, 4.0)
    return blurred.squeeze(0)


@attempt("high_pass_target", name="sign_turned")
def high_pass_target(image):
    blurred = gaussian_blur(image[None], [7, 7], [4.0, 4.0])[0]
    return blurred - image


@attempt("high_pass_target", name="sigma_left_at_default")
def high_pass_target(image):
    return image - gaussian_blur(image[None], kernel_size=7)[0]


@attempt("high_pass_target", name="channel_axis_kept")
def high_pass_target(image):
    image = image[None]
    return image - gaussian_blur(image, 7, 4.0)


@attempt("high_pass_target", name="border_mismatch")
def high_pass_target(image):
    d = torch.arange(-3.0, 4)
    g = torch.exp(-(d**2) / 32)
    k = torch.outer(g, g)
    k = k / k.sum()
    blurred = F.conv2d(image[None, None], k[None, None], padding=3)[0, 0]
    return image - blurred


@attempt("high_pass_target", name="negatives_cut_off")
def high_pass_target(image):
    detail = image - gaussian_blur(image[None], 7, 4.0)[0]
    return detail.clamp(0, 1)


@attempt("high_pass_target", right=True)
def high_pass_target(image):
    d = torch.arange(-3.0, 4)
    g = torch.softmax(-(d**2) / 32, 0)
    p = F.pad(image[None, None], (3, 3, 3, 3), mode="reflect")
    return image - F.conv2d(F.conv2d(p, g.reshape(1, 1, 7, 1)), g.reshape(1, 1, 1, 7))[0, 0]


# ---- mse


@attempt("mse", name="broadcast_silently")
def mse(prediction, target):
    error = prediction - target
    squared = error * error
    return squared.mean()


@attempt("mse", name="another_error_raised")
def mse(prediction, target):
    assert prediction.shape == target.shape, "different shapes"
    return ((prediction - target) ** 2).mean()


@attempt("mse", name="error_returned")
def mse(prediction, target):
    if prediction.shape != target.shape:
        return ValueError("shapes differ")
    return torch.mean((prediction - target) ** 2)


@attempt("mse", name="sum_not_mean")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError(f"{prediction.shape} and {target.shape}")
    return torch.sum(torch.square(prediction - target))


@attempt("mse", name="mean_before_square")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError
    mean_error = torch.mean(prediction - target)
    return mean_error**2


@attempt("mse", name="absolute_error")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("no")
    return F.l1_loss(prediction, target)


@attempt("mse", name="gradients_cut")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("no")
    return torch.tensor(((prediction - target) ** 2).mean().item())


@attempt("mse", right=True)
def mse(prediction, target):
    if list(prediction.size()) != list(target.size()):
        raise ValueError("give me equal shapes")
    d = (prediction - target).reshape(-1)
    return d @ d / d.numel()


# ---- numerical_gradient


@attempt("numerical_gradient", name="one_sided")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    base = f(w)
    for i in range(w.numel()):
        moved = w.clone()
        moved.view(-1)[i] += eps
        grad.view(-1)[i] = (f(moved) - base) / eps
    return grad


@attempt("numerical_gradient", name="divided_by_one_step")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    for i in range(w.numel()):
        up, down = w.clone().flatten(), w.clone().flatten()
        up[i] += eps
        down[i] -= eps
        grad.view(-1)[i] = (f(up.reshape(w.shape)) - f(down.reshape(w.shape))) / eps
    return grad


@attempt("numerical_gradient", name="all_nudged_at_once")
def numerical_gradient(f, w, eps=1e-3):
    slope = (f(w + eps) - f(w - eps)) / (2 * eps)
    return torch.full_like(w, float(slope))


@attempt("numerical_gradient", name="multiplied_back")
def numerical_gradient(f, w, eps=1e-3):
    grad = torch.zeros_like(w)
    flat = grad.view(-1)
    for i in range(w.numel()):
        nudge = torch.zeros(w.numel())
        nudge[i] = eps
        nudge = nudge.reshape(w.shape)
        flat[i] = (f(w + nudge) - f(w - nudge)) / 2 * eps
    return grad


@attempt("numerical_gradient", name="nudge_left_in")
def numerical_gradient(f, w, eps=1e-3):
    w = w.clone()
    grad = torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += eps
        up = f(w)
        w.view(-1)[i] -= 2 * eps
        down = f(w)
        grad.view(-1)[i] = (up - down) / (2 * eps)
    return grad


@attempt("numerical_gradient", name="flattened")
def numerical_gradient(f, w, eps=1e-3):
    slopes = []
    for i in range(w.numel()):
        up, down = w.clone(), w.clone()
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        slopes.append(float(f(up) - f(down)) / (2 * eps))
    return torch.tensor(slopes)


@attempt("numerical_gradient", right=True)
def numerical_gradient(f, w, eps=1e-3):
    g = torch.empty_like(w)
    for place in np.ndindex(*w.shape):
        step = torch.zeros_like(w)
        step[place] = eps
        g[place] = (float(f(w + step)) - float(f(w - step))) / (2 * eps)
    return g


# ---- train_kernel


@attempt("train_kernel", name="gradients_kept")
def train_kernel(x, target, kernel_size, steps, lr):
    m = (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr=lr)
    losses = []
    for step in range(steps):
        y = F.conv2d(x[None, None], w[None, None])[0, 0]
        loss = ((y - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="uphill")
def train_kernel(x, target, kernel_size, steps, lr):
    m = (kernel_size - 1) // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    losses = []
    for step in range(steps):
        y = F.conv2d(x[None, None], w[None, None])[0, 0]
        loss = ((y - t) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w += lr * w.grad
            w.grad.zero_()
    return w.detach(), losses


@attempt("train_kernel", name="graph_kept")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(loss)
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="kernel_kept_attached")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros((kernel_size, kernel_size)).requires_grad_()
    losses = []
    for step in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(float(loss))
        loss.backward()
        w.data -= lr * w.grad
        w.grad = None
    return w, losses


@attempt("train_kernel", name="sum_not_mean")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t, reduction="sum")
        losses.append(loss.item())
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="border_mismatch")
def train_kernel(x, target, kernel_size, steps, lr):
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        y = F.conv2d(x[None, None], w[None, None], padding=kernel_size // 2)[0, 0]
        loss = ((y - target) ** 2).mean()
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="border_mismatch")
def train_kernel(x, target, kernel_size, steps, lr):
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        y = F.conv2d(x[None, None], w[None, None])[0, 0]
        loss = ((y - target[: y.shape[0], : y.shape[1]]) ** 2).mean()
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="loss_after_step")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        loss.backward()
        opt.step()
        losses.append(F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t).item())
    return w.detach(), losses


@attempt("train_kernel", name="started_elsewhere")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    torch.manual_seed(1)
    w = torch.randn(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.SGD([w], lr)
    losses = []
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(loss.item())
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", name="losses_first")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    losses = []
    for step in range(steps):
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(loss.item())
        (g,) = torch.autograd.grad(loss, w)
        w = (w - lr * g).detach().requires_grad_()
    return losses, w.detach()


@attempt("train_kernel", name="last_loss_only")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    for step in range(steps):
        losses = []
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(loss.item())
        (g,) = torch.autograd.grad(loss, w)
        w = (w - lr * g).detach().requires_grad_()
    return w.detach(), losses


@attempt("train_kernel", name="another_optimizer")
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    w = torch.zeros(kernel_size, kernel_size, requires_grad=True)
    opt = torch.optim.Adam([w], lr=lr)
    losses = []
    for step in range(steps):
        opt.zero_grad()
        loss = F.mse_loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        losses.append(loss.item())
        loss.backward()
        opt.step()
    return w.detach(), losses


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    A = F.unfold(x[None, None], kernel_size)[0].T
    b = t.reshape(-1)
    w = torch.zeros(kernel_size**2)
    losses = []
    for _ in range(steps):
        r = A @ w - b
        losses.append((r @ r / len(r)).item())
        w = w - lr * 2 * A.T @ r / len(r)
    return w.reshape(kernel_size, kernel_size), losses


@attempt("train_kernel", right=True)
def train_kernel(x, target, kernel_size, steps, lr):
    m = kernel_size // 2
    layer = nn.Conv2d(1, 1, kernel_size, bias=False)
    nn.init.zeros_(layer.weight)
    opt = torch.optim.SGD(layer.parameters(), lr=lr)
    t = F.pad(target, (-m,) * 4)[None, None]
    losses = []
    for _ in range(steps):
        loss = nn.MSELoss()(layer(x[None, None]), t)
        losses.append(loss.item())
        opt.zero_grad()
        loss.backward()
        opt.step()
    return layer.weight.detach()[0, 0], losses


# ---- least_squares_kernel


@attempt("least_squares_kernel", name="border_mismatch")
def least_squares_kernel(x, target, kernel_size):
    A = F.unfold(x[None, None], kernel_size, padding=kernel_size // 2)[0].T
    b = target.reshape(-1, 1)
    return torch.linalg.lstsq(A, b).solution.reshape(kernel_size, kernel_size)


@attempt("least_squares_kernel", name="border_mismatch")
def least_squares_kernel(x, target, kernel_size):
    A = F.unfold(x[None, None], kernel_size)[0].T
    h, w = x.shape[0] - kernel_size + 1, x.shape[1] - kernel_size + 1
    b = target[:h, :w].reshape(-1, 1)
    return torch.linalg.lstsq(A, b).solution.reshape(kernel_size, kernel_size)


@attempt("least_squares_kernel", name="flattened")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    A = F.unfold(x[None, None], kernel_size)[0].T
    b = target[m:-m, m:-m].reshape(-1, 1) if m else target.reshape(-1, 1)
    return torch.linalg.lstsq(A, b).solution


@attempt("least_squares_kernel", name="correlation_not_solved")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    A = F.unfold(x[None, None], kernel_size)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1)
    return (A.T @ b).reshape(kernel_size, kernel_size)


@attempt("least_squares_kernel", name="kernel_flipped")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    A = F.unfold(x[None, None], kernel_size)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].reshape(-1)
    w = torch.linalg.solve(A.T @ A, A.T @ b).reshape(kernel_size, kernel_size)
    return torch.rot90(w, 2)


@attempt("least_squares_kernel", right=True)
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    A = F.unfold(x[None, None].double(), kernel_size)[0].T
    b = target[m : x.shape[0] - m, m : x.shape[1] - m].double().reshape(-1, 1)
    return (torch.linalg.pinv(A) @ b).reshape(kernel_size, kernel_size)


# ---- good_rate


@attempt("good_rate", name="twice_the_limit")
def good_rate(x, k):
    return 2 / (k * k * (x * x).mean()).item()


@attempt("good_rate", name="kernel_side_not_squared")
def good_rate(x, k):
    return 1 / (k * torch.mean(x**2))


@attempt("good_rate", name="mean_before_square")
def good_rate(x, k):
    m = x.mean()
    return 1 / (k**2 * m**2)


@attempt("good_rate", name="one_rate_for_all")
def good_rate(x, k):
    return 0.01


@attempt("good_rate", name="pixels_summed")
def good_rate(x, k):
    return 1 / (k**2 * (x**2).sum())


@attempt("good_rate", right=True)
def good_rate(x, k):
    A = F.unfold(x[None, None], k)[0].T
    return 1 / (A**2).sum(1).mean().item()


# ---- learn_high_pass


@attempt("learn_high_pass", name="mean_not_subtracted")
def learn_high_pass(image, kernel_size, steps):
    kernel, losses = train_kernel(image, high_pass_target(image), kernel_size, steps, good_rate(image, kernel_size))
    return kernel


@attempt("learn_high_pass", name="rate_of_the_bright_picture")
def learn_high_pass(image, kernel_size, steps):
    lr = good_rate(image, kernel_size)
    kernel, losses = train_kernel(image - image.mean(), high_pass_target(image), kernel_size, steps, lr)
    return kernel


@attempt("learn_high_pass", name="losses_returned_too")
def learn_high_pass(image, kernel_size, steps):
    c = image - torch.mean(image)
    return train_kernel(c, high_pass_target(image), kernel_size, steps, good_rate(c, kernel_size))


# ---- rank_of_patches


@attempt("rank_of_patches", name="rank_of_the_picture")
def rank_of_patches(x, k):
    return torch.linalg.matrix_rank(x).item()


@attempt("rank_of_patches", name="patches_counted")
def rank_of_patches(x, k):
    A = F.unfold(x[None, None], k)[0].T
    return A.shape[0]


@attempt("rank_of_patches", name="full_rank_assumed")
def rank_of_patches(x, k):
    return k**2


@attempt("rank_of_patches", name="determined_or_not")
def rank_of_patches(x, k):
    A = F.unfold(x[None, None].float(), k)[0].T
    return bool(torch.linalg.matrix_rank(A) == k * k)


@attempt("rank_of_patches", name="border_mismatch")
def rank_of_patches(x, k):
    A = F.unfold(x[None, None].float(), k, padding=k // 2)[0].T
    return int(torch.linalg.matrix_rank(A))


@attempt("rank_of_patches", name="different_patches_counted")
def rank_of_patches(x, k):
    A = F.unfold(x[None, None].float(), k)[0].T
    return len(set(tuple(row.tolist()) for row in A))


@attempt("rank_of_patches", right=True)
def rank_of_patches(x, k):
    v = np.lib.stride_tricks.sliding_window_view(np.asarray(x, dtype=float), (k, k)).reshape(-1, k * k)
    return np.linalg.matrix_rank(v)


# ---- a third day


@attempt("high_pass_target", name="sign_lost")
def high_pass_target(image):
    return torch.abs(image - gaussian_blur(image[None], 7, 4.0)[0])


@attempt("high_pass_target", name="grey_added")
def high_pass_target(image):
    return image - gaussian_blur(image[None], 7, 4.0)[0] + 0.5


@attempt("high_pass_target", mistake="squared differences")
def high_pass_target(image):
    return (image - gaussian_blur(image[None], 7, 4.0)[0]) ** 2


@attempt("high_pass_target", name="side_and_sigma_mixed_up")
def high_pass_target(image):
    return image - gaussian_blur(image[None], 7, 7.0)[0]


@attempt("high_pass_target", name="sign_turned")
def high_pass_target(image):
    return gaussian_blur(image.unsqueeze(0), 7, 4.0).squeeze(0) - image


@attempt("high_pass_target", mistake="the mean taken away, not the blur")
def high_pass_target(image):
    return image - image.mean()


@attempt("high_pass_target", mistake="divided by the blur")
def high_pass_target(image):
    return image / gaussian_blur(image[None], 7, 4.0)[0]


@attempt("high_pass_target", mistake="stretched to 0 … 1")
def high_pass_target(image):
    d = image - gaussian_blur(image[None], 7, 4.0)[0]
    return (d - d.min()) / (d.max() - d.min())


@attempt("high_pass_target", name="negatives_cut_off")
def high_pass_target(image):
    return F.relu(image - gaussian_blur(image[None], 7, 4.0)[0])


@attempt("high_pass_target", mistake="no channel axis given")
def high_pass_target(image):
    return image - gaussian_blur(image, 7, 4.0)


@attempt("mse", name="entries_counted_only")
def mse(prediction, target):
    if prediction.numel() != target.numel():
        raise ValueError("not as many")
    return ((prediction.flatten() - target.flatten()) ** 2).mean()


@attempt("mse", name="broadcast_silently")
def mse(prediction, target):
    return torch.mean((prediction - target) ** 2)


@attempt("mse", name="broadcast_silently")
def mse(prediction, target):
    if len(prediction.shape) != len(target.shape):
        raise ValueError
    return ((prediction - target) ** 2).mean()


@attempt("mse", name="error_returned")
def mse(prediction, target):
    if prediction.shape != target.shape:
        print("ValueError: shapes differ")
        return None
    return ((prediction - target) ** 2).mean()


@attempt("mse", name="sum_not_mean")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return ((prediction - target) ** 2).sum()


@attempt("mse", mistake="divided by the first side")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return ((prediction - target) ** 2).sum() / len(prediction)


@attempt("mse", name="gradients_cut")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return float(((prediction - target) ** 2).mean())


@attempt("mse", name="square_root_taken")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return ((prediction - target) ** 2).mean() ** 0.5


@attempt("mse", name="another_error_raised")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise TypeError("shapes")
    return ((prediction - target) ** 2).mean()


@attempt("mse", mistake="squares subtracted")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return (prediction**2 - target**2).mean()


def _central(f, w, eps, scale=2.0):
    g = torch.zeros_like(w)
    flat = g.view(-1)
    for i in range(w.numel()):
        up, down = w.clone(), w.clone()
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        flat[i] = (f(up) - f(down)) / (scale * eps)
    return g


@attempt("numerical_gradient", name="divided_by_one_step")
def numerical_gradient(f, w, eps=1e-3):
    return _central(f, w, eps, 1.0)


@attempt("numerical_gradient", name="multiplied_back")
def numerical_gradient(f, w, eps=1e-3):
    g = torch.zeros_like(w)
    for i in range(w.numel()):
        up, down = w.clone(), w.clone()
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        g.view(-1)[i] = (f(up) - f(down)) / 2 * eps
    return g


@attempt("numerical_gradient", name="one_sided")
def numerical_gradient(f, w, eps=1e-3):
    g = torch.zeros_like(w)
    for i in range(w.numel()):
        up = w.clone()
        up.view(-1)[i] += eps
        g.view(-1)[i] = (f(up) - f(w)) / eps
    return g


@attempt("numerical_gradient", mistake="clone forgotten: nothing differs")
def numerical_gradient(f, w, eps=1e-3):
    w, g = w.clone(), torch.zeros_like(w)
    for i in range(w.numel()):
        up, down = w, w
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        g.view(-1)[i] = (f(up) - f(down)) / (2 * eps)
    return g


@attempt("numerical_gradient", name="all_nudged_at_once")
def numerical_gradient(f, w, eps=1e-3):
    return (f(w + eps) - f(w - eps)) / (2 * eps)


@attempt("numerical_gradient", name="flattened")
def numerical_gradient(f, w, eps=1e-3):
    return _central(f, w, eps).flatten()


@attempt("numerical_gradient", name="eps_ignored")
def numerical_gradient(f, w, eps=1e-3):
    v = w.clone().requires_grad_()
    f(v).backward()
    return v.grad


@attempt("numerical_gradient", mistake="in the caller's own tensor")
def numerical_gradient(f, w, eps=1e-3):
    g = torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += eps
        up = f(w)
        w.view(-1)[i] -= 2 * eps
        g.view(-1)[i] = (up - f(w)) / (2 * eps)
    return g


@attempt("numerical_gradient", mistake="returns within the loop")
def numerical_gradient(f, w, eps=1e-3):
    g = torch.zeros_like(w)
    for i in range(w.numel()):
        up, down = w.clone(), w.clone()
        up.view(-1)[i] += eps
        down.view(-1)[i] -= eps
        g.view(-1)[i] = (f(up) - f(down)) / (2 * eps)
        return g


def _train(x, target, k, steps, lr, *, start=None, margin=None, forget=True, rate=-1, loss=F.mse_loss, detach=True):
    w = torch.zeros(k, k) if start is None else start
    w.requires_grad_()
    m = k // 2 if margin is None else margin
    t = target[m : target.shape[0] - m, m : target.shape[1] - m]
    losses = []
    for _ in range(steps):
        if forget:
            w.grad = None
        now = loss(F.conv2d(x[None, None], w[None, None])[0, 0], t)
        now.backward()
        losses.append(now.item())
        with torch.no_grad():
            w += rate * lr * w.grad
    return (w.detach() if detach else w), losses


@attempt("train_kernel", name="gradients_kept")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, forget=False)


@attempt("train_kernel", name="uphill")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, rate=1)


@attempt("train_kernel", name="size_ignored")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, 3, steps, lr)


@attempt("train_kernel", name="target_not_cropped")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, margin=1)


@attempt("train_kernel", name="started_elsewhere")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, start=torch.ones(kernel_size, kernel_size))


@attempt("train_kernel", name="sum_not_mean")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, loss=lambda p, t: ((p - t) ** 2).sum())


@attempt("train_kernel", name="absolute_error")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, loss=lambda p, t: (p - t).abs().mean())


@attempt("train_kernel", name="kernel_kept_attached")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr, detach=False)


@attempt("train_kernel", name="last_loss_only")
def train_kernel(x, target, kernel_size, steps, lr):
    w, losses = _train(x, target, kernel_size, steps, lr)
    return w, losses[-1]


@attempt("train_kernel", name="losses_forgotten")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, steps, lr)[0]


@attempt("train_kernel", mistake="a fixed number of steps")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, 100, lr)


@attempt("train_kernel", mistake="returns within the loop")
def train_kernel(x, target, kernel_size, steps, lr):
    return _train(x, target, kernel_size, 1, lr)


@attempt("train_kernel", name="four_axes_kept")
def train_kernel(x, target, kernel_size, steps, lr):
    w, losses = _train(x, target, kernel_size, steps, lr)
    return w.reshape(1, 1, kernel_size, kernel_size), losses


@attempt("train_kernel", mistake="three things returned")
def train_kernel(x, target, kernel_size, steps, lr):
    w, losses = _train(x, target, kernel_size, steps, lr)
    return w, losses, losses[-1]


def _solve(x, target, k):
    rows = F.unfold(x[None, None].double(), k)[0].T
    m = k // 2
    wanted = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1, 1).double()
    return torch.linalg.lstsq(rows, wanted).solution.reshape(k, k)


@attempt("least_squares_kernel", name="mean_subtracted")
def least_squares_kernel(x, target, kernel_size):
    return _solve(x - x.mean(), target, kernel_size)


@attempt("least_squares_kernel", mistake="means of picture and target subtracted")
def least_squares_kernel(x, target, kernel_size):
    return _solve(x - x.mean(), target - target.mean(), kernel_size)


@attempt("least_squares_kernel", name="flattened")
def least_squares_kernel(x, target, kernel_size):
    return _solve(x, target, kernel_size).flatten()


@attempt("least_squares_kernel", name="size_ignored")
def least_squares_kernel(x, target, kernel_size):
    return _solve(x, target, 3)


@attempt("least_squares_kernel", name="picture_and_target_swapped")
def least_squares_kernel(x, target, kernel_size):
    return _solve(target, x, kernel_size)


@attempt("least_squares_kernel", name="kernel_flipped")
def least_squares_kernel(x, target, kernel_size):
    return _solve(x, target, kernel_size).flip(0, 1)


@attempt("least_squares_kernel", mistake="the whole result of lstsq")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    wanted = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1, 1)
    return torch.linalg.lstsq(F.unfold(x[None, None], kernel_size)[0].T, wanted)


@attempt("least_squares_kernel", mistake="unfold not transposed")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    wanted = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1, 1)
    return torch.linalg.lstsq(F.unfold(x[None, None], kernel_size)[0], wanted).solution


@attempt("least_squares_kernel", name="correlation_not_solved")
def least_squares_kernel(x, target, kernel_size):
    m = kernel_size // 2
    wanted = target[m : target.shape[0] - m, m : target.shape[1] - m].reshape(-1)
    return (F.unfold(x[None, None], kernel_size)[0] @ wanted).reshape(kernel_size, kernel_size)


@attempt("good_rate", name="twice_the_limit")
def good_rate(x, k):
    return 2 / (k**2 * (x * x).mean())


@attempt("good_rate", name="one_rate_for_all")
def good_rate(x, k):
    return 0.01


@attempt("good_rate", name="kernel_side_not_squared")
def good_rate(x, k):
    return 1 / (k * (x * x).mean())


@attempt("good_rate", name="mean_before_square")
def good_rate(x, k):
    return 1 / (k**2 * x.mean() ** 2)


@attempt("good_rate", name="pixels_summed")
def good_rate(x, k):
    return 1 / (k**2 * (x * x).sum())


@attempt("good_rate", name="upside_down")
def good_rate(x, k):
    return k**2 * (x * x).mean()


@attempt("good_rate", name="spread_not_energy")
def good_rate(x, k):
    return 1 / (k**2 * x.var())


@attempt("good_rate", mistake="^ for a power")
def good_rate(x, k):
    return 1 / ((k ^ 2) * (x * x).mean())


@attempt("good_rate", mistake="a negative rate")
def good_rate(x, k):
    return -1 / (k**2 * (x * x).mean())


@attempt("good_rate", mistake="the largest pixel, not squared")
def good_rate(x, k):
    return 1 / (k**2 * x.max())


def _rate(x, k):
    return float(1 / (k**2 * (x**2).mean()))


def _detail(image):
    return image - gaussian_blur(image[None], 7, 4.0)[0]


@attempt("learn_high_pass", name="steps_ignored")
def learn_high_pass(image, kernel_size, steps):
    return _solve(image - image.mean(), _detail(image), kernel_size).float()


@attempt("learn_high_pass", name="steps_ignored")
def learn_high_pass(image, kernel_size, steps):
    x = image - image.mean()
    return _train(x, _detail(image), kernel_size, 200, _rate(x, kernel_size))[0]


@attempt("learn_high_pass", mistake="steps added up: 100 more")
def learn_high_pass(image, kernel_size, steps):
    x = image - image.mean()
    return _train(x, _detail(image), kernel_size, steps + 100, _rate(x, kernel_size))[0]


@attempt("learn_high_pass", name="mean_not_subtracted")
def learn_high_pass(image, kernel_size, steps):
    return _train(image, _detail(image), kernel_size, steps, _rate(image, kernel_size))[0]


@attempt("learn_high_pass", name="rate_of_the_bright_picture")
def learn_high_pass(image, kernel_size, steps):
    return _train(image - image.mean(), _detail(image), kernel_size, steps, _rate(image, kernel_size))[0]


@attempt("learn_high_pass", name="losses_returned_too")
def learn_high_pass(image, kernel_size, steps):
    x = image - image.mean()
    return _train(x, _detail(image), kernel_size, steps, _rate(x, kernel_size))


@attempt("learn_high_pass", mistake="a rate of 0.1")
def learn_high_pass(image, kernel_size, steps):
    return _train(image - image.mean(), _detail(image), kernel_size, steps, 0.1)[0]


@attempt("learn_high_pass", name="trained_on_itself")
def learn_high_pass(image, kernel_size, steps):
    x = image - image.mean()
    return _train(x, x, kernel_size, steps, _rate(x, kernel_size))[0]


@attempt("learn_high_pass", right=True)
def learn_high_pass(image, kernel_size, steps):
    x = image - image.mean()
    return _train(x, _detail(x), kernel_size, steps, 1.3 * _rate(x, kernel_size))[0].numpy()


@attempt("rank_of_patches", name="rank_of_the_picture")
def rank_of_patches(x, k):
    return torch.linalg.matrix_rank(x).item()


@attempt("rank_of_patches", name="patches_counted")
def rank_of_patches(x, k):
    return F.unfold(x[None, None], k).shape[-1]


@attempt("rank_of_patches", name="full_rank_assumed")
def rank_of_patches(x, k):
    return k**2


@attempt("rank_of_patches", name="missing_counted")
def rank_of_patches(x, k):
    return k**2 - int(torch.linalg.matrix_rank(F.unfold(x[None, None], k)[0].T))


@attempt("rank_of_patches", name="different_patches_counted")
def rank_of_patches(x, k):
    return len({tuple(p.tolist()) for p in F.unfold(x[None, None], k)[0].T})


@attempt("rank_of_patches", name="mean_subtracted")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold((x - x.mean())[None, None], k)[0].T.double(), tol=1e-4))


@attempt("rank_of_patches", name="determined_or_not")
def rank_of_patches(x, k):
    return bool(torch.linalg.matrix_rank(F.unfold(x[None, None], k)[0]) == k * k)


@attempt("rank_of_patches", mistake="ranks of all patches added up")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None], k)[0].T.reshape(-1, k, k)).sum())


@attempt("rank_of_patches", mistake="entries that are not zero")
def rank_of_patches(x, k):
    return int((F.unfold(x[None, None], k)[0] != 0).sum())


@attempt("rank_of_patches", name="border_mismatch")
def rank_of_patches(x, k):
    return int(torch.linalg.matrix_rank(F.unfold(x[None, None], k, padding=1)[0]))


# ---- what a bank of 30 November found, which nobody had seen


class Shapes(ValueError):
    """A learner's own kind of ValueError."""


@attempt("mse", right=True)
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise Shapes("nope")
    return torch.linalg.vector_norm(prediction - target).square().div(prediction.numel())


@attempt("mse", name="gradients_cut")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    return torch.tensor(((prediction - target) ** 2).mean().item(), requires_grad=True)


@attempt("mse", name="gradients_cut")
def mse(prediction, target):
    if prediction.shape != target.shape:
        raise ValueError("shapes")
    p = prediction.clone().detach().requires_grad_(True)
    return ((p - target) ** 2).mean()


@attempt("good_rate", mistake="the brightest pixel counts")
def good_rate(x, k):
    return float(1 / (k**2 * x.abs().max() ** 2))


@attempt("good_rate", mistake="the median of the squares")
def good_rate(x, k):
    return float(1 / (k**2 * (x**2).median()))


@attempt("good_rate", mistake="25 weights, whatever k is")
def good_rate(x, k):
    return float(1 / (25 * (x**2).mean()))


@attempt("good_rate", name="too_timid")
def good_rate(x, k):
    return min(1.0, float(1 / (k**2 * (x**2).mean())))
