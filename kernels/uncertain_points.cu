// uncertain_points.cu — the k candidates whose logit is nearest to zero (method: point-based mask loss; kernels.md section 7)
// in    logits f32 [N, R], candidates f32 [N, R, 2]
// out   points f32 [N, k, 2]   the k smallest |logit|, ties by lowest index, in candidate order
// why   magnitudes order like their bits, so three histograms of 11, 10 and 10 bits find the k-th; no sort. NaN ranks last.
// grid  N     block 512     shared 8 KiB     sm_70+
// bytes ≥ 12·N·R + 8·N·k; the logits are read four times, three of them from the second-level cache
// order bitwise equal from run to run and to the twin: histograms of integers, places by prefix sums
// twin  UncertainPoints.Run     test CudaUncertainPointsTests     bench uncertain_points
#include "scan.cuh"

constexpr u32 threads = 512;
constexpr u32 warps = threads / warp_size;
constexpr u32 magnitude = 0x7FFFFFFFu;

extern "C" __global__ void __launch_bounds__(threads) uncertain_points(
    const u32* __restrict__ logits, const float2* __restrict__ candidates, float2* __restrict__ points, u32 count, u32 keep)
{
    __shared__ u32 histogram[2048];
    __shared__ u32 warp_sums[2][warps];
    __shared__ u32 found_bin, found_rank;
    logits += (u64)blockIdx.x * count;
    candidates += (u64)blockIdx.x * count;
    points += (u64)blockIdx.x * keep;
    u32 prefix = 0, rank = keep, total;
#pragma unroll
    for (int pass = 0; pass < 3; pass++) {
        const int shift = pass == 0 ? 20 : pass == 1 ? 10 : 0;
        const u32 bins = pass == 0 ? 2048 : 1024, each = bins / threads;
        for (u32 bin = threadIdx.x; bin < bins; bin += threads) {
            histogram[bin] = 0;
        }

        __syncthreads();
        for (u32 i = threadIdx.x; i < count; i += threads) {
            u32 key = logits[i] & magnitude;
            if (pass == 0 || (key ^ prefix) >> (pass == 1 ? 20 : 10) == 0) {
                atomicAdd(&histogram[key >> shift & (bins - 1)], 1);
            }
        }

        __syncthreads();
        u32 own = 0;
        for (u32 k = 0; k < each; k++) {
            own += histogram[threadIdx.x * each + k];
        }

        u32 below = exclusive_sum<warps>(own, warp_sums[0], total);
        if (below < rank && rank <= below + own) {
            u32 bin = threadIdx.x * each;
            for (; below + histogram[bin] < rank; bin++) {
                below += histogram[bin];
            }

            found_bin = bin;
            found_rank = rank - below;
        }

        __syncthreads();
        prefix |= found_bin << shift;
        rank = found_rank;
    }

    // Places in candidate order: how many smaller ones came before, and how many of the ties.
    u32 kept = 0, ties = 0;
    for (u32 first = 0; first < count; first += threads) {
        u32 i = first + threadIdx.x;
        u32 key = i < count ? logits[i] & magnitude : ~0u;
        u32 tie = key == prefix ? 1 : 0;
        u32 tied = ties + exclusive_sum<warps>(tie, warp_sums[0], total);
        ties += total;
        u32 take = key < prefix || (tie != 0 && tied < rank) ? 1 : 0;
        u32 place = kept + exclusive_sum<warps>(take, warp_sums[1], total);
        kept += total;
        if (take != 0) {
            points[place] = candidates[i];
        }
    }
}
