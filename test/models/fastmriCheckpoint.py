"""Writes checkpoints of a small U-net built as fastMRI's (facebookresearch/fastMRI, fastmri/models/unet.py), and what it makes of an image.

    fastmriCheckpoint.py FOLDER    bare.pt, lightning.pt, other.pt, image.json: {shape, input, output}
"""
import json
import os
import sys

import torch
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()

        def half(i):
            norm = nn.InstanceNorm2d(o)
            return [nn.Conv2d(i, o, 3, padding=1, bias=False), norm, nn.LeakyReLU(0.2), nn.Dropout2d(0.0)]

        self.layers = nn.Sequential(*half(i), *half(o))

    def forward(self, x):
        return self.layers(x)


class TransposeConvBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        up = nn.ConvTranspose2d(i, o, 2, stride=2, bias=False)
        self.layers = nn.Sequential(up, nn.InstanceNorm2d(o), nn.LeakyReLU(0.2))

    def forward(self, x):
        return self.layers(x)


class Unet(nn.Module):
    def __init__(self, chans, pools):
        super().__init__()
        wide = [chans * 2**k for k in range(pools + 1)]
        self.down_sample_layers = nn.ModuleList(ConvBlock(i, o) for i, o in zip([1] + wide, wide[:-1]))
        self.conv = ConvBlock(wide[-2], wide[-1])
        self.up_conv = nn.ModuleList()
        self.up_transpose_conv = nn.ModuleList()
        for o in reversed(wide[:-1]):
            self.up_transpose_conv.append(TransposeConvBlock(2 * o, o))
            self.up_conv.append(ConvBlock(2 * o, o))
        self.up_conv[-1] = nn.Sequential(self.up_conv[-1], nn.Conv2d(chans, 1, 1))

    def forward(self, x):
        skips = []
        for layer in self.down_sample_layers:
            skips.append(layer(x))
            x = nn.functional.avg_pool2d(skips[-1], 2)
        x = self.conv(x)
        for up, conv in zip(self.up_transpose_conv, self.up_conv):
            x = conv(torch.cat([up(x), skips.pop()], 1))
        return x


class Training(nn.Module):
    """As Lightning keeps it: the network is a part, and a loss has a buffer of its own."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet
        self.loss = nn.Module()
        self.loss.register_buffer("w", torch.ones(1, 1, 7, 7) / 49)


torch.manual_seed(0)
unet = Unet(4, 2)
x = torch.randn(1, 1, 24, 20)
with torch.no_grad():
    y = unet(x)
# weights whose memory is not in the order of their shape: what channels_last training leaves
state = {name: w.to(memory_format=torch.channels_last) if w.dim() == 4 else w for name, w in unet.state_dict().items()}
adam = torch.optim.Adam(unet.parameters())
checkpoint = {"epoch": 3, "global_step": 7, "pytorch-lightning_version": "1.4.0"}
checkpoint["state_dict"] = Training(unet).state_dict()
checkpoint["optimizer_states"] = [adam.state_dict()]
checkpoint["hyper_parameters"] = {"chans": 4, "num_pool_layers": 2, "lr": 0.001}


def path(name):
    return os.path.join(sys.argv[1], name)


torch.save(state, path("bare.pt"))
torch.save(checkpoint, path("lightning.pt"))
torch.save({"cascades.0.model.unet.conv.layers.0.weight": torch.ones(2)}, path("other.pt"))
with open(path("image.json"), "w") as file:
    json.dump({"shape": x.shape, "input": x.flatten().tolist(), "output": y.flatten().tolist()}, file)
