// Prefix sums over a block.
#pragma once
#include "prelude.cuh"

// Sum of the values of lower threads; total gets the sum of all. Every thread of the block's warps calls it. warp_sums is shared, one word a
// warp, and free for the next use once every thread has passed another barrier: sums in a row take turns with two of them.
template <u32 warps>
__device__ __forceinline__ u32 exclusive_sum(u32 value, u32* warp_sums, u32& total)
{
    u32 lane = threadIdx.x % warp_size, warp = threadIdx.x / warp_size, sum = value;
#pragma unroll
    for (u32 step = 1; step < warp_size; step *= 2) {
        u32 other = __shfl_up_sync(full_warp, sum, step);
        sum += lane >= step ? other : 0;
    }

    if (lane == warp_size - 1) {
        warp_sums[warp] = sum;
    }

    __syncthreads();
    u32 before = 0;
    total = 0;
#pragma unroll 4
    for (u32 w = 0; w < warps; w++) {
        u32 part = warp_sums[w];
        before += w < warp ? part : 0;
        total += part;
    }

    return before + sum - value;
}
