// Runs of a labelled class map: what the passes of connected components share and others read.
#pragma once
#include "prelude.cuh"

constexpr int tile_width = 128;
constexpr int tile_height = 16;
constexpr u32 none = 0xFFFFFFFFu;

struct Map { int height, width, tiles_x; u32 eight; u32 larger_than; };

__device__ __forceinline__ bool is_kept(const u32* __restrict__ kept, u32 c) { return (kept[c >> 5] >> (c & 31) & 1) != 0; }

// First pixel of the run that holds (y, x).
__device__ __forceinline__ u32 run_start(const u32* __restrict__ starts, const Map& map, u32 y, u32 x)
{
    const u32* words = starts + ((u64)y * map.tiles_x + x / tile_width) * 4;
    u32 w = x % tile_width / 32;
    u32 bits = words[w] & ((2u << (x & 31)) - 1);
    while (bits == 0) {
        bits = words[--w];
    }

    return y * map.width + x / tile_width * tile_width + 32 * w + 31 - __clz(bits);
}

__device__ __forceinline__ bool starts_at(const u32* __restrict__ starts, const Map& map, u32 y, u32 x)
{
    return (starts[((u64)y * map.tiles_x + x / tile_width) * 4 + x % tile_width / 32] >> (x & 31) & 1) != 0;
}

// First pixel of the component that holds (y, x), or none; valid after components_resolve.
__device__ __forceinline__ u32 component_at(const u32* __restrict__ parent, const u32* __restrict__ starts, const Map& map, u32 y, u32 x)
{
    u32 part = parent[run_start(starts, map, y, x)];
    return part == none ? none : parent[part];
}
