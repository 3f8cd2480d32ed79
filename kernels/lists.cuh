// Items sorted into lists: a counting sort whose result does not depend on the order of threads. Kernels count each list's items in
// first[list], turn the counts into ends, fill the places from the ends downwards, and sort every list by item.
#pragma once
#include "scan.cuh"

constexpr u32 no_list = ~0u;
constexpr u32 few_items = 32;

// Counts become ends: entry l is where list l ends, until the fill counts it down to where it begins. One block of 1024 threads.
__device__ __forceinline__ void ends_of_lists(u32* first, u32 lists)
{
    __shared__ u32 warp_sums[2][32];
    u32 base = 0;
    for (u32 from = 0; from <= lists; from += 1024) {
        u32 i = from + threadIdx.x, total;
        u32 own = i <= lists ? first[i] : 0;
        u32 end = base + own + exclusive_sum<32>(own, warp_sums[from / 1024 & 1], total);
        base += total;
        if (i <= lists) {
            first[i] = end;
        }
    }
}

// Puts an item into a free place of its list.
__device__ __forceinline__ void put_into_list(u32* __restrict__ first, u32* __restrict__ order, u32 list, u32 item)
{
    order[atomicSub(&first[list], 1) - 1] = item;
}

// The fill's order depends on time; after this a list's items stand in their own order. A thread of a block of 256 sorts a list of few
// items, the block one of many: a bitonic network that merges upwards only, so that places behind the end need not exist.
__device__ __forceinline__ void sort_lists(const u32* __restrict__ first, u32* __restrict__ order, u32 lists)
{
    __shared__ u32 many[256];
    __shared__ u32 many_count;
    if (threadIdx.x == 0) {
        many_count = 0;
    }

    __syncthreads();
    u32 list = blockIdx.x * 256 + threadIdx.x;
    u32 from = list < lists ? first[list] : 0, to = list < lists ? first[list + 1] : 0;
    if (to - from > few_items) {
        many[atomicAdd(&many_count, 1)] = list;
        to = from;
    }

    for (u32 i = from + 1; i < to; i++) {
        u32 moved = order[i], j = i;
        for (; j > from && order[j - 1] > moved; j--) {
            order[j] = order[j - 1];
        }

        order[j] = moved;
    }

    __syncthreads();
    for (u32 m = 0; m < many_count; m++) {
        u32* items = order + first[many[m]];
        u32 length = first[many[m] + 1] - first[many[m]];
        for (u32 size = 2; size / 2 < length; size *= 2) {
            for (u32 step = size / 2; step != 0; step /= 2) {
                u32 flip = step == size / 2 ? size - 1 : step;
                for (u32 i = threadIdx.x; i < length; i += 256) {
                    u32 other = i ^ flip;
                    if (i < other && other < length && items[i] > items[other]) {
                        u32 larger = items[i];
                        items[i] = items[other];
                        items[other] = larger;
                    }
                }

                __syncthreads();
            }
        }
    }
}
