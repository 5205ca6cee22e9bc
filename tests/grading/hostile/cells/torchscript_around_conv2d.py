"""What must be written by hand is TorchScript around a convolution, also frozen, which then goes past the operators."""

import torch


class Layer(torch.nn.Module):
    def forward(self, x, kernel):
        return torch.conv2d(x[None, None].float(), kernel[None, None].float())[0, 0]


class Frozen(torch.nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.layer = torch.nn.Conv2d(1, 1, kernel.shape, bias=False)
        self.layer.weight.data = kernel[None, None].float()

    def forward(self, x):
        return self.layer(x)


corr2d = torch.jit.script(Layer())


def convolve2d(x, kernel):
    layer = torch.jit.optimize_for_inference(torch.jit.script(Frozen(kernel.flip(0, 1)).eval()))
    return layer(x[None, None].float())[0, 0]
