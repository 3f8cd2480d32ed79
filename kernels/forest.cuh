// Union-find on run starts, in shared or in global memory.
#pragma once
#include "prelude.cuh"

// Parents only ever fall, and reads race with minima: volatile, so that each read is one load.
__device__ __forceinline__ u32 find(const volatile u32* parent, u32 a)
{
    for (u32 p = parent[a]; p != a; p = parent[a]) {
        a = p;
    }

    return a;
}

// The smaller index wins, so a root is the first pixel of its component in raster order.
__device__ __forceinline__ void unite(u32* parent, u32 a, u32 b)
{
    for (;;) {
        a = find(parent, a);
        b = find(parent, b);
        if (a == b) {
            return;
        }

        u32 high = max(a, b);
        b = min(a, b);
        a = atomicMin(&parent[high], b);
        if (a == high) {
            return;
        }
    }
}
