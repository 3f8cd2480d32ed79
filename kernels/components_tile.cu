// components_tile.cu — first pass of connected components: joins runs of equal class inside tiles of 128 x 16 pixels (paper section 3.3; kernels.md section 2)
// in    classes u8 [N, H, W]   any values; kept u32 [8] is a bitmap of the classes that form components
// out   starts  uint4 [N, H, W/128]   a bit where a run starts; parent u32 [N, H, W], written at run starts: the first pixel of the run's part, or none
// out   parts   uint4 [N, H, W], written at first pixels of parts: area, ~x0, x1, y1; list u32 [N, H, W] names them
// out   counters u32 [N, 2]   entry 0: parts; zero before
// why   runs, not pixels: the first pixel of a run stands for it in shared and in global memory; any number of classes, 4- or 8-connected
// grid  (W/128, H/16, N)     block (32, 16)     shared 44 KiB     sm_70+
// bytes 1.125·N·H·W; 4 a run and 20 a part come on top and stay in the second-level cache
// note  a run's parent is a store of 4 bytes in a sector of 32, and the sectors are counted: that is all that lies above the minimum
// order bitwise equal from run to run and GPU to GPU, up to the order of the list: minima, maxima and sums of integers
// twin  ConnectedComponents     test CudaConnectedComponentsTests     bench connected_components
#include "forest.cuh"
#include "runs.cuh"

// Bit j of the result: byte j of the mask is set.
__device__ __forceinline__ u32 nibble_of(u32 byte_mask) { return (byte_mask & 0x08040201u) * 0x01010101u >> 24; }

// Four pixels; bytes of classes that form no component, and of columns outside, become 255, which the caller's bitmap never keeps.
__device__ __forceinline__ u32 load_four(const u8* __restrict__ row, int x, int width, const u32* kept)
{
    u32 v = none;
    if ((width & 3) == 0) {
        if (x < width) {
            v = *reinterpret_cast<const u32*>(row + x);
        }
    } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (x + j < width) {
                v = (v & ~(0xFFu << (8 * j))) | (u32)row[x + j] << (8 * j);
            }
        }
    }

#pragma unroll
    for (int j = 0; j < 4; j++) {
        if (!is_kept(kept, v >> (8 * j) & 0xFF)) {
            v |= 0xFFu << (8 * j);
        }
    }

    return v;
}

// Run start of the lane's pixel j; carry is the start in force where the lane begins.
__device__ __forceinline__ u32 start_of(u32 nibble, u32 carry, u32 base, int j)
{
    u32 bits = nibble & ((2u << j) - 1);
    return bits != 0 ? base + 31 - __clz(bits) : carry;
}

extern "C" __global__ void __launch_bounds__(512) components_tile(const u8* __restrict__ classes, const u32* __restrict__ kept, Map map,
    u32* __restrict__ parent_out, uint4* __restrict__ parts, u32* __restrict__ starts, u32* __restrict__ list, u32* __restrict__ counters)
{
    __shared__ u32 parent[tile_height * tile_width];
    __shared__ u32 area[tile_height * tile_width];
    __shared__ u32 left[tile_height * tile_width];
    __shared__ u32 right[tile_height * tile_width];
    __shared__ u32 bottom[tile_height * tile_width];
    __shared__ u32 values[tile_height][warp_size];
    __shared__ u32 nibbles[tile_height][warp_size];
    __shared__ u32 bitmap[8];
    __shared__ u32 list_count, list_base;

    u32 lane = threadIdx.x, row = threadIdx.y;
    int y = blockIdx.y * tile_height + row, x = blockIdx.x * tile_width + 4 * lane;
    u64 image = (u64)blockIdx.z * map.height * map.width;
    if (row == 0 && lane < 8) {
        bitmap[lane] = kept[lane];
    }

    if (row == 0 && lane == 8) {
        list_count = 0;
    }

    __syncthreads();

    // Runs of the row.
    bool inside = y < map.height;
    u32 v = inside ? load_four(classes + image + (u64)y * map.width, x, map.width, bitmap) : none;
    u32 before = __shfl_up_sync(full_warp, v, 1) >> 24;
    u32 nibble = nibble_of(__vcmpne4(v, v << 8 | before)) | (lane == 0 ? 1 : 0);
    u32 lanes = __ballot_sync(full_warp, nibble != 0);
    u32 below = lanes & ((1u << lane) - 1);
    u32 base = row * tile_width + 4 * lane;
    u32 last = base + 31 - __clz(nibble);
    u32 carry = __shfl_sync(full_warp, last, 31 - __clz(below | 1));
    u32 live = nibble & ~nibble_of(__vcmpeq4(v, none));
    values[row][lane] = v;
    nibbles[row][lane] = nibble | carry << 8;
    u32 word = nibble << 4 * (lane & 7);
    word |= __shfl_xor_sync(full_warp, word, 1);
    word |= __shfl_xor_sync(full_warp, word, 2);
    word |= __shfl_xor_sync(full_warp, word, 4);
    if (inside && (lane & 7) == 0) {
        starts[(((u64)blockIdx.z * map.height + y) * map.tiles_x + blockIdx.x) * 4 + lane / 8] = word;
    }

    for (u32 rest = live; rest != 0; rest &= rest - 1) {
        u32 node = base + __ffs(rest) - 1;
        parent[node] = node;
        area[node] = 0;
        left[node] = 0;
        right[node] = 0;
        bottom[node] = 0;
    }

    __syncthreads();

    // Unions with the row above, once for each pair of runs that touch.
    if (row > 0) {
        u32 up = values[row - 1][lane];
        u32 packed = nibbles[row - 1][lane];
        u32 up_nibble = packed & 15, up_carry = packed >> 8, up_base = base - tile_width;
        u32 something = ~nibble_of(__vcmpeq4(v, none));
        u32 equal = nibble_of(__vcmpeq4(v, up)) & something;
        for (u32 rest = equal & (nibble | up_nibble); rest != 0; rest &= rest - 1) {
            int j = __ffs(rest) - 1;
            unite(parent, start_of(nibble, carry, base, j), start_of(up_nibble, up_carry, up_base, j));
        }

        if (map.eight != 0) {
            u32 up_before = __shfl_up_sync(full_warp, up, 1) >> 24;
            u32 up_after = __shfl_down_sync(full_warp, up, 1) & 0xFF;
            u32 next_starts = nibble >> 1 | (__shfl_down_sync(full_warp, nibble, 1) & 1) << 3;
            u32 corner_left = nibble_of(__vcmpeq4(v, up << 8 | up_before)) & nibble & ~equal & something & (lane == 0 ? 14 : 15);
            u32 corner_right = nibble_of(__vcmpeq4(v, up >> 8 | up_after << 24)) & next_starts & ~equal & something & (lane == 31 ? 7 : 15);
            for (u32 rest = corner_left; rest != 0; rest &= rest - 1) {
                int j = __ffs(rest) - 1;
                unite(parent, base + j, j == 0 ? up_carry : start_of(up_nibble, up_carry, up_base, j - 1));
            }

            for (u32 rest = corner_right; rest != 0; rest &= rest - 1) {
                int j = __ffs(rest) - 1;
                unite(parent, start_of(nibble, carry, base, j), up_base + j + 1);
            }
        }
    }

    __syncthreads();

    // Runs report to their roots. x0 is kept as a maximum, so that every field starts at zero.
    u32 above = lanes & ~((2u << lane) - 1);
    u32 next_lane = above != 0 ? __ffs(above) - 1 : 0;
    u32 first_next = __shfl_sync(full_warp, base + __ffs(nibble) - 1, next_lane);
    u32 run_end = above != 0 ? first_next : (row + 1) * tile_width;
    u32 origin = blockIdx.y * tile_height * map.width + blockIdx.x * tile_width;
    u32 my_roots = 0;
    for (u32 rest = nibble; rest != 0; rest &= rest - 1) {
        int j = __ffs(rest) - 1;
        u32 node = base + j, root = none;
        if ((live >> j & 1) != 0) {
            u32 end = (rest & (rest - 1)) != 0 ? base + __ffs(rest & (rest - 1)) - 1 : run_end;
            root = find(parent, node);
            my_roots |= root == node ? 1u << j : 0;
            atomicAdd(&area[root], end - node);
            atomicMax(&left[root], tile_width - node % tile_width);
            atomicMax(&right[root], (end - 1) % tile_width);
            atomicMax(&bottom[root], row);
            root = origin + root / tile_width * map.width + root % tile_width;
        }

        if (inside && x + j < map.width) {
            parent_out[image + (u64)y * map.width + x + j] = root;
        }
    }

    u32 place = 0, total = 0;
#pragma unroll
    for (int j = 0; j < 4; j++) {
        u32 roots = __ballot_sync(full_warp, (my_roots >> j & 1) != 0);
        place += __popc(roots & ((1u << lane) - 1));
        total += __popc(roots);
    }

    u32 warp_base = 0;
    if (lane == 0 && total != 0) {
        warp_base = atomicAdd(&list_count, total);
    }

    place += __shfl_sync(full_warp, warp_base, 0);
    __syncthreads();

    if (row == 0 && lane == 0) {
        list_base = list_count == 0 ? 0 : atomicAdd(&counters[2 * blockIdx.z], list_count);
    }

    __syncthreads();

    for (u32 rest = my_roots; rest != 0; rest &= rest - 1) {
        u32 j = __ffs(rest) - 1, node = base + j;
        u32 pixel = (u32)y * map.width + x + j;
        u32 x_base = blockIdx.x * tile_width;
        parts[image + pixel] = make_uint4(area[node], ~(x_base + tile_width - left[node]), x_base + right[node], blockIdx.y * tile_height + bottom[node]);
        list[image + list_base + place++] = pixel;
    }
}
