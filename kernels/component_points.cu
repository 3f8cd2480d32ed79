// component_points.cu — k random pixels of each component, uniform and without repetition (paper section 3.3; kernels.md section 3)
// in    table   i32 [n, 7]   class, area, x0, y0, x1, y1, first pixel; parent, starts: of components_seams.cu and components_tile.cu
// in    seed u64, image u32   key and third counter word of the generator; candidate i has counter (i, first pixel, image, 0)
// out   points  f32 [n, k, 2]   (x, y) in pixels, in the order of acceptance; zeros where the component gets none
// out   counts  i32 [n]   k, or 0 where fewer than k pixels qualify; k at most 64
// why   rejection from the box costs k · box / area candidates and reads as many labels; hashing every pixel would cost them all
// grid  ⌈n / 4⌉     block 128     shared 0     sm_70+
// bytes ≥ 28·n + 8·n·k + 12·n·k·box/area  (three words a candidate)
// note  a candidate's words lie anywhere in the map, a sector of 32 bytes each, and a round has 32 candidates: a few microseconds of latency in all
// order bitwise equal from run to run, GPU to GPU and to a plain loop: candidates count in counter order, not in time
// twin  ComponentPoints     test CudaComponentPointsTests     bench component_points
#include "runs.cuh"

// A lane holds the points of its number and of 32 more.
constexpr int held = 2;
constexpr u32 most_candidates = 4096 * 32;

__device__ __forceinline__ uint2 philox(u32 c0, u32 c1, u32 c2, u32 k0, u32 k1)
{
    u32 c3 = 0;
#pragma unroll
    for (int round = 0; round < 10; round++) {
        u32 high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
        u32 high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    return make_uint2(c0, c1);
}

struct Component { int label, area, x0, y0, x1, y1, first; };

struct Drawing { Component c; const u32* parent; const u32* starts; Map map; int radius; u32 image, k0, k1; };

__device__ __forceinline__ bool belongs(const Drawing& d, int x, int y)
{
    for (int dy = -d.radius; dy <= d.radius; dy++) {
        for (int dx = -d.radius; dx <= d.radius; dx++) {
            int u = x + dx, v = y + dy;
            if (u < 0 || v < 0 || u >= d.map.width || v >= d.map.height || component_at(d.parent, d.starts, d.map, v, u) != (u32)d.c.first) {
                return false;
            }
        }
    }

    return true;
}

// Counts the component's pixels in raster order up to the one of a rank, whose place every lane gets; all of them for rank -1.
__device__ int walk(const Drawing& d, int rank, int& x, int& y)
{
    int lane = threadIdx.x % warp_size, passed = 0;
    for (y = d.c.y0; y <= d.c.y1; y++) {
        for (int left = d.c.x0; left <= d.c.x1; left += warp_size) {
            u32 members = __ballot_sync(full_warp, left + lane <= d.c.x1 && belongs(d, left + lane, y));
            if (rank >= 0 && passed + __popc(members) > rank) {
                for (int skip = rank - passed; skip > 0; skip--) {
                    members &= members - 1;
                }

                x = left + __ffs(members) - 1;
                return rank + 1;
            }

            passed += __popc(members);
        }
    }

    return passed;
}

__device__ __forceinline__ void take(int number, int x, int y, int (&my_x)[held], int (&my_y)[held])
{
#pragma unroll
    for (int h = 0; h < held; h++) {
        bool mine = h * warp_size + threadIdx.x % warp_size == number;
        my_x[h] = mine ? x : my_x[h];
        my_y[h] = mine ? y : my_y[h];
    }
}

extern "C" __global__ void __launch_bounds__(128) component_points(const Component* __restrict__ table, u32 count, Map map, const u32* __restrict__ parent,
    const u32* __restrict__ starts, int wanted, u64 seed, u32 image, int radius, float2* __restrict__ points, int* __restrict__ counts)
{
    u32 index = blockIdx.x * 4 + threadIdx.x / warp_size;
    int lane = threadIdx.x % warp_size;
    if (index >= count) {
        return;
    }

    Drawing d = { table[index], parent, starts, map, radius, image, (u32)seed, (u32)(seed >> 32) };
    int x, y, my_x[held] = {}, my_y[held] = {}, taken = 0;
    bool enough = d.c.area >= wanted && (radius == 0 || walk(d, -1, x, y) >= wanted);
    u32 box_width = d.c.x1 - d.c.x0 + 1, box_height = d.c.y1 - d.c.y0 + 1;
    for (u32 round = 0; enough && taken < wanted && round < most_candidates / warp_size; round++) {
        uint2 r = philox(round * warp_size + lane, d.c.first, image, d.k0, d.k1);
        x = d.c.x0 + (int)__umulhi(r.x, box_width);
        y = d.c.y0 + (int)__umulhi(r.y, box_height);
        for (u32 rest = __ballot_sync(full_warp, belongs(d, x, y)); rest != 0 && taken < wanted; rest &= rest - 1) {
            int from = __ffs(rest) - 1;
            int new_x = __shfl_sync(full_warp, x, from), new_y = __shfl_sync(full_warp, y, from);
            bool known = false;
#pragma unroll
            for (int h = 0; h < held; h++) {
                known |= h * warp_size + lane < taken && my_x[h] == new_x && my_y[h] == new_y;
            }

            if (!__any_sync(full_warp, known)) {
                take(taken, new_x, new_y, my_x, my_y);
                taken++;
            }
        }
    }

    // Thin components: ranks among the pixels, without replacement; lane i holds the i-th and the (i + 32)-th smallest rank drawn so far.
    if (enough && taken < wanted) {
        int pixels = radius == 0 ? d.c.area : walk(d, -1, x, y);
        int low = 0, high = 0;
        for (int j = 0; j < wanted; j++) {
            int rank = (int)__umulhi(philox(most_candidates + j, d.c.first, image, d.k0, d.k1).x, (u32)(pixels - j));
            int place = 0;
            for (; place < j && __shfl_sync(full_warp, place < warp_size ? low : high, place % warp_size) <= rank; place++) {
                rank++;
            }

            int last = __shfl_sync(full_warp, low, warp_size - 1);
            int low_before = __shfl_up_sync(full_warp, low, 1), high_before = __shfl_up_sync(full_warp, high, 1);
            high = lane + warp_size == place ? rank : lane + warp_size > place ? (lane == 0 ? last : high_before) : high;
            low = lane == place ? rank : lane > place ? low_before : low;
            walk(d, rank, x, y);
            take(j, x, y, my_x, my_y);
        }
    }

#pragma unroll
    for (int h = 0; h < held; h++) {
        int i = h * warp_size + lane;
        if (i < wanted) {
            points[(u64)index * wanted + i] = enough ? make_float2(my_x[h], my_y[h]) : make_float2(0, 0);
        }
    }

    if (lane == 0) {
        counts[index] = enough ? wanted : 0;
    }
}
