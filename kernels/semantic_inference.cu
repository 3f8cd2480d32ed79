// semantic_inference.cu — mask logits to a label map: upsample, sigmoid, class-weighted sum, argmax (mask classification inference; method.md section 1.7)
// in    masks f32 [Q, h, w], probabilities f32 [Q, K]; tables x {first, second, fraction} [W], y the same [H]
// out   labels u16 [H, W]   lowest class on ties, 65535 where a score is no number: a logit was not finite; scores f32 [K, H, W] on request
// why   fused: Q·H·W values never exist; a pixel's sigmoids are used for twenty classes at a time
// grid  (⌈W/128⌉, H)     block 128     shared 80·Q bytes, dynamic     sm_70+
// bytes ≥ 4·Q·h·w + 2·H·W, + 4·K·H·W with scores; neighbours share their four taps in the first-level cache, which the count of sectors does not see
// flops about 30 a pixel and query and 2 a pixel, query and class: bound by arithmetic
// order bitwise equal from run to run and to the twin: sums over queries in order, exp by the twin's polynomial
// twin  SemanticInference.Run     test SemanticInferenceKernelTests     bench semantic_inference
#include "prelude.cuh"
#include "exponential.cuh"

constexpr int class_block = 20, no_label = 0xFFFF;

struct Tap { int first, second; float fraction; };

struct Shape { int queries, classes, mask_height, mask_width, height, width; };

extern "C" __global__ void __launch_bounds__(128) semantic_inference(Shape s, const float* __restrict__ masks, const float* __restrict__ probabilities,
    const Tap* __restrict__ taps_x, const Tap* __restrict__ taps_y, u16* __restrict__ labels, float* __restrict__ scores)
{
    extern __shared__ float block[];
    int x = blockIdx.x * 128 + threadIdx.x, y = blockIdx.y;
    Tap tx = taps_x[min(x, s.width - 1)], ty = taps_y[y];
    u64 upper = (u64)ty.first * s.mask_width, lower = (u64)ty.second * s.mask_width, plane = (u64)s.mask_height * s.mask_width;
    float best = __int_as_float(0xFF800000);
    int label = no_label;
    for (int first = 0; first < s.classes; first += class_block) {
        __syncthreads();
        for (int i = threadIdx.x; i < s.queries * class_block; i += 128) {
            int k = first + i % class_block;
            block[i] = k < s.classes ? probabilities[i / class_block * s.classes + k] : 0;
        }

        __syncthreads();
        float sums[class_block] = {};
        for (int q = 0; q < s.queries; q++) {
            const float* mask = masks + q * plane;
            float a = fmaf(ty.fraction, mask[lower + tx.first] - mask[upper + tx.first], mask[upper + tx.first]);
            float b = fmaf(ty.fraction, mask[lower + tx.second] - mask[upper + tx.second], mask[upper + tx.second]);
            float logit = fmaf(tx.fraction, b - a, a);
            float sigmoid = fmaf(logit, 0.0f, 1.0f / (1.0f + exp_clamped(-logit)));
#pragma unroll
            for (int k = 0; k < class_block; k++) {
                sums[k] = fmaf(block[q * class_block + k], sigmoid, sums[k]);
            }
        }

#pragma unroll
        for (int k = 0; k < class_block; k++) {
            if (first + k < s.classes) {
                label = sums[k] > best ? first + k : label;
                best = sums[k] > best ? sums[k] : best;
                if (scores != nullptr && x < s.width) {
                    scores[((u64)(first + k) * s.height + y) * s.width + x] = sums[k];
                }
            }
        }
    }

    if (x < s.width) {
        labels[(u64)y * s.width + x] = (u16)label;
    }
}
