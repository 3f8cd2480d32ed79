"""The paper's encoders in PyTorch with random weights, as users of the public modules run them: one image, inference mode.

Stands beside `clouds bench networks`; prints one JSON object a line: network, problem, threads, msMedian, msMin, runs.
Debian: python3-torch and libopenblas0-pthread (without OpenBLAS matrix products take ten times as long).

    python3 tools/peers/encoders_torch.py [NAME ...] [--size 768] [--threads 2] [--runs 5]
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


def conv(inputs, outputs, kernel, stride=1, relu=True):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if relu else []))


def pool(stride):
    return nn.AvgPool2d(stride) if stride > 1 else nn.Identity()


class Bottleneck(nn.Module):
    """CLIP pools where torchvision strides."""

    def __init__(self, inputs, width, stride, clip):
        super().__init__()
        body = [conv(inputs, width, 1), conv(width, width, 3, 1 if clip else stride)]
        self.body = nn.Sequential(*body, pool(stride if clip else 1), conv(width, 4 * width, 1, relu=False))
        short = [pool(stride), conv(inputs, 4 * width, 1, relu=False)] if clip else [conv(inputs, 4 * width, 1, stride, relu=False)]
        self.short = nn.Identity() if stride == 1 and inputs == 4 * width else nn.Sequential(*short)

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x), inplace=True)


class ResNet(nn.Module):
    def __init__(self, blocks, clip):
        super().__init__()
        stem = [conv(3, 32, 3, 2), conv(32, 32, 3), conv(32, 64, 3), nn.AvgPool2d(2)] if clip else [conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)]
        self.stem, self.stages, channels = nn.Sequential(*stem), nn.ModuleList(), 64
        for stage, count in enumerate(blocks):
            layers = []
            for block in range(count):
                layers.append(Bottleneck(channels, 64 << stage, 2 if stage and not block else 1, clip))
                channels = 256 << stage
            self.stages.append(nn.Sequential(*layers))

    def forward(self, x):
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class MapNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels, 1e-6)

    def forward(self, x):
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.depthwise, self.norm = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width, 1e-6)
        self.up, self.down, self.gamma = nn.Linear(width, 4 * width), nn.Linear(4 * width, width), nn.Parameter(torch.full((width,), 0.1))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + (self.down(F.gelu(self.up(y))) * self.gamma).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self, blocks, widths):
        super().__init__()
        self.stages, channels = nn.ModuleList(), 3
        for count, width in zip(blocks, widths):
            first = [nn.Conv2d(3, width, 4, 4), MapNorm(width)] if channels == 3 else [MapNorm(channels), nn.Conv2d(channels, width, 2, 2)]
            self.stages.append(nn.Sequential(*first, *[ConvNeXtBlock(width) for _ in range(count)]))
            channels = width

    def forward(self, x):
        maps = [x]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]


class MixBlock(nn.Module):
    def __init__(self, width, heads, reduction):
        super().__init__()
        self.heads, self.reduce = heads, reduction > 1
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        if self.reduce:
            self.smaller, self.norm = nn.Conv2d(width, width, reduction, reduction), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.depthwise = nn.Conv2d(4 * width, 4 * width, 3, padding=1, groups=4 * width)

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, x.shape[2] // self.heads).transpose(1, 2)

    def forward(self, x, height, width):
        batch, _, channels = x.shape
        y = z = self.norm1(x)
        if self.reduce:
            z = self.norm(self.smaller(y.transpose(1, 2).reshape(batch, channels, height, width)).flatten(2).transpose(1, 2))
        query, key, value = self.split(self.query(y)), self.split(self.key(z)), self.split(self.value(z))
        attention = torch.softmax(query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5, -1)
        x = x + self.out((attention @ value).transpose(1, 2).reshape(x.shape))
        y = self.up(self.norm2(x)).transpose(1, 2).view(batch, -1, height, width)
        return x + self.down(F.gelu(self.depthwise(y).flatten(2).transpose(1, 2)))


class MixTransformer(nn.Module):
    def __init__(self, blocks, widths, heads, reductions):
        super().__init__()
        self.patches, self.stages, self.norms, channels = nn.ModuleList(), nn.ModuleList(), nn.ModuleList(), 3
        for count, width, head, reduction in zip(blocks, widths, heads, reductions):
            patch = nn.Conv2d(3, width, 7, 4, 3) if channels == 3 else nn.Conv2d(channels, width, 3, 2, 1)
            self.patches.append(nn.Sequential(patch, MapNorm(width)))
            self.stages.append(nn.ModuleList([MixBlock(width, head, reduction) for _ in range(count)]))
            self.norms.append(nn.LayerNorm(width))
            channels = width

    def forward(self, x):
        maps = []
        for patch, stage, norm in zip(self.patches, self.stages, self.norms):
            x = patch(x)
            shape = x.shape
            x = x.flatten(2).transpose(1, 2)
            for block in stage:
                x = block(x, shape[2], shape[3])
            x = norm(x).transpose(1, 2).reshape(shape)
            maps.append(x)
        return maps


NETWORKS = {
    "convnext_l": lambda: ConvNeXt((3, 3, 27, 3), (192, 384, 768, 1536)),
    "clip_rn50": lambda: ResNet((3, 4, 6, 3), clip=True),
    "clip_rn101": lambda: ResNet((3, 4, 23, 3), clip=True),
    "in_rn50": lambda: ResNet((3, 4, 6, 3), clip=False),
    "in_rn101": lambda: ResNet((3, 4, 23, 3), clip=False),
    "mit_b5": lambda: MixTransformer((3, 6, 40, 3), (64, 128, 320, 512), (1, 2, 5, 8), (8, 4, 2, 1)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=", ".join(NETWORKS))
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    image = torch.randn(1, 3, options.size, options.size)
    for name in options.names or NETWORKS:
        network, times = NETWORKS[name]().eval(), []
        with torch.inference_mode():
            network(image)
            for _ in range(options.runs):
                start = time.perf_counter()
                network(image)
                times.append(1e3 * (time.perf_counter() - start))
        row = dict(network=name, problem=" x ".join(map(str, image.shape)), threads=options.threads)
        print(json.dumps(dict(row, msMedian=statistics.median(times), msMin=min(times), runs=len(times))), flush=True)


main()
