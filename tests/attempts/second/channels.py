"""Lesson 4, channels: the second bank."""

import torch
import torch.nn.functional as F

from tests.attempts import attempt, attempt_value

torch.manual_seed(4)  # as in the lesson


# ---- corr2d_multi_in


@attempt("corr2d_multi_in", name="channels_not_summed")
def corr2d_multi_in(x, kernel):
    C, H, W = x.shape
    _, kH, kW = kernel.shape
    out = torch.zeros(C, H - kH + 1, W - kW + 1)
    for ch in range(C):
        for r in range(H - kH + 1):
            for c in range(W - kW + 1):
                out[ch, r, c] = (x[ch, r : r + kH, c : c + kW] * kernel[ch]).sum()
    return out


@attempt("corr2d_multi_in", name="channels_averaged")
def corr2d_multi_in(x, kernel):
    C, H, W = x.shape
    kH, kW = kernel.shape[1:]
    out = torch.zeros(H - kH + 1, W - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for ch in range(C):
                out[r, c] += (x[ch, r : r + kH, c : c + kW] * kernel[ch]).sum() / C
    return out


@attempt("corr2d_multi_in", name="overwritten_not_added")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for ch in range(C):
        for r in range(out.shape[0]):
            for c in range(out.shape[1]):
                out[r, c] = torch.sum(x[ch, r : r + kH, c : c + kW] * kernel[ch])
    return out


@attempt("corr2d_multi_in", name="first_channel_only")
def corr2d_multi_in(x, kernel):
    x, kernel = x[0], kernel[0]
    kH, kW = kernel.shape
    return torch.stack(
        [
            torch.stack([(x[r : r + kH, c : c + kW] * kernel).sum() for c in range(x.shape[1] - kW + 1)])
            for r in range(x.shape[0] - kH + 1)
        ]
    )


@attempt("corr2d_multi_in", name="size_from_channel_axis")
def corr2d_multi_in(x, kernel):
    kh, kw = kernel.shape[0], kernel.shape[1]
    out = torch.zeros(x.shape[1] - kh + 1, x.shape[2] - kw + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kh, c : c + kw] * kernel).sum()
    return out


@attempt("corr2d_multi_in", name="channel_axis_sliced")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", name="kernel_flipped")
def corr2d_multi_in(x, kernel):
    kernel = kernel.flip([1, 2])
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel).sum()
    return out


@attempt("corr2d_multi_in", name="first_kernel_for_all")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    out = torch.zeros(x.shape[1] - kH + 1, x.shape[2] - kW + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[:, r : r + kH, c : c + kW] * kernel[0]).sum()
    return out


@attempt("corr2d_multi_in", name="last_missed")
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    rows = []
    for r in range(x.shape[1] - kH):
        rows.append([float((x[:, r : r + kH, c : c + kW] * kernel).sum()) for c in range(x.shape[2] - kW)])
    return torch.tensor(rows)


@attempt("corr2d_multi_in", mistake="unfold, which this one may not use", forbidden=True)
def corr2d_multi_in(x, kernel):
    C, kH, kW = kernel.shape
    win = x.float().unfold(1, kH, 1).unfold(2, kW, 1)
    return torch.einsum("crsij,cij->rs", win, kernel.float())


# ---- corr2d_multi_in_out


@attempt("corr2d_multi_in_out", name="bias_forgotten")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    win = x.unfold(1, kH, 1).unfold(2, kW, 1)
    return torch.einsum("crsij,ocij->ors", win, weight)


@attempt("corr2d_multi_in_out", name="bias_per_channel")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(O, H, W)
    for o in range(O):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    out[o, i, j] += (x[c, i : i + kH, j : j + kW] * weight[o, c]).sum()
            if bias is not None:
                out[o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", name="no_bias_not_handled")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(O, H, W)
    for o in range(O):
        for i in range(H):
            for j in range(W):
                out[o, i, j] = (x[:, i : i + kH, j : j + kW] * weight[o]).sum() + bias[o]
    return out


@attempt("corr2d_multi_in_out", name="truth_of_a_tensor")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(O, H, W)
    for o in range(O):
        for i in range(H):
            for j in range(W):
                out[o, i, j] = (x[:, i : i + kH, j : j + kW] * weight[o]).sum()
    if bias:
        out += bias[:, None, None]
    return out


@attempt("corr2d_multi_in_out", name="broadcast_silently")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    maps = []
    for f in weight:
        maps.append(
            torch.tensor([[float((x[:, i : i + kH, j : j + kW] * f).sum()) for j in range(W)] for i in range(H)])
        )
    out = torch.stack(maps)
    if bias is not None:
        out = out + bias
    return out


@attempt("corr2d_multi_in_out", name="weight_axes_swapped")
def corr2d_multi_in_out(x, weight, bias=None):
    C, O, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(O, H, W)
    for o in range(O):
        for i in range(H):
            for j in range(W):
                out[o, i, j] = (x[:, i : i + kH, j : j + kW] * weight[:, o]).sum()
        if bias is not None:
            out[o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", name="outputs_added_up")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(H, W)
    for o in range(O):
        for i in range(H):
            for j in range(W):
                out[i, j] += (x[:, i : i + kH, j : j + kW] * weight[o]).sum()
        if bias is not None:
            out += bias[o]
    return out


@attempt("corr2d_multi_in_out", name="channels_last")
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(H, W, O)
    for i in range(H):
        for j in range(W):
            for o in range(O):
                out[i, j, o] = (x[:, i : i + kH, j : j + kW] * weight[o]).sum()
                if bias is not None:
                    out[i, j, o] += bias[o]
    return out


@attempt("corr2d_multi_in_out", right=True)
def corr2d_multi_in_out(x, weight, bias=None):
    O, C, kH, kW = weight.shape
    H, W = x.shape[1] - kH + 1, x.shape[2] - kW + 1
    out = torch.zeros(O, H, W) if bias is None else bias.reshape(-1, 1, 1).expand(O, H, W).clone().float()
    for i in range(kH):
        for j in range(kW):
            out += torch.tensordot(weight[:, :, i, j].float(), x[:, i : i + H, j : j + W].float(), dims=1)
    return out


# ---- conv_batch


@attempt("conv_batch", name="first_image_only")
def conv_batch(images, weight, bias=None):
    return F.conv2d(images[0:1], weight, bias)


@attempt("conv_batch", name="concatenated_not_stacked")
def conv_batch(images, weight, bias=None):
    return torch.cat([F.conv2d(image[None], weight, bias)[0] for image in images])


@attempt("conv_batch", name="bias_forgotten")
def conv_batch(images, weight, bias=None):
    results = [F.conv2d(image.unsqueeze(0), weight).squeeze(0) for image in images]
    return torch.stack(results)


@attempt("conv_batch", name="same_padding_for_valid")
def conv_batch(images, weight, bias=None):
    return F.conv2d(images, weight, bias, padding=weight.shape[-1] // 2)


@attempt("conv_batch", name="batch_averaged")
def conv_batch(images, weight, bias=None):
    out = F.conv2d(images, weight, bias)
    return out.mean(0)


@attempt("conv_batch", right=True)
def conv_batch(images, weight, bias=None):
    return torch.vmap(lambda im: F.conv2d(im[None], weight, bias)[0])(images)


# ---- count_parameters


@attempt("count_parameters", name="in_channels_forgotten")
def count_parameters(c_in, c_out, k, bias=True):
    total = c_out * k * k
    if bias:
        total += c_out
    return total


@attempt("count_parameters", name="bias_always")
def count_parameters(c_in, c_out, k, bias=True):
    return (c_in * k**2 + 1) * c_out


@attempt("count_parameters", name="bias_per_input")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k * k + (c_in if bias else 0)


@attempt("count_parameters", name="bias_per_channel")
def count_parameters(c_in, c_out, k, bias=True):
    n = c_in * c_out * k * k
    if bias == True:
        n = n + c_in * c_out
    return n


@attempt("count_parameters", name="one_bias_for_all")
def count_parameters(c_in, c_out, k, bias=True):
    return c_out * c_in * k**2 + int(bias)


@attempt("count_parameters", name="side_not_squared")
def count_parameters(c_in, c_out, k, bias=True):
    weights = c_in * c_out * k
    biases = c_out if bias else 0
    return weights + biases


@attempt("count_parameters", right=True)
def count_parameters(c_in, c_out, k, bias=True):
    return sum(p.numel() for p in torch.nn.Conv2d(c_in, c_out, k, bias=bool(bias)).parameters())


# ---- count_multiplications


@attempt("count_multiplications", name="in_channels_forgotten")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    n = 0
    for _ in range(c_out):
        n += k * k * out_height * out_width
    return n


@attempt("count_multiplications", name="one_position")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return c_in * c_out * k * k


@attempt("count_multiplications", name="bias_counted")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    per_number = c_in * k**2 + 1
    return per_number * c_out * out_height * out_width


# ---- halved_and_doubled


attempt_value("halved_and_doubled", (0.5, 2), name="doubled_once")


attempt_value("halved_and_doubled", (4, 1), name="order_swapped")


# ---- grouped_weights


attempt_value("grouped_weights", 12 * 24 * 9, name="groups_ignored")


# ---- depthwise


@attempt("depthwise", name="channels_summed")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[None])[0]


@attempt("depthwise", name="groups_forgotten")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None])[0]


@attempt("depthwise", name="channels_mixed")
def depthwise(x, kernels):
    C = len(kernels)
    weight = kernels[:, None].repeat(1, C, 1, 1)
    return F.conv2d(x[None], weight)[0]


@attempt("depthwise", name="same_padding_for_valid")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=x.shape[0], padding="same")[0]


@attempt("depthwise", name="first_kernel_for_all")
def depthwise(x, kernels):
    return torch.stack([F.conv2d(ch[None, None], kernels[0][None, None])[0, 0] for ch in x])


@attempt("depthwise", name="batch_axis_kept")
def depthwise(x, kernels):
    c = x.size(0)
    return F.conv2d(x.unsqueeze(0), kernels.unsqueeze(1), groups=c)


@attempt("depthwise", right=True)
def depthwise(x, kernels):
    return F.conv2d(x[:, None], kernels[:, None]).diagonal().movedim(-1, 0)


# ---- per_channel


@attempt("per_channel", name="channels_mixed")
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    for i in range(channels):
        for j in range(channels):
            w[i, j] = kernel
    return w


@attempt("per_channel", name="grouped_shape")
def per_channel(kernel, channels):
    return torch.stack([kernel] * channels)[:, None]


@attempt("per_channel", name="first_channel_only")
def per_channel(kernel, channels):
    w = torch.zeros(channels, channels, *kernel.shape)
    w[0, 0] = kernel
    return w


@attempt("per_channel", name="one_output_only")
def per_channel(kernel, channels):
    return torch.stack([kernel for _ in range(channels)]).unsqueeze(0)


@attempt("per_channel", right=True)
def per_channel(kernel, channels):
    return torch.eye(channels)[:, :, None, None] * kernel


# ---- gray_weight


@attempt("gray_weight", name="sum_not_mean")
def gray_weight():
    return torch.ones((1, 3, 1, 1))


@attempt("gray_weight", name="weight_axes_swapped")
def gray_weight():
    return torch.tensor([1 / 3, 1 / 3, 1 / 3]).reshape(3, 1, 1, 1)


@attempt("gray_weight", name="axes_missing")
def gray_weight():
    return torch.tensor([[1 / 3, 1 / 3, 1 / 3]])


@attempt("gray_weight", name="rounded_third")
def gray_weight():
    return torch.full((1, 3, 1, 1), 0.33)


# ---- random_bank


attempt_value("random_bank", torch.randn(3, 3, 5, 5), name="not_scaled")


attempt_value("random_bank", torch.nn.Conv2d(3, 3, 5).weight.detach(), name="pytorch_default")


attempt_value("random_bank", torch.normal(0.0, 2 / 75, size=(3, 3, 5, 5)), name="no_square_root")


attempt_value("random_bank", torch.randn(3, 3, 5, 5) * (2 / 25) ** 0.5, name="in_channels_forgotten")


attempt_value("random_bank", torch.rand(3, 3, 5, 5) * (2 / 75) ** 0.5, name="never_negative")


attempt_value("random_bank", torch.nn.init.kaiming_normal_(torch.nn.Conv2d(3, 3, 5).weight), right=True)


# ---- mended_edge


@attempt("mended_edge", name="batch_averaged")
def mended_edge(x, kernel):
    gray = x[None].mean(dim=0)
    return F.conv2d(gray[None], kernel.expand(1, 3, *kernel.shape))[0, 0]


@attempt("mended_edge", name="stretched")
def mended_edge(x, kernel):
    gray = x.mean(0)
    e = F.conv2d(gray[None, None], kernel[None, None])[0, 0]
    return (e - e.min()) / (e.max() - e.min())


@attempt("mended_edge", name="absolute_value")
def mended_edge(x, kernel):
    gray = (x[0] + x[1] + x[2]) / 3
    return F.conv2d(gray[None, None], kernel[None, None])[0, 0].abs()


@attempt("mended_edge", name="first_channel_only")
def mended_edge(x, kernel):
    return F.conv2d(x[0][None, None], kernel[None, None])[0, 0]


@attempt("mended_edge", name="axes_kept")
def mended_edge(x, kernel):
    gray = x.mean(dim=0, keepdim=True)
    return F.conv2d(gray[None], kernel[None, None])


@attempt("mended_edge", right=True)
def mended_edge(x, kernel):
    return sum(F.conv2d(c[None, None], kernel[None, None])[0, 0] for c in x) / 3


@attempt("mended_edge", mistake="none of the catalogue")
def mended_edge(x, kernel):
    gray = x.max(0).values
    return F.conv2d(gray[None, None], kernel[None, None])[0, 0]


# ---- count_multiplications


@attempt("count_multiplications", mistake="none of the catalogue")
def count_multiplications(c_in, c_out, k, out_height, out_width):
    return (c_in + c_out) * k * k * out_height * out_width


@attempt("corr2d_multi_in_out", name="concatenated_not_stacked")
def corr2d_multi_in_out(x, weight, bias=None):
    found = []
    for o, kernel in enumerate(weight):
        response = torch.nn.functional.conv2d(x[None], kernel[None])[0, 0]
        found.append(response if bias is None else response + bias[o])
    return torch.cat(found)


@attempt("corr2d_multi_in_out", name="left_too_early")
def corr2d_multi_in_out(x, weight, bias=None):
    for o, kernel in enumerate(weight):
        rows, cols = x.shape[1] - kernel.shape[1] + 1, x.shape[2] - kernel.shape[2] + 1
        out = torch.zeros(rows, cols)
        for i in range(rows):
            for j in range(cols):
                out[i, j] = (x[:, i : i + kernel.shape[1], j : j + kernel.shape[2]] * kernel).sum()
        return out if bias is None else out + bias[o]


# ---- conv_batch, from a third reading


@attempt("conv_batch", name="overwritten_not_added", mistake="stacked inside the loop: the last picture alone is left")
def conv_batch(images, weight, bias=None):
    for image in images:
        out = torch.stack([F.conv2d(image, weight, bias)])
    return out


# ---- what a bank of 30 November found, which nobody had seen


def _responses(x, weight):
    """By slices and loops, as the lesson asks."""
    (height, width), (rows, cols) = weight.shape[2:], x.shape[1:]
    out = torch.zeros(len(weight), rows - height + 1, cols - width + 1)
    for o, f in enumerate(weight):
        for r in range(out.shape[1]):
            for c in range(out.shape[2]):
                out[o, r, c] = (x[:, r : r + height, c : c + width] * f).sum()
    return out


@attempt("corr2d_multi_in_out", name="truth_of_a_tensor")
def corr2d_multi_in_out(x, weight, bias=None):
    responses = _responses(x, weight)
    if bias is not None and bias.all():
        responses = responses + bias[:, None, None]
    return responses


@attempt("corr2d_multi_in_out", name="truth_of_a_tensor")
def corr2d_multi_in_out(x, weight, bias=None):
    responses = _responses(x, weight)
    if bias is not None and bias.sum():
        responses = responses + bias[:, None, None]
    return responses


@attempt("corr2d_multi_in_out", name="left_too_early")
def corr2d_multi_in_out(x, weight, bias=None):
    responses = []
    for i, f in enumerate(weight):
        responses.append(_responses(x, f[None])[0] + (bias[i] if bias is not None else 0))
        return torch.stack(responses)


@attempt("conv_batch", name="truth_of_a_tensor")
def conv_batch(images, weight, bias=None):
    out = F.conv2d(images, weight)
    if bias is not None and all(bias):
        out = out + bias[:, None, None]
    return out


@attempt("conv_batch", name="broadcast_silently")
def conv_batch(images, weight, bias=None):
    out = F.conv2d(images, weight)
    return out if bias is None else out + bias


@attempt("depthwise", name="squeezed_away")
def depthwise(x, kernels):
    return F.conv2d(x[None], kernels[:, None], groups=len(x)).squeeze()


attempt_value("random_bank", torch.randn(3, 3, 5, 5) / (2 / 75) ** 0.5, name="not_scaled")


@attempt("per_channel", name="three_channels_always")
def per_channel(kernel, channels):
    weight = torch.zeros(channels, channels, *kernel.shape)
    weight[0, 0] = weight[1, 1] = weight[2, 2] = kernel
    return weight


@attempt("per_channel", mistake="nothing is handed back")
def per_channel(kernel, channels):
    weight = torch.zeros(channels, channels, *kernel.shape)
    weight[range(channels), range(channels)] = kernel
