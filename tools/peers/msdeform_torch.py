"""Multi-scale deformable attention the way PyTorch users write it without an extension: one grid_sample a level, forward and backward.

The sizes are those of `clouds bench kernels`: the pixel decoder of a 768 crop, 96² + 48² + 24² queries, 8 heads of 32 channels, 4 points.
Prints one JSON object a line: threads, what, median and smallest milliseconds, runs. Samples that had to wait for a processor are taken again.

    python3 tools/peers/msdeform_torch.py [runs]
"""
import json
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F

HEADS, WIDTH, POINTS = 8, 32, 4
LEVELS = [(24, 24), (48, 48), (96, 96)]


def attention(value, locations, weights):
    """value [N, S, M, D], locations [N, Q, M, L, P, 2] in 0..1, weights [N, Q, M, L, P]; result [N, Q, M·D]."""
    n, _, m, d = value.shape
    queries = locations.shape[1]
    grids = 2 * locations - 1
    samples = []
    for level, (maps, (height, width)) in enumerate(zip(value.split([h * w for h, w in LEVELS], 1), LEVELS)):
        plane = maps.flatten(2).transpose(1, 2).reshape(n * m, d, height, width)
        grid = grids[:, :, :, level].transpose(1, 2).flatten(0, 1)
        samples.append(F.grid_sample(plane, grid, mode="bilinear", padding_mode="zeros", align_corners=False))
    share = weights.transpose(1, 2).reshape(n * m, 1, queries, len(LEVELS) * POINTS)
    total = (torch.stack(samples, -2).flatten(-2) * share).sum(-1)
    return total.view(n, m * d, queries).transpose(1, 2)


def waited():
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def timed(action, runs):
    """Milliseconds of the quietest samples: involuntary switches mean that somebody else had the processor."""
    action()
    samples = []
    for _ in range(3 * runs):
        before, start = waited(), time.perf_counter()
        action()
        samples.append((waited() - before > 2, 1000 * (time.perf_counter() - start)))
        if sum(not disturbed for disturbed, _ in samples) == runs:
            break
    return sorted(t for _, t in sorted(samples)[:runs])


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    torch.manual_seed(0)
    tokens = sum(h * w for h, w in LEVELS)
    value = torch.rand(1, tokens, HEADS, WIDTH) * 2 - 1
    locations = torch.rand(1, tokens, HEADS, len(LEVELS), POINTS, 2)
    weights = torch.rand(1, tokens, HEADS, len(LEVELS), POINTS)
    upstream = torch.rand(1, tokens, HEADS * WIDTH) * 2 - 1
    leaves = [x.requires_grad_() for x in (value, locations, weights)]

    def forward():
        with torch.no_grad():
            attention(*leaves)

    def both():
        for leaf in leaves:
            leaf.grad = None
        attention(*leaves).backward(upstream)

    for threads in (1, 2):
        torch.set_num_threads(threads)
        for name, action in (("forward", forward), ("forward + backward", both)):
            times = timed(action, runs)
            row = {"peer": f"torch {torch.__version__}", "threads": threads, "what": name, "ms_median": round(statistics.median(times), 2), "ms_min": round(times[0], 2), "runs": len(times)}
            print(json.dumps(row), flush=True)


main()
