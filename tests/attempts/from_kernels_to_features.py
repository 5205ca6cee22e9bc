"""Lesson 8, from kernels to features.

There is no right `predict` here: it needs a net that has been trained on the lesson's digits.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.attempts import attempt

# ---- edge_features


@attempt("edge_features", right=True)
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[:, None]))


@attempt("edge_features", right=True)
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    a, k = np.array(images, dtype=float), np.array(four, dtype=float)
    out = np.zeros((len(a), 4, 6, 6))
    for r in range(6):
        for c in range(6):
            out[:, :, r, c] = np.tensordot(a[:, r : r + 3, c : c + 3], k, axes=([1, 2], [1, 2]))
    return np.maximum(out, 0)


@attempt("edge_features", right=True)
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    features = []
    for image in images:
        responses = [F.conv2d(image[None, None], kernel[None, None])[0, 0] for kernel in four]
        features.append(torch.stack([torch.where(r > 0, r, torch.zeros_like(r)) for r in responses]))
    return torch.stack(features)


@attempt("edge_features", mistake="not rectified")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.conv2d(images[:, None], four[:, None])


@attempt("edge_features", mistake="absolute value for rectifier")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.conv2d(images[:, None], four[:, None]).abs()


@attempt("edge_features", mistake="the negative half kept")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(-F.conv2d(images[:, None], four[:, None]))


@attempt("edge_features", mistake="kernels turned by 180 degrees")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four.flip(1, 2)[:, None]))


@attempt("edge_features", mistake="the picture rectified, not the response")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.conv2d(F.relu(images)[:, None], four[:, None])


@attempt("edge_features", mistake="padded: 8x8, not valid")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[:, None], padding=1))


@attempt("edge_features", mistake="flattened to vectors of 144")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[:, None])).flatten(1)


@attempt("edge_features", mistake="the four responses summed up")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[:, None])).sum(dim=1)


@attempt("edge_features", mistake="left and top swapped")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[[1, 0, 2, 3], None]))


@attempt("edge_features", mistake="the diagonals swapped")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[[0, 1, 3, 2], None]))


@attempt("edge_features", mistake="second diagonal mirrored left to right for upside down: its sign is lost")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    kernels = torch.stack([left, left.T, down, down.flip(1)])
    return F.relu(F.conv2d(images[:, None], kernels[:, None]))


@attempt("edge_features", mistake="batch and channels swapped")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:, None], four[:, None])).transpose(0, 1)


@attempt("edge_features", mistake="batch taken for channels: torch's error about sizes")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[None], four[:, None]))


@attempt("edge_features", mistake="first picture only")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.relu(F.conv2d(images[:1, None], four[:, None]))


@attempt("edge_features", mistake="scaled to [0, 1] picture by picture")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    f = F.relu(F.conv2d(images[:, None], four[:, None]))
    return f / f.amax(dim=(1, 2, 3), keepdim=True)


@attempt("edge_features", mistake="softmax instead of rectifier")
def edge_features(images):
    left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    down = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    four = torch.stack([left, left.T, down, down.flip(0)])
    return F.conv2d(images[:, None], four[:, None]).softmax(dim=1)


# ---- receptive_field


@attempt("receptive_field", right=True)
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", right=True)
def receptive_field(layers):
    # from the last layer back: how many inputs does a stretch of outputs see?
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


@attempt("receptive_field", right=True)
def receptive_field(layers):
    def seen_from(first):
        if first == len(layers):
            return 1
        kernel, stride = layers[first]
        return kernel + (seen_from(first + 1) - 1) * stride

    return seen_from(0)


@attempt("receptive_field", mistake="kernel sizes added", listed=True)
def receptive_field(layers):
    return sum(kernel for kernel, stride in layers)


@attempt("receptive_field", mistake="kernel sizes added, starting from 1", listed=True)
def receptive_field(layers):
    field = 1
    for kernel, stride in layers:
        field += kernel
    return field


@attempt("receptive_field", mistake="jump forgotten: strides ignored", listed=True)
def receptive_field(layers):
    field = 1
    for kernel, stride in layers:
        field += kernel - 1
    return field


@attempt("receptive_field", mistake="the backward rule run forwards", listed=True)
def receptive_field(layers):
    field = 1
    for kernel, stride in layers:
        field = (field - 1) * stride + kernel
    return field


@attempt("receptive_field", mistake="jump updated before it is used")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


@attempt("receptive_field", mistake="only the layer's own stride as the jump")
def receptive_field(layers):
    field = 1
    for kernel, stride in layers:
        field += (kernel - 1) * stride
    return field


@attempt("receptive_field", mistake="last layer forgotten", listed=True)
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers[:-1]:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", mistake="first layer forgotten")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers[1:]:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", mistake="kernel for kernel - 1")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field


@attempt("receptive_field", mistake="starts from 0: one too small")
def receptive_field(layers):
    field, jump = 0, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", mistake="strides added, not multiplied")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride - 1
    return field


@attempt("receptive_field", mistake="kernel sizes multiplied")
def receptive_field(layers):
    field = 1
    for kernel, stride in layers:
        field *= kernel
    return field


@attempt("receptive_field", mistake="product of the strides: the jump, not the field", listed=True)
def receptive_field(layers):
    jump = 1
    for kernel, stride in layers:
        jump *= stride
    return jump


@attempt("receptive_field", mistake="area, not one side")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field**2


@attempt("receptive_field", mistake="a pair, not one side")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return (field, field)


@attempt("receptive_field", mistake="kernel and stride swapped")
def receptive_field(layers):
    field, jump = 1, 1
    for stride, kernel in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", mistake="returns inside the loop: first layer only")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
        return field


@attempt("receptive_field", mistake="fields of the layers kept in a list, all returned")
def receptive_field(layers):
    fields, jump = [1], 1
    for kernel, stride in layers:
        fields.append(fields[-1] + (kernel - 1) * jump)
        jump *= stride
    return fields


@attempt("receptive_field", mistake="empties the list that it was given, and walks it backwards by the forward rule")
def receptive_field(layers):
    field, jump = 1, 1
    while layers:
        kernel, stride = layers.pop()
        field += (kernel - 1) * jump
        jump *= stride
    return field


# ---- equivariance_error


@attempt("equivariance_error", right=True)
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max().item()


@attempt("equivariance_error", right=True)
def equivariance_error(f, x, shift):
    def move(t):
        places = (torch.arange(t.shape[-1]) - shift) % t.shape[-1]
        return t.index_select(-1, places)

    difference = f(move(x)) - move(f(x))
    margin = 4 + abs(shift)
    return float(difference[..., margin:-margin].abs().amax())


@attempt("equivariance_error", right=True)
def equivariance_error(f, x, shift):
    a = np.array(f(x.roll(shift, -1)))
    b = np.roll(np.array(f(x)), shift, axis=-1)
    m = abs(shift) + 4
    return max(np.abs(a[..., c] - b[..., c]).max() for c in range(m, a.shape[-1] - m))


@attempt("equivariance_error", mistake="equivariance taken for invariance: the result not moved", listed=True)
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = f(x)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="the result moved back instead of along")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), -shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="moved along the height")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-2))
    b = torch.roll(f(x), shift, dims=-2)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="border columns counted")
def equivariance_error(f, x, shift):
    return (f(torch.roll(x, shift, dims=-1)) - torch.roll(f(x), shift, dims=-1)).abs().max()


@attempt("equivariance_error", mistake="margin without abs: wrong for negative shifts")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = shift + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="margin along the height as well")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m:-m, m:-m].abs().max()


@attempt("equivariance_error", mistake="margin along the height instead of the width")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m:-m, :].abs().max()


@attempt("equivariance_error", mistake="mean, not largest")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().mean()


@attempt("equivariance_error", mistake="no absolute value: differences below zero are not seen")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].max()


@attempt("equivariance_error", mistake="squared, not absolute")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return ((a - b) ** 2)[..., m : a.shape[-1] - m].max()


@attempt("equivariance_error", mistake="True or False, not how much")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return bool(torch.allclose(a[..., m:-m], b[..., m:-m]))


@attempt("equivariance_error", mistake="both moved before f: always 0")
def equivariance_error(f, x, shift):
    moved = torch.roll(x, shift, dims=-1)
    a, b = f(moved), f(moved)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="shift ignored: always by one")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, 1, dims=-1))
    b = torch.roll(f(x), 1, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", mistake="the whole difference, not one number")
def equivariance_error(f, x, shift):
    a = f(torch.roll(x, shift, dims=-1))
    b = torch.roll(f(x), shift, dims=-1)
    m = abs(shift) + 4
    return (a - b)[..., m : a.shape[-1] - m].abs()


@attempt("equivariance_error", mistake="f never called: pictures compared")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    return (torch.roll(x, shift, dims=-1) - x)[..., m : x.shape[-1] - m].abs().max()


# ---- make_cnn


@attempt("make_cnn", right=True)
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, 10),
    )


@attempt("make_cnn", name="strided_too_early")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(1, 8, 3, stride=2, padding=1)
            self.second = nn.Conv2d(8, 16, 3, stride=2, padding=1)
            self.third = nn.Conv2d(16, 20, 3, padding=1)
            self.scores = nn.Linear(20, 10)

        def forward(self, x):
            x = F.relu(self.first(x))
            x = F.relu(self.second(x))
            x = F.relu(self.third(x))
            return self.scores(x.mean(dim=(2, 3)))

    return Net()


@attempt("make_cnn", mistake="no rectifier behind the convolution with a stride", listed=True)
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3, 2, 1)
            self.three, self.out = nn.Conv2d(16, 24, 3, 1, 1), nn.Linear(24, 10)

        def forward(self, x):
            return self.out(self.three(self.two(self.one(x).relu())).relu().mean((2, 3)))

    return Net()


@attempt("make_cnn", right=True)
def make_cnn():
    # no linear layer: the last convolution gives ten maps, and their means are the scores
    layers = []
    for c_in, c_out, stride in [(1, 8, 1), (8, 16, 2), (16, 16, 1)]:
        layers += [nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1), nn.LeakyReLU(0.1)]
    layers += [nn.Conv2d(16, 10, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(start_dim=1)]
    return nn.Sequential(*layers)


@attempt("make_cnn", mistake="softmax at the end", listed=True)
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
        nn.Softmax(dim=1),
    )


@attempt("make_cnn", mistake="softmax inside forward", listed=True)
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            return F.softmax(self.head(F.relu(self.conv(x)).mean((2, 3))), dim=-1)

    return Net()


@attempt("make_cnn", mistake="log-softmax at the end")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
        nn.LogSoftmax(dim=1),
    )


@attempt("make_cnn", mistake="far too many parameters")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


@attempt("make_cnn", mistake="flattened without global pooling: fits 8x8 only")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 2 * 2, 10),
    )


@attempt("make_cnn", mistake="sized for 28x28, as in the MNIST tutorials")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 7 * 7, 10),
    )


@attempt("make_cnn", mistake="three input channels, for colour")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )


@attempt("make_cnn", mistake="axes of length 1 kept: (N, 10, 1, 1)")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 10, 3, padding=1), nn.AdaptiveAvgPool2d(1)
    )


@attempt("make_cnn", mistake="one score, not ten")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1)
    )


@attempt("make_cnn", mistake="the class, not a net made from it")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            return self.head(F.relu(self.conv(x)).mean((2, 3)))

    return Net


@attempt("make_cnn", mistake="forward does not return")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            x = F.relu(self.conv(x))
            x = self.head(x.mean((2, 3)))

    return Net()


@attempt("make_cnn", mistake="super().__init__() forgotten")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            return self.head(F.relu(self.conv(x)).mean((2, 3)))

    return Net()


@attempt("make_cnn", mistake="layers in a plain list: not a module")
def make_cnn():
    return [
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    ]


@attempt("make_cnn", mistake="labels, not scores: argmax in forward")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 16, 3, stride=2, padding=1)
            self.head = nn.Linear(16, 10)

        def forward(self, x):
            return self.head(F.relu(self.conv(x)).mean((2, 3))).argmax(dim=1)

    return Net()


@attempt("make_cnn", mistake="channels of neighbouring layers do not fit")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


@attempt("make_cnn", mistake="shrinks too often: nothing left of 8x8")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(16, 16, 3, stride=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


@attempt("make_cnn", mistake="returns nothing: the net is only printed")
def make_cnn():
    print(
        nn.Sequential(nn.Conv2d(1, 8, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))
    )


# ---- predict


@attempt("predict", mistake="scores, not labels")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images)


@attempt("predict", mistake="probabilities, not labels")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).softmax(dim=1)


@attempt("predict", mistake="largest score, not its place")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).max(dim=1).values


@attempt("predict", mistake="argmax over the pictures, not over the ten scores")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).argmax(dim=0)


@attempt("predict", mistake="argmax of everything: one number")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).argmax()


@attempt("predict", mistake="one label, of the first picture")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images[:1]).argmax(dim=1)


@attempt("predict", mistake="an axis of length 1 kept: (N, 1)")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).argmax(dim=1, keepdim=True)


@attempt("predict", mistake="one-hot rows, not labels")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return F.one_hot(scores_of(images).argmax(dim=1), 10)


@attempt("predict", mistake="values and places together, as max gives them")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).max(dim=1)


@attempt("predict", mistake="always zero: never looks")
def predict(images):
    return torch.zeros(len(images), dtype=torch.int64)


@attempt("predict", mistake="guesses at random")
def predict(images):
    return torch.randint(0, 10, (len(images),))


@attempt("predict", mistake="a net that was never trained")
def predict(images):
    def scores_of(images):
        torch.manual_seed(8)  # a little net that nobody trained
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))(images[:, None]).detach()

    return scores_of(images).argmax(dim=1)


@attempt("predict", mistake="channel axis forgotten: torch's error about sizes")
def predict(images):
    return nn.Conv2d(1, 10, 8)(images).argmax(dim=1)
