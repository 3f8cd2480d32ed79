// resized_labels.cu — class scores resized bilinearly (align_corners = false) and their argmax, a pixel's label at the image's own size (method.md section 1.7)
// in    scores f32 [K, h, w]; tables x {first, second, fraction} [W], y the same [H]
// out   labels u16 [H, W]   lowest class on ties; resized f32 [K, H, W] on request
// why   resized scores are not kept: a label needs them once
// grid  (⌈W/128⌉, H)     block 128     shared 0     sm_70+
// bytes ≥ 4·K·h·w + 2·H·W, + 4·K·H·W with scores; each row asks for two rows of scores twice, which the first-level cache serves: 16·K·H·w sectors at most
// order bitwise equal from run to run and to the twin: first between rows, then between columns
// twin  SemanticInference.RunResized     test ResizedLabelsKernelTests     bench resized_labels
#include "prelude.cuh"

struct Tap { int first, second; float fraction; };

struct Shape { int classes, source_height, source_width, height, width; };

extern "C" __global__ void __launch_bounds__(128) resized_labels(Shape s, const float* __restrict__ scores,
    const Tap* __restrict__ taps_x, const Tap* __restrict__ taps_y, u16* __restrict__ labels, float* __restrict__ resized)
{
    int x = blockIdx.x * 128 + threadIdx.x, y = blockIdx.y;
    if (x >= s.width) {
        return;
    }

    Tap tx = taps_x[x], ty = taps_y[y];
    u64 plane = (u64)s.source_height * s.source_width, upper = (u64)ty.first * s.source_width, lower = (u64)ty.second * s.source_width;
    float best = __int_as_float(0xFF800000);
    int label = 0;
#pragma unroll 4
    for (int k = 0; k < s.classes; k++) {
        const float* score = scores + k * plane;
        float a = fmaf(ty.fraction, score[lower + tx.first] - score[upper + tx.first], score[upper + tx.first]);
        float b = fmaf(ty.fraction, score[lower + tx.second] - score[upper + tx.second], score[upper + tx.second]);
        float value = fmaf(tx.fraction, b - a, a);
        label = value > best ? k : label;
        best = value > best ? value : best;
        if (resized != nullptr) {
            resized[((u64)k * s.height + y) * s.width + x] = value;
        }
    }

    labels[(u64)y * s.width + x] = (u16)label;
}
