"""Lesson 8, from kernels to features: the second bank."""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from course_utils.digits import load_digits
from tests.attempts import attempt, attempt_value

left = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
diagonal = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
edges = torch.stack([left, left.t(), diagonal, diagonal.flip(0)])


@cache
@torch.enable_grad()
def trained():
    """A net trained on the lesson's digits."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 24, 3)]
    made = nn.Sequential(*layers, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
    images, labels = load_digits("train")
    optimizer = torch.optim.AdamW(made.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=40 * -(-len(images) // 64))
    for _ in range(40):
        for chosen in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(made(images[chosen, None]), labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    return made.eval()


def net(batch):
    return trained()(batch)


# ---- edge_features


@attempt("edge_features", name="not_rectified")
def edge_features(images):
    weight = edges.unsqueeze(1)
    return F.conv2d(images.unsqueeze(1), weight)


@attempt("edge_features", name="absolute_response")
def edge_features(images):
    return torch.abs(F.conv2d(images[:, None], edges[:, None]))


@attempt("edge_features", name="same_as_image")
def edge_features(images):
    return F.relu(F.conv2d(images[:, None], edges[:, None], padding=1))


@attempt("edge_features", name="kernel_flipped")
def edge_features(images):
    turned = torch.flip(edges, (1, 2))
    return F.conv2d(images[:, None], turned[:, None]).relu()


@attempt("edge_features", name="batch_for_channel")
def edge_features(images):
    return F.relu(F.conv2d(images[None], edges[:, None]))


@attempt("edge_features", name="flattened")
def edge_features(images):
    out = F.relu(F.conv2d(images[:, None], edges[:, None]))
    return out.reshape(len(images), -1)


@attempt("edge_features", name="cut_at_one")
def edge_features(images):
    return F.conv2d(images[:, None], edges[:, None]).clamp(0, 1)


@attempt("edge_features", name="channels_summed")
def edge_features(images):
    out = F.relu(F.conv2d(images[:, None], edges[:, None]))
    return out.sum(1)


@attempt("edge_features", right=True)
def edge_features(images):
    w = images.unfold(1, 3, 1).unfold(2, 3, 1)
    r = torch.einsum("nrcij,kij->nkrc", w, edges)
    return torch.where(r > 0, r, torch.zeros_like(r))


@attempt("edge_features", right=True)
def edge_features(images):
    out = torch.stack([F.conv2d(images[:, None], k[None, None])[:, 0] for k in edges], dim=1)
    out[out < 0] = 0
    return out


# ---- equivariance_error


@attempt("equivariance_error", name="invariance_for_equivariance")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(torch.roll(x, shift, 2))
    b = f(x)
    W = a.shape[2]
    return (a - b)[:, :, m : W - m].abs().max().item()


@attempt("equivariance_error", name="border_compared")
def equivariance_error(f, x, shift):
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    return float(torch.max(torch.abs(a - b)))


@attempt("equivariance_error", name="rolled_back")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(-shift, 2)
    return (a - b)[:, :, m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", name="margin_too_small")
def equivariance_error(f, x, shift):
    m = abs(shift)
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    return (a - b)[:, :, m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", name="sign_of_the_shift_kept")
def equivariance_error(f, x, shift):
    m = shift + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    return (a - b)[:, :, m : a.shape[-1] - m].abs().max()


@attempt("equivariance_error", name="absolute_missed")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    return (a - b)[:, :, m:-m].max()


@attempt("equivariance_error", name="mean_not_largest")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    d = f(x.roll(shift, 2)) - f(x).roll(shift, 2)
    return d[:, :, m:-m].abs().mean()


@attempt("equivariance_error", name="last_missed")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    W = a.shape[2]
    return max(float((a - b)[:, :, c].abs().max()) for c in range(m, W - m - 1))


@attempt("equivariance_error", name="rows_and_columns_swapped")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 1))
    b = f(x).roll(shift, 1)
    return (a - b)[:, m:-m].abs().max()


@attempt("equivariance_error", name="width_of_the_picture")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    W = x.shape[2]
    return (a - b)[:, :, m : W - m].abs().max()


@attempt("equivariance_error", name="yes_or_no")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a = f(x.roll(shift, 2))
    b = f(x).roll(shift, 2)
    return torch.allclose(a[:, :, m:-m], b[:, :, m:-m])


@attempt("equivariance_error", right=True)
def equivariance_error(f, x, shift):
    a = np.asarray(f(torch.roll(x, shift, -1)))
    b = np.roll(np.asarray(f(x)), shift, axis=-1)
    m = abs(shift) + 4
    return np.abs(a - b)[..., m:-m].max()


# ---- receptive_field


@attempt("receptive_field", name="sizes_added")
def receptive_field(layers):
    total = 0
    for k, s in layers:
        total += k
    return total if layers else 1


@attempt("receptive_field", name="jump_forgotten")
def receptive_field(layers):
    field = 1
    for layer in layers:
        field = field + layer[0] - 1
    return field


@attempt("receptive_field", name="run_forwards")
def receptive_field(layers):
    size = 1
    for k, s in layers:
        size = (size - 1) * s + k
    return size


@attempt("receptive_field", name="stride_too_early")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        jump *= s
        field += (k - 1) * jump
    return field


@attempt("receptive_field", name="jump_not_multiplied")
def receptive_field(layers):
    field = 1
    jump = 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump = stride
    return field


@attempt("receptive_field", name="whole_kernel_added")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field = field + kernel * jump
        jump = jump * stride
    return field


@attempt("receptive_field", name="one_lost")
def receptive_field(layers):
    field, jump = 0, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", name="kernel_and_stride_swapped")
def receptive_field(layers):
    field, jump = 1, 1
    for stride, kernel in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", name="area_not_side")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field * field


@attempt("receptive_field", right=True)
def receptive_field(layers):
    field = 1
    for k, s in reversed(layers):
        field = (field - 1) * s + k
    return field


@attempt("receptive_field", name="jump_not_multiplied")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride
    return field


# ---- footprint


@attempt("footprint", name="all_outputs")
def footprint(f, x, row, col):
    z = x.clone().requires_grad_()
    f(z).sum().backward()
    return z.grad[0] != 0


@attempt("footprint", name="positive_only")
def footprint(f, x, row, col):
    z = x.clone().requires_grad_()
    f(z)[0, row, col].backward()
    return z.grad[0] > 0


@attempt("footprint", name="gradient_itself")
def footprint(f, x, row, col):
    z = x.clone().requires_grad_()
    f(z)[0, row, col].backward()
    return z.grad[0]


@attempt("footprint", name="channel_axis_kept")
def footprint(f, x, row, col):
    z = x.clone().requires_grad_()
    y = f(z)
    y[0][row][col].backward()
    return z.grad != 0


@attempt("footprint", name="rows_and_columns_swapped")
def footprint(f, x, row, col):
    z = x.clone().requires_grad_()
    f(z)[0, col, row].backward()
    return z.grad[0].abs() > 0


@attempt("footprint", name="response_not_gradient")
def footprint(f, x, row, col):
    return f(x)[0] != 0


@attempt("footprint", right=True)
def footprint(f, x, row, col):
    base = f(x)[0, row, col].item()
    mask = torch.zeros(x.shape[1:], dtype=bool)
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            for way in (-1.0, 1.0):
                y = x.clone()
                y[0, i, j] += way
                mask[i, j] |= abs(f(y)[0, row, col].item() - base) > 1e-6
    return mask


@attempt("footprint", right=True)
def footprint(f, x, row, col):
    (g,) = torch.autograd.grad(f(z := x.clone().requires_grad_())[0, row, col], z)
    return g[0].bool().numpy()


# ---- make_cnn


@attempt("make_cnn", name="softmax_in_model")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
        nn.Softmax(dim=1),
    )


@attempt("make_cnn", name="flattened_not_pooled")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, 10),
    )


@attempt("make_cnn", name="too_many_parameters")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


@attempt("make_cnn", name="stride_omitted")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Conv2d(1, 8, 3, padding=1)
            self.two = nn.Conv2d(8, 16, 3, padding=1)
            self.out = nn.Linear(16, 10)

        def forward(self, x):
            x = F.relu(self.one(x))
            x = F.relu(self.two(x))
            return self.out(x.mean((2, 3)))

    return Net()


@attempt("make_cnn", name="no_rectifier")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    )


@attempt("make_cnn", name="map_kept")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 10, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
    )


@attempt("make_cnn", name="not_a_module")
def make_cnn():
    return [
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 10),
    ]


@attempt("make_cnn", right=True)
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.convs = nn.ModuleList([nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, 2, 1), nn.Conv2d(16, 22, 3)])
            self.head = nn.Linear(22, 10)

        def forward(self, x):
            for conv in self.convs:
                x = conv(x).clamp(min=0)
            return self.head(x.flatten(2).mean(2))

    return Net()


@attempt("make_cnn", right=True)
def make_cnn():
    layers = []
    for a, b, s in [(1, 8, 1), (8, 12, 2), (12, 20, 1)]:
        layers += [nn.Conv2d(a, b, 3, stride=s, padding=1), nn.LeakyReLU(0.01)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 10))


# ---- softmax_floor


attempt_value("softmax_floor", 0.0, name="zero")


attempt_value("softmax_floor", 2.303, name="all_alike")


attempt_value("softmax_floor", 0.232, name="probability_not_loss")


attempt_value("softmax_floor", torch.log(torch.tensor(1 + 9 / torch.e)), right=True)


# ---- predict


@attempt("predict", name="scores_not_labels")
def predict(images):
    with torch.no_grad():
        return net(images[:, None])


@attempt("predict", name="score_for_label")
def predict(images):
    return net(images[:, None]).max(1)[0]


@attempt("predict", name="counted_from_one")
def predict(images):
    return net(images.unsqueeze(1)).argmax(1) + 1


@attempt("predict", name="one_number_for_all")
def predict(images):
    return net(images[:, None]).argmax()


@attempt("predict", mistake="the batch taken for the channel")
def predict(images):
    return net(images[None]).argmax(1)


@attempt("predict", mistake="made for 8×8 images alone")  # right until the lesson asked for larger ones, too
def predict(images):
    return [int(np.argmax(net(im.reshape(1, 1, 8, 8)).detach().numpy())) for im in images]


@attempt("predict", right=True)
def predict(images):
    return [int(np.argmax(net(im[None, None]).detach().numpy())) for im in images]


# ---- a third day


def _edges():
    left = torch.tensor([[-1.0, 0, 1]] * 3)
    diagonal = torch.tensor([[-1.0, -1, 0], [-1, 0, 1], [0, 1, 1]])
    return torch.stack([left, left.T, diagonal, diagonal.flip(0)])


def _answers(images):
    return F.conv2d(images[:, None], _edges()[:, None])


@attempt("edge_features", name="absolute_response")
def edge_features(images):
    return torch.abs(_answers(images))


@attempt("edge_features", name="not_rectified")
def edge_features(images):
    features = _answers(images)
    F.relu(features)
    return features


@attempt("edge_features", name="cut_at_one")
def edge_features(images):
    return torch.clamp(_answers(images), 0, 1)


@attempt("edge_features", mistake="squashed by a sigmoid")
def edge_features(images):
    return torch.sigmoid(_answers(images))


@attempt("edge_features", mistake="the left kernel for all")
def edge_features(images):
    return F.relu(F.conv2d(images[:, None], _edges()[:1, None].expand(4, 1, 3, 3)))


@attempt("edge_features", mistake="kernels made to sum to one: divided by six")
def edge_features(images):
    return F.relu(_answers(images)) / 6


@attempt("edge_features", name="same_as_image")
def edge_features(images):
    return F.relu(F.conv2d(images[:, None], _edges()[:, None], padding="same"))


@attempt("edge_features", name="kernel_flipped")
def edge_features(images):
    return (-_answers(images)).clamp(min=0)


@attempt("edge_features", name="batch_for_channel")
def edge_features(images):
    return torch.stack([F.relu(F.conv2d(images[:, None], k[None, None]))[:, 0] for k in _edges()])


@attempt("edge_features", mistake="True where there is an edge")
def edge_features(images):
    return _answers(images) > 0


@attempt("edge_features", mistake="the first image only")
def edge_features(images):
    return F.relu(_answers(images[:1]))


@attempt("edge_features", mistake="the diagonals exchanged")
def edge_features(images):
    return F.relu(_answers(images))[:, [0, 1, 3, 2]]


@attempt("edge_features", mistake="left and top exchanged")
def edge_features(images):
    return F.relu(_answers(images))[:, [1, 0, 2, 3]]


@attempt("edge_features", name="flattened")
def edge_features(images):
    return F.relu(_answers(images)).reshape(len(images), -1)


@attempt("equivariance_error", name="invariance_for_equivariance")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    return (f(torch.roll(x, shift, 2)) - f(x))[:, :, m:-m].abs().max().item()


@attempt("equivariance_error", name="margin_too_small")
def equivariance_error(f, x, shift):
    m = abs(shift) + 3
    return (f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2))[:, :, m:-m].abs().max().item()


@attempt("equivariance_error", name="margin_too_large")
def equivariance_error(f, x, shift):
    m = abs(shift) + 5
    return (f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2))[:, :, m:-m].abs().max().item()


@attempt("equivariance_error", name="last_missed")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    d = f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2)
    return d[:, :, m : d.shape[2] - m - 1].abs().max().item()


@attempt("equivariance_error", name="border_compared")
def equivariance_error(f, x, shift):
    return (f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2)).abs().max().item()


@attempt("equivariance_error", name="first_channel_only")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a, b = f(torch.roll(x, shift, 2))[0], torch.roll(f(x), shift, 2)[0]
    return (a - b)[:, m:-m].abs().max().item()


@attempt("equivariance_error", mistake="the first row only")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a, b = f(torch.roll(x, shift, 2))[:, 0], torch.roll(f(x), shift, 2)[:, 0]
    return (a - b)[:, m:-m].abs().max().item()


@attempt("equivariance_error", name="both_moved_before")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    moved = torch.roll(x, shift, 2)
    return (f(moved) - f(moved))[:, :, m:-m].abs().max().item()


@attempt("equivariance_error", name="mean_not_largest")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    return (f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2))[:, :, m:-m].abs().mean().item()


@attempt("equivariance_error", name="rolled_back")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    return (f(torch.roll(x, -shift, 2)) - torch.roll(f(x), shift, 2))[:, :, m:-m].abs().max().item()


@attempt("equivariance_error", mistake="largest numbers compared")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    a, b = f(torch.roll(x, shift, 2))[:, :, m:-m], torch.roll(f(x), shift, 2)[:, :, m:-m]
    return abs(a.max() - b.max()).item()


@attempt("equivariance_error", name="sign_of_the_shift_kept")
def equivariance_error(f, x, shift):
    m = shift + 4
    d = f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2)
    return d[:, :, m : d.shape[2] - m].abs().max().item()


@attempt("equivariance_error", mistake="rows cut as well")
def equivariance_error(f, x, shift):
    m = abs(shift) + 4
    return (f(torch.roll(x, shift, 2)) - torch.roll(f(x), shift, 2))[:, m:-m, m:-m].abs().max().item()


@attempt("receptive_field", name="sizes_added")
def receptive_field(layers):
    return sum(k for k, s in layers) if layers else 1


@attempt("receptive_field", name="whole_kernel_added")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += k * jump
        jump *= s
    return field


@attempt("receptive_field", name="stride_too_early")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        jump = jump * s
        field = field + (k - 1) * jump
    return field


@attempt("receptive_field", name="first_layer_only")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
        return field
    return field


@attempt("receptive_field", name="kernel_and_stride_swapped")
def receptive_field(layers):
    field, jump = 1, 1
    for s, k in layers:
        field += (k - 1) * jump
        jump *= s
    return field


@attempt("receptive_field", name="run_forwards")
def receptive_field(layers):
    field = 1
    for k, s in layers:
        field = field * s + k - s
    return field


@attempt("receptive_field", name="jump_forgotten")
def receptive_field(layers):
    field = 1
    for k, s in layers:
        field += k - 1
    return field


@attempt("receptive_field", mistake="half a kernel each side, rounded down")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += 2 * (k // 2) * jump
        jump *= s
    return field


@attempt("receptive_field", mistake="kernel minus stride")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += (k - s) * jump
        jump *= s
    return field


@attempt("receptive_field", name="one_lost")
def receptive_field(layers):
    field, jump = 0, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return field


@attempt("receptive_field", mistake="a pair of sides")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return field, field


@attempt("receptive_field", mistake="field and jump")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return field, jump


@attempt("receptive_field", name="jump_not_field")
def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field += (k - 1) * jump
        jump *= s
    return jump


def _slopes(f, x, row, col):
    x = x.clone().requires_grad_(True)
    f(x)[0, row, col].backward()
    return x.grad


@attempt("footprint", name="channel_axis_kept")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col) != 0


@attempt("footprint", name="gradient_itself")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col)[0]


@attempt("footprint", mistake="sizes of the slopes")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col)[0].abs()


@attempt("footprint", name="positive_only")
def footprint(f, x, row, col):
    return (_slopes(f, x, row, col) > 0)[0]


@attempt("footprint", name="inside_out")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col)[0] == 0


@attempt("footprint", name="all_outputs")
def footprint(f, x, row, col):
    x = x.clone().requires_grad_(True)
    f(x).sum().backward()
    return x.grad[0] != 0


@attempt("footprint", name="rows_and_columns_swapped")
def footprint(f, x, row, col):
    return _slopes(f, x, col, row)[0] != 0


@attempt("footprint", mistake="only the slope at row and col")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col)[0, row, col] != 0


@attempt("footprint", mistake="places of the pixels, not a mask")
def footprint(f, x, row, col):
    return _slopes(f, x, row, col)[0].nonzero()


@attempt("footprint", mistake="the first number of the response, whatever row and col")
def footprint(f, x, row, col):
    return _slopes(f, x, 0, 0)[0] != 0


@attempt("footprint", mistake="the whole row of the response")
def footprint(f, x, row, col):
    x = x.clone().requires_grad_(True)
    f(x)[0, row].sum().backward()
    return x.grad[0] != 0


@attempt("footprint", mistake="how many pixels")
def footprint(f, x, row, col):
    return int((_slopes(f, x, row, col) != 0).sum())


@attempt("footprint", mistake="the gradient not asked for")
def footprint(f, x, row, col):
    f(x)[0, row, col].backward()
    return x.grad[0] != 0


@attempt("footprint", name="response_not_gradient")
def footprint(f, x, row, col):
    return f(x)[0] != 0


def _net(*end, widths=(8, 16), stride=2, channels=1):
    a, b = widths
    return nn.Sequential(
        nn.Conv2d(channels, a, 3, padding=1), nn.ReLU(), nn.Conv2d(a, b, 3, stride=stride), nn.ReLU(), *end
    )


@attempt("make_cnn", name="squeezed")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10), nn.Sigmoid())


@attempt("make_cnn", name="max_not_mean")
def make_cnn():
    return _net(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, 10))


@attempt("make_cnn", name="flatten_forgotten")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Linear(16, 10))


@attempt("make_cnn", name="flatten_forgotten")
def make_cnn():
    return _net(nn.Linear(16, 10))


@attempt("make_cnn", name="softmax_in_model")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10), nn.Softmax(dim=1))


@attempt("make_cnn", name="flattened_not_pooled")
def make_cnn():
    return _net(nn.Flatten(), nn.Linear(16 * 9, 10))


@attempt("make_cnn", name="stride_omitted")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10), stride=1)


@attempt("make_cnn", name="too_many_parameters")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10), widths=(32, 64))


@attempt("make_cnn", mistake="channels that do not fit")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


@attempt("make_cnn", name="three_channels_in")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10), channels=3)


@attempt("make_cnn", name="map_kept")
def make_cnn():
    return _net(nn.Conv2d(16, 10, 1), nn.AdaptiveAvgPool2d(1))


@attempt("make_cnn", name="no_rectifier")
def make_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3, stride=2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)
    )


@attempt("make_cnn", mistake="a tuple of layers", name="not_a_module")
def make_cnn():
    return nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Linear(8, 10)


@attempt("make_cnn", mistake="one score for the digit", name="one_score")
def make_cnn():
    return _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1))


@attempt("make_cnn", mistake="a forward that forgets to return")
def make_cnn():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = _net(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))

        def forward(self, x):
            self.body(x)

    return Net()


def _near(images):
    known, labels = load_digits("train")
    m = (images.shape[1] - 8) // 2
    images = images[:, m : m + 8, m : m + 8]
    apart = torch.cdist(images.flatten(1), known.flatten(1))
    return torch.stack([-apart[:, labels == d].min(1).values for d in range(10)], 1)


@attempt("predict", name="scores_not_labels")
def predict(images):
    return _near(images).softmax(dim=1)


@attempt("predict", name="score_for_label")
def predict(images):
    return _near(images).max(dim=1).values


@attempt("predict", name="batch_for_channel")
def predict(images):
    return _near(images).argmax(dim=0)


@attempt("predict", mistake="one label for all")
def predict(images):
    return _near(images).argmax()


@attempt("predict", name="counted_from_one")
def predict(images):
    return [int(row.argmax()) + 1 for row in _near(images)]


@attempt("predict", name="untrained")
def predict(images):
    return torch.zeros(len(images), dtype=torch.long)


@attempt("predict", mistake="labels as text")
def predict(images):
    return [str(int(row.argmax())) for row in _near(images)]


@attempt("predict", mistake="the smallest score")
def predict(images):
    return _near(images).argmin(1)


@attempt("predict", mistake="the first picture only")
def predict(images):
    for row in _near(images):
        return int(row.argmax())


@attempt("predict", mistake="a pair of values and places")
def predict(images):
    return _near(images).max(1)


@attempt("predict", mistake="an axis kept")
def predict(images):
    return _near(images).argmax(1, keepdim=True)


# ---- what a bank of 30 November found, which nobody had seen


R = nn.ReLU


def _ending(*end):
    first = (nn.Conv2d(1, 8, 3, padding=1), R(), nn.Conv2d(8, 16, 3, padding=1), R())
    return nn.Sequential(*first, nn.Conv2d(16, 20, 3, 2, 1), R(), *end)


class _Then(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, maps):
        return self.function(maps)


@attempt("make_cnn", right=True)
def make_cnn():
    first = (nn.Conv2d(1, 1, 3, padding=1), R(), nn.Conv2d(1, 16, 3, padding=1), R())
    end = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
    return nn.Sequential(*first, nn.Conv2d(16, 24, 3, stride=2), R(), *end)


@attempt("make_cnn", right=True)
def make_cnn():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(1, 12, 3, padding=1), nn.Conv2d(12, 12, 3, stride=2, padding=1)
            self.c, self.scores = nn.Conv2d(12, 12, 3, padding=1), nn.Linear(12, 10)

        def forward(self, x):
            x = F.relu(self.b(F.relu(self.a(x))))
            return self.scores(F.relu(x + F.relu(self.c(x))).mean((2, 3)))

    return Residual()


@attempt("make_cnn", name="max_not_mean")
def make_cnn():
    return _ending(_Then(lambda maps: maps.max(3)[0].max(2)[0]), nn.Linear(20, 10))


@attempt("make_cnn", name="sum_not_mean")
def make_cnn():
    return _ending(_Then(lambda maps: maps.sum((2, 3))), nn.Linear(20, 10))


@attempt("make_cnn", name="places_matter")
def make_cnn():
    return _ending(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(80, 10))


@attempt("make_cnn", name="rectifier_missing")
def make_cnn():
    layers = (nn.Conv2d(1, 8, 3, padding=1), R(), nn.Conv2d(8, 24, 3, 2, 1))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))


@attempt("make_cnn", name="scores_rectified")
def make_cnn():
    return _ending(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 10), R())


@attempt("make_cnn", name="strided_too_early")
def make_cnn():
    layers = (nn.Conv2d(1, 8, 3, stride=2, padding=1), R(), nn.Conv2d(8, 24, 3, padding=1), R())
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))


shared = _ending(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 10))


@attempt("make_cnn", name="same_network_again")
def make_cnn():
    return shared


@attempt("receptive_field", name="poolings_left_out")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        if stride == kernel and stride > 1:
            jump *= stride
            continue
        field += (kernel - 1) * jump
        jump *= stride
    return field


@attempt("receptive_field", name="jump_started_anew")
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump = jump * stride if stride > 1 else 1
    return field


@attempt("footprint", mistake="the caller's picture asks for gradients afterwards")
def footprint(f, x, row, col):
    x.requires_grad_()
    f(x)[0, row, col].backward()
    return x.grad[0] != 0


@attempt("footprint", name="small_slopes_missed")
def footprint(f, x, row, col):
    x = x.clone().requires_grad_()
    f(x)[0, row, col].backward()
    return x.grad[0].abs() > 0.1


@attempt("edge_features", name="batch_for_channel")
def edge_features(images):
    return F.relu(F.conv2d(images.unsqueeze(0), edges[:, None]))


@attempt("edge_features", name="channel_order")
def edge_features(images):
    return F.relu(F.conv2d(images[:, None], edges.flip(0)[:, None]))


@attempt("predict", mistake="the stored labels, by heart")
def predict(images):
    return load_digits("test")[1][: len(images)]


@attempt("make_cnn", right=True)
def make_cnn():
    return _ending(nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(20, 10))


@attempt("make_cnn", right=True)
def make_cnn():
    layers = (nn.Conv2d(1, 8, 3, padding=1), R(), nn.Conv2d(8, 16, 3, 2, 1), R(), nn.AdaptiveAvgPool2d(1))
    return nn.Sequential(*layers, nn.Conv2d(16, 10, 1), nn.Flatten())


@attempt("make_cnn", right=True)
def make_cnn():
    first = (nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), R(), nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), R())
    return nn.Sequential(*first, nn.Dropout(0.2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


@attempt("make_cnn", right=True)
def make_cnn():
    by_channel = (nn.Conv2d(16, 16, 3, stride=2, padding=1, groups=16), nn.GELU(), nn.Conv2d(16, 32, 1), nn.PReLU())
    end = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 24), R(), nn.Linear(24, 10))
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.PReLU(), *by_channel, *end)


@attempt("make_cnn", name="max_not_mean")
def make_cnn():
    layers = (nn.Conv2d(1, 8, 3, padding=1), R(), nn.Conv2d(8, 16, 3, 2, 1), R(), nn.AdaptiveMaxPool2d(1))
    return nn.Sequential(*layers, nn.Conv2d(16, 10, 1), nn.Flatten())
