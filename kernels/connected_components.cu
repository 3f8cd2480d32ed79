// connected_components.cu — components of a class map: area, box, first pixel, in canonical order (paper section 3.3; kernels.md section 2)
// in    classes u8 [N, H, W]   any values; kept u32 [8] is a bitmap of the classes that form components
// out   table   i32 [N, capacity, 7]   class, area, x0, y0, x1, y1, first pixel; ordered by (class, first pixel)
// out   counters u32 [N, 2]   parts of tiles, components; zero before the first launch
// out   labels  i32 [N, H, W]   on request: the component's first pixel, -1 where there is none or it is too small
// why   runs, not pixels: the first pixel of a run stands for it in shared and in global memory; any number of classes, 4- or 8-connected
// note  scratch: parent u32 [N, H, W] touched at run starts, parts uint4 [N, H, W] at tile roots, starts uint4 [N, H, W/128], list u32 [N, H, W]
// grid  tile (W/128, H/16, N), seams, resolve, select, rank (any, 1, N), dense (W/128, H/8, N)     block (32, 16), 256 in the middle, (32, 8)     shared 44 KiB in tile     sm_70+
// bytes 1·N·H·W without labels, 5·N·H·W with them; scratch that stays in the second-level cache comes on top and is counted
// order bitwise equal from run to run, GPU to GPU and to the twin: minima, maxima and sums of integers, ranks of unique keys
// twin  ConnectedComponents     test ConnectedComponentsTests     bench components
#include "runs.cuh"

constexpr int tile_height = 16;

__device__ __forceinline__ bool is_kept(const u32* __restrict__ kept, u32 c) { return (kept[c >> 5] >> (c & 31) & 1) != 0; }

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

extern "C" __global__ void __launch_bounds__(512) components_tile(const u8* __restrict__ classes, const u32* __restrict__ kept, Map map, u32* __restrict__ parent_out, uint4* __restrict__ parts, u32* __restrict__ starts, u32* __restrict__ list, u32* __restrict__ counters)
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

// Items: pixels of the rows below horizontal seams, then rows of the vertical seams.
extern "C" __global__ void __launch_bounds__(256) components_seams(const u8* __restrict__ classes, const u32* __restrict__ kept, Map map, u32* __restrict__ parent, const u32* __restrict__ starts)
{
    u64 image = (u64)blockIdx.z * map.height * map.width;
    classes += image;
    parent += image;
    starts += (u64)blockIdx.z * map.height * map.tiles_x * 4;
    u32 seams = (map.height - 1) / tile_height, across = seams * map.width;
    u32 items = across + (map.tiles_x - 1) * map.height;
    u32 item = blockIdx.x * 256 + threadIdx.x;
    if (item >= items) {
        return;
    }

    bool horizontal = item < across;
    u32 y = horizontal ? (item / map.width + 1) * tile_height : (item - across) % map.height;
    u32 x = horizontal ? item % map.width : ((item - across) / map.height + 1) * tile_width;
    u64 at = (u64)y * map.width + x;
    u32 c = classes[at];
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

    u32 west = classes[at - 1];
    u32 north = y > 0 ? classes[at - map.width] : none, north_west = y > 0 ? classes[at - map.width - 1] : none;
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
extern "C" __global__ void __launch_bounds__(256) components_resolve(Map map, u32* __restrict__ parent, uint4* __restrict__ parts, const u32* __restrict__ list, const u32* __restrict__ counters)
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

// Roots of components that are large enough, in any order.
extern "C" __global__ void __launch_bounds__(256) components_select(const u8* __restrict__ classes, Map map, const u32* __restrict__ parent, const uint4* __restrict__ parts, const u32* __restrict__ list, u32* __restrict__ counters, u64* __restrict__ keys, u32 capacity)
{
    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 count = counters[2 * blockIdx.z];
    for (u32 i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
        u32 pixel = list[image + i];
        if (parent[image + pixel] == pixel && parts[image + pixel].x > map.larger_than) {
            u32 place = atomicAdd(&counters[2 * blockIdx.z + 1], 1);
            if (place < capacity) {
                keys[(u64)blockIdx.z * capacity + place] = (u64)classes[image + pixel] << 32 | pixel;
            }
        }
    }
}

// A component's row in the table is the number of smaller keys.
extern "C" __global__ void __launch_bounds__(256) components_rank(Map map, const uint4* __restrict__ parts, const u32* __restrict__ counters, const u64* __restrict__ keys, u32 capacity, int* __restrict__ table)
{
    __shared__ u64 others[256];
    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 count = min(counters[2 * blockIdx.z + 1], capacity);
    keys += (u64)blockIdx.z * capacity;
    for (u32 first = blockIdx.x * 256; first < count; first += gridDim.x * 256) {
        u32 i = first + threadIdx.x;
        u64 key = i < count ? keys[i] : ~0ull;
        u32 rank = 0;
        for (u32 from = 0; from < count; from += 256) {
            __syncthreads();
            others[threadIdx.x] = from + threadIdx.x < count ? keys[from + threadIdx.x] : ~0ull;
            __syncthreads();
            u32 length = min(256u, count - from);
            for (u32 k = 0; k < length; k++) {
                rank += others[k] < key ? 1 : 0;
            }
        }

        if (i < count) {
            u32 pixel = (u32)key;
            uint4 part = parts[image + pixel];
            int* row = table + ((u64)blockIdx.z * capacity + rank) * 7;
            row[0] = (int)(key >> 32);
            row[1] = (int)part.x;
            row[2] = (int)~part.y;
            row[3] = (int)(pixel / map.width);
            row[4] = (int)part.z;
            row[5] = (int)part.w;
            row[6] = (int)pixel;
        }
    }
}

// Only run starts look their component up; the other pixels of a run take it over.
extern "C" __global__ void __launch_bounds__(256) components_dense(Map map, const u32* __restrict__ parent, const uint4* __restrict__ parts, const u32* __restrict__ starts, int* __restrict__ labels)
{
    u32 lane = threadIdx.x;
    int y = blockIdx.y * 8 + threadIdx.y, x = blockIdx.x * tile_width + 4 * lane;
    if (y >= map.height) {
        return;
    }

    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 word = starts[(((u64)blockIdx.z * map.height + y) * map.tiles_x + blockIdx.x) * 4 + lane / 8];
    u32 nibble = word >> 4 * (lane & 7) & 15;
    int label[4], current = -1;
#pragma unroll
    for (int j = 0; j < 4; j++) {
        if ((nibble >> j & 1) != 0 && x + j < map.width) {
            u32 root = parent[image + (u64)y * map.width + x + j];
            current = -1;
            if (root != none) {
                root = parent[image + root];
                current = parts[image + root].x > map.larger_than ? (int)root : -1;
            }
        }

        label[j] = current;
    }

    u32 lanes = __ballot_sync(full_warp, nibble != 0) & ((1u << lane) - 1);
    int carry = __shfl_sync(full_warp, current, 31 - __clz(lanes | 1));
#pragma unroll
    for (int j = 0; j < 4; j++) {
        label[j] = (nibble & ((2u << j) - 1)) == 0 ? carry : label[j];
    }

    int* out = labels + image + (u64)y * map.width + x;
    if ((map.width & 3) == 0) {
        if (x < map.width) {
            *reinterpret_cast<int4*>(out) = make_int4(label[0], label[1], label[2], label[3]);
        }
    } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (x + j < map.width) {
                out[j] = label[j];
            }
        }
    }
}
