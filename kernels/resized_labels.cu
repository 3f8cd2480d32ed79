// resized_labels.cu — class scores resized bilinearly (align_corners = false) and their argmax: labels at the image's own size (method.md section 1.7)
// in    scores f32 [K, h, w]; tables x {first, second, fraction} [W], y the same [H]
// out   labels u16 [H, W]   lowest class on ties, 65535 where no score is a number; resized f32 [K, H, W] on request
// why   resized scores are not kept: a label needs them once; a block mixes two rows once for all of its columns
// grid  (⌈W/128⌉, ⌈H/8⌉)     block 128     shared 8 bytes for each source column of a block's pixels, dynamic     sm_70+
// bytes ≥ 4·K·h·w + 2·H·W, + 4·K·H·W with scores; each row of the answer asks for two rows of scores, 8·K·w·H, neighbours' from the caches
// order bitwise equal from run to run and to the twin: first between rows, then between columns
// twin  SemanticInference.RunResized     test ResizedLabelsKernelTests     bench resized_labels
#include "prelude.cuh"

struct Tap { int first, second; float fraction; };

struct Shape { int classes, source_height, source_width, height, width, span; };

constexpr int rows_per_block = 8, no_label = 0xFFFF;

extern "C" __global__ void __launch_bounds__(128) resized_labels(Shape s, const float* __restrict__ scores,
    const Tap* __restrict__ taps_x, const Tap* __restrict__ taps_y, u16* __restrict__ labels, float* __restrict__ resized)
{
    extern __shared__ float rows[];   // two rows of s.span mixed scores, in turn
    int x = blockIdx.x * 128 + threadIdx.x;
    Tap tx = taps_x[min(x, s.width - 1)];
    int start = taps_x[blockIdx.x * 128].first & ~7, columns = taps_x[min(blockIdx.x * 128 + 127, s.width - 1)].second - start + 1;
    u64 plane = (u64)s.source_height * s.source_width;
    int turn = 0;
    for (int y = blockIdx.y * rows_per_block; y < min((blockIdx.y + 1) * rows_per_block, s.height); y++) {
        Tap ty = taps_y[y];
        u64 upper = (u64)ty.first * s.source_width + start, lower = (u64)ty.second * s.source_width + start;
        float best = __int_as_float(0xFF800000);
        int label = no_label;
        for (int k = 0; k < s.classes; k++, turn ^= 1) {
            const float* score = scores + k * plane;
            float* row = rows + turn * s.span;
            for (int i = threadIdx.x; i < columns; i += 128) {
                float a = score[upper + i];
                row[i] = fmaf(ty.fraction, score[lower + i] - a, a);
            }

            // The other row is written only when everybody has come past this.
            __syncthreads();
            float a = row[tx.first - start];
            float value = fmaf(tx.fraction, row[tx.second - start] - a, a);
            label = value > best ? k : label;
            best = value > best ? value : best;
            if (resized != nullptr && x < s.width) {
                resized[((u64)k * s.height + y) * s.width + x] = value;
            }
        }

        if (x < s.width) {
            labels[(u64)y * s.width + x] = (u16)label;
        }
    }
}
