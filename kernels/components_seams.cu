// components_seams.cu — second and third pass of connected components: joins across tile borders, sums of components (paper section 3.3; kernels.md section 2)
// in    classes, kept, starts, list, counters as in components_tile.cu
// out   parent u32 [N, H, W]   at first pixels of parts: the component's first pixel; parts: there the sums of the whole component
// why   one launch for both kinds of seam; a union where two runs meet first, found in the run-start bits; sums once a part, not once a pixel
// grid  seams (⌈(H/16·W + W/128·H) / 256⌉, 1, N), resolve (any, 1, N)     block 256     shared 0     sm_70+
// bytes 2·N·H·W/16 + 2·N·H·W/128, and 20 a part
// note  a vertical seam reads the pixels on its two sides, a sector of 32 bytes each: half a byte a pixel of the map, from the second-level cache
// order bitwise equal from run to run and GPU to GPU: minima, maxima and sums of integers
// twin  ConnectedComponents     test CudaConnectedComponentsTests     bench connected_components
#include "forest.cuh"
#include "runs.cuh"

// Items: pixels of the rows below horizontal seams, then rows of the vertical seams.
extern "C" __global__ void __launch_bounds__(256) components_seams(
    const u8* __restrict__ classes, const u32* __restrict__ kept, Map map, u32* __restrict__ parent, const u32* __restrict__ starts)
{
    u64 image = (u64)blockIdx.z * map.height * map.width;
    classes += image;
    parent += image;
    starts += (u64)blockIdx.z * map.height * map.tiles_x * 4;
    u32 seams = (map.height - 1) / tile_height, across = seams * map.width;
    u32 items = across + (map.tiles_x - 1) * map.height;
    u32 item = blockIdx.x * 256 + threadIdx.x;
    bool horizontal = item < across, vertical = !horizontal && item < items;
    u32 y = horizontal ? (item / map.width + 1) * tile_height : (item - across) % map.height;
    u32 x = horizontal ? item % map.width : ((item - across) / map.height + 1) * tile_width;
    u64 at = (u64)y * map.width + x;
    u32 c = horizontal || vertical ? classes[at] : none, west = vertical ? classes[at - 1] : none;

    // Lanes go down a vertical seam: the row above is the lane before.
    u32 north = __shfl_up_sync(full_warp, c, 1), north_west = __shfl_up_sync(full_warp, west, 1);
    if (!horizontal && !vertical) {
        return;
    }

    if (horizontal) {
        u32 up = classes[at - map.width];
        if (c == up) {
            if ((starts_at(starts, map, y, x) || starts_at(starts, map, y - 1, x)) && is_kept(kept, c)) {
                unite(parent, run_start(starts, map, y, x), run_start(starts, map, y - 1, x));
            }
        } else if (map.eight != 0 && is_kept(kept, c)) {
            if (x > 0 && classes[at - map.width - 1] == c && classes[at - 1] != c) {
                unite(parent, run_start(starts, map, y, x), run_start(starts, map, y - 1, x - 1));
            }

            if (x + 1 < map.width && classes[at - map.width + 1] == c && classes[at + 1] != c) {
                unite(parent, run_start(starts, map, y, x), run_start(starts, map, y - 1, x + 1));
            }
        }

        return;
    }

    if (y == 0) {
        north = north_west = none;
    } else if (threadIdx.x % warp_size == 0) {
        north = classes[at - map.width];
        north_west = classes[at - map.width - 1];
    }

    if (c == west) {
        // Where the row above has the same pair, it has joined them.
        if (!(north == c && north_west == c) && is_kept(kept, c)) {
            unite(parent, (u32)at, run_start(starts, map, y, x - 1));
        }
    } else if (map.eight != 0 && y % tile_height != 0) {
        if (north_west == c && north != c && is_kept(kept, c)) {
            unite(parent, (u32)at, run_start(starts, map, y - 1, x - 1));
        }

        if (north == west && north_west != west && is_kept(kept, west)) {
            unite(parent, run_start(starts, map, y, x - 1), run_start(starts, map, y - 1, x));
        }
    }
}

// Parts of tiles that are not the first of their component hand their sums over.
extern "C" __global__ void __launch_bounds__(256) components_resolve(
    Map map, u32* __restrict__ parent, uint4* __restrict__ parts, const u32* __restrict__ list, const u32* __restrict__ counters)
{
    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 count = counters[2 * blockIdx.z];
    for (u32 i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
        u32 pixel = list[image + i];
        u32 root = find(parent + image, pixel);
        if (root != pixel) {
            uint4 part = parts[image + pixel];
            u32* target = reinterpret_cast<u32*>(parts + image + root);
            atomicAdd(&target[0], part.x);
            atomicMax(&target[1], part.y);
            atomicMax(&target[2], part.z);
            atomicMax(&target[3], part.w);
            *const_cast<volatile u32*>(parent + image + pixel) = root;
        }
    }
}
