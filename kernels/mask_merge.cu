// mask_merge.cu — masks of Segment Anything to one label map (paper section 3.3; kernels.md section 4)
// in    logits f32 or f16 [N, 3, h, w], predicted IoU f32 [N, 3], classes u8 [N] below 255; tables x, y: four logit indices, their weights, two outer weights
// out   labels u8 [H, W]   255 where there is no mask or masks clash; bitmaps u32 [planes, H, ⌈W/32⌉] by class on request, zeroed before
// out   areas i32 [N]   pixels that each mask covers, zeroed before; chosen u32 [N, H, ⌈W/32⌉] the masks themselves on request, zeroed before
// i/o   clashes u32 [H, ⌈W/32⌉]   where masks clash, on request; with labels it is all that further masks of the same image need (resume)
// why   best of three, both resizes, threshold and overlap in one pass: no full-size mask ever exists; most masks are decided by signs alone
// grid  (⌈W/32⌉, ⌈H/32⌉)     block (32, 8)     shared 1.5 KiB     sm_70+
// bytes ≥ 4·N·h·w + H·W, half the logits' with f16; windows of tiles overlap by two taps, and a mixed pixel reads 16 taps through the first-level cache
// order bitwise equal from run to run and to the twin: every float operation in the order of the library resampler, sums of integers
// twin  MaskMerge     test MaskMergeKernelTests     bench mask_merge
#include "narrow.cuh"

constexpr int side = 32;
constexpr int chunk = 256;

// Logits and weights along one axis of an output: near pixel of the frame from taps 0 and 1, far pixel from 2 and 3.
struct __align__(16) Tap { int4 at; float4 weight; float near, far; };

// When two masks of a pixel clash: always, where their classes differ, or likewise while the bitmaps keep both.
constexpr u32 clash_any = 0, keep_both = 2;

struct Shape { int masks, mask_height, mask_width, height, width, planes; u32 overlap, resume; };

template <typename T>
__device__ __forceinline__ bool is_positive(const T* __restrict__ mask, const Shape& s, const Tap& x, const Tap& y)
{
    float near[4], far[4];
    int rows[4] = { y.at.x, y.at.y, y.at.z, y.at.w };
#pragma unroll
    for (int k = 0; k < 4; k++) {
        const T* row = mask + rows[k] * s.mask_width;
        near[k] = x.weight.x * widen(row[x.at.x]) + x.weight.y * widen(row[x.at.y]);
        far[k] = x.weight.z * widen(row[x.at.z]) + x.weight.w * widen(row[x.at.w]);
    }

    float upper = x.near * (y.weight.x * near[0] + y.weight.y * near[1]) + x.far * (y.weight.x * far[0] + y.weight.y * far[1]);
    float lower = x.near * (y.weight.z * near[2] + y.weight.w * near[3]) + x.far * (y.weight.z * far[2] + y.weight.w * far[3]);
    return y.near * upper + y.far * lower > 0;
}

template <typename T>
__device__ __forceinline__ void merge(Shape s, const T* __restrict__ logits, const float* __restrict__ predicted, const u8* __restrict__ classes,
    const Tap* __restrict__ taps_x, const Tap* __restrict__ taps_y, u8* __restrict__ labels, u32* __restrict__ bitmaps, int* __restrict__ areas,
    u32* __restrict__ clashes, u32* __restrict__ selected)
{
    // 0 no pixel, 1 every pixel, 2 some; and the mask chosen of the three.
    __shared__ u8 cover[chunk];
    __shared__ u32 chosen[chunk];
    u32 lane = threadIdx.x, warp = threadIdx.y;
    int left = blockIdx.x * side, top = blockIdx.y * side, x = left + lane;
    int right = min(left + side, s.width) - 1, bottom = min(top + side, s.height) - 1;
    int x0 = taps_x[left].at.x, y0 = taps_y[top].at.x;
    int window_width = taps_x[right].at.w - x0 + 1, window = window_width * (taps_y[bottom].at.w - y0 + 1);
    Tap tx = taps_x[min(x, s.width - 1)];
    u32 words = (s.width + side - 1) / side;

    // A byte and a bit for each of the thread's four rows: registers are what bounds this kernel.
    u32 owners = 0xffffffff, clash = 0;
    for (int k = 0; s.resume != 0 && k < 4; k++) {
        int y = top + 8 * k + warp;
        if (x < s.width && y < s.height) {
            owners ^= (255u ^ labels[(u64)y * s.width + x]) << 8 * k;
            clash |= (clashes[(u64)y * words + blockIdx.x] >> lane & 1) << k;
        }
    }

    for (int from = 0; from < s.masks; from += chunk) {
        int count = min(chunk, s.masks - from);
        __syncthreads();
        for (int m = warp; m < count; m += 8) {
            const float* iou = predicted + 3 * (from + m);
            int best = iou[1] > iou[0] ? 1 : 0;
            best = iou[2] > iou[best] ? 2 : best;
            u32 index = 3 * (from + m) + best;
            const T* mask = logits + (u64)index * s.mask_height * s.mask_width;

            // Between these bounds no product of weights can vanish: positive logits then cover the tile for certain.
            bool positive = false, other = false;
            for (int i = lane; i < window; i += warp_size) {
                float logit = widen(mask[(y0 + i / window_width) * s.mask_width + x0 + i % window_width]);
                positive |= logit > 0;
                other |= !(logit > 1e-20f && logit < 1e20f);
            }

            positive = __any_sync(full_warp, positive) != 0;
            other = __any_sync(full_warp, other) != 0;
            if (lane == 0) {
                cover[m] = !positive ? 0 : other ? 2 : 1;
                chosen[m] = index;
            }
        }

        __syncthreads();
        for (int m = 0; m < count; m++) {
            if (cover[m] == 0) {
                continue;
            }

            const T* mask = logits + (u64)chosen[m] * s.mask_height * s.mask_width;
            u32 own = classes[from + m];
            int covered = 0;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                int y = top + 8 * k + warp;
                bool inside = x < s.width && y < s.height;
                if (inside && cover[m] == 2) {
                    inside = is_positive(mask, s, tx, taps_y[y]);
                }

                u32 bits = __ballot_sync(full_warp, inside);
                covered += __popc(bits);
                if (lane == 0 && bits != 0) {
                    if (selected != nullptr) {
                        selected[((u64)(from + m) * s.height + y) * words + blockIdx.x] = bits;
                    }

                    if (s.overlap == keep_both && own < (u32)s.planes) {
                        bitmaps[((u64)own * s.height + y) * words + blockIdx.x] |= bits;
                    }
                }

                u32 owner = owners >> 8 * k & 255;
                if (inside && owner == 255) {
                    owners ^= (255u ^ own) << 8 * k;
                } else if (inside && (s.overlap == clash_any || owner != own)) {
                    clash |= 1u << k;
                }
            }

            if (lane == 0 && covered != 0) {
                atomicAdd(&areas[from + m], covered);
            }
        }
    }

#pragma unroll
    for (int k = 0; k < 4; k++) {
        int y = top + 8 * k + warp;
        bool inside = x < s.width && y < s.height;
        bool clashes_here = (clash >> k & 1) != 0;
        u32 label = clashes_here ? 255 : owners >> 8 * k & 255;
        if (inside) {
            labels[(u64)y * s.width + x] = (u8)label;
        }

        u32 clashing = __ballot_sync(full_warp, inside && clashes_here);
        if (lane == 0 && clashes != nullptr && y < s.height) {
            clashes[(u64)y * words + blockIdx.x] = clashing;
        }

        // One word of a row for each class that occurs in it.
        for (u32 rest = __ballot_sync(full_warp, inside && s.overlap != keep_both && label < (u32)s.planes); rest != 0;) {
            u32 one = __shfl_sync(full_warp, label, __ffs(rest) - 1);
            u32 bits = __ballot_sync(full_warp, inside && label == one);
            if (lane == 0) {
                bitmaps[((u64)one * s.height + y) * words + blockIdx.x] = bits;
            }

            rest &= ~bits;
        }
    }
}

#define ENTRY(NAME, T) \
    extern "C" __global__ void __launch_bounds__(256, 3) NAME( \
        Shape s, const T* __restrict__ logits, const float* __restrict__ predicted, const u8* __restrict__ classes, const Tap* __restrict__ taps_x, \
        const Tap* __restrict__ taps_y, u8* __restrict__ labels, u32* __restrict__ bitmaps, int* __restrict__ areas, \
        u32* __restrict__ clashes, u32* __restrict__ selected) \
    { \
        merge(s, logits, predicted, classes, taps_x, taps_y, labels, bitmaps, areas, clashes, selected); \
    }

ENTRY(mask_merge, float)
ENTRY(mask_merge_f16, f16)
