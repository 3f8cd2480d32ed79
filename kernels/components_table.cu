// components_table.cu — fourth pass of connected components: the table in the order of (class, first pixel) (paper section 3.3; kernels.md section 2)
// in    classes u8 [N, H, W], list and counters of components_tile.cu, parent of components_seams.cu
// out   table  i32 [N, capacity, 7]   class, area, x0, y0, x1, y1, first pixel; counters u32 [N, 2], entry 1: rows
// out   parts  at first pixels of components, in place of the area: the row in the table, or -1 where the component is too small
// why   few components: each counts the smaller keys. Many: a counting sort by class over the bits of first pixels, linear in map and rows
// note  scratch: few: keys u64 [N, capacity]; many: roots u32 [N, ⌈H·W/32⌉] and counts u32 [N, 256, ⌈H·W/32768⌉], both zero before
// grid  select, rank, mark (any, 1, N); offsets N; place (⌈H·W/32768⌉, 1, N)     block 256, offsets 1024     shared 2 KiB in rank, 8 KiB in place     sm_70+
// bytes 24 a part and 52 a row; many: 0.38·N·H·W and 2 a row on top
// note  parts lie apart, a sector of 32 bytes for each of their words
// order bitwise equal from run to run, GPU to GPU and to the twin: keys are unique
// twin  ConnectedComponents     test CudaConnectedComponentsTests     bench connected_components
#include "runs.cuh"
#include "scan.cuh"

constexpr u32 segment_pixels = 32768;
constexpr u32 segment_warps = 8;
constexpr u32 warp_words = segment_pixels / 32 / segment_warps;

// True for roots of large components; roots of small ones lose their row.
__device__ __forceinline__ bool is_selected(const Map& map, const u32* __restrict__ parent, uint4* __restrict__ parts, u32 pixel)
{
    if (parent[pixel] != pixel) {
        return false;
    }

    bool large = parts[pixel].x > map.larger_than;
    if (!large) {
        parts[pixel].x = none;
    }

    return large;
}

__device__ __forceinline__ void write_row(const Map& map, uint4* __restrict__ parts, int* __restrict__ table, u32 index, u32 c, u32 pixel)
{
    uint4 part = parts[pixel];
    int* row = table + (u64)index * 7;
    row[0] = (int)c;
    row[1] = (int)part.x;
    row[2] = (int)~part.y;
    row[3] = (int)(pixel / map.width);
    row[4] = (int)part.z;
    row[5] = (int)part.w;
    row[6] = (int)pixel;
    parts[pixel].x = index;
}

// Few: keys of the table's rows, in any order.
extern "C" __global__ void __launch_bounds__(256) components_select(const u8* __restrict__ classes, Map map, const u32* __restrict__ parent,
    uint4* __restrict__ parts, const u32* __restrict__ list, u32* __restrict__ counters, u64* __restrict__ keys, u32 capacity)
{
    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 count = counters[2 * blockIdx.z];
    for (u32 i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
        u32 pixel = list[image + i];
        if (is_selected(map, parent + image, parts + image, pixel)) {
            u32 place = atomicAdd(&counters[2 * blockIdx.z + 1], 1);
            if (place < capacity) {
                keys[(u64)blockIdx.z * capacity + place] = (u64)classes[image + pixel] << 32 | pixel;
            }
        }
    }
}

// Few: a component's row is the number of smaller keys.
extern "C" __global__ void __launch_bounds__(256) components_rank(
    Map map, uint4* __restrict__ parts, const u32* __restrict__ counters, const u64* __restrict__ keys, u32 capacity, int* __restrict__ table)
{
    __shared__ u64 others[256];
    u64 image = (u64)blockIdx.z * map.height * map.width;
    u32 count = min(counters[2 * blockIdx.z + 1], capacity);
    keys += (u64)blockIdx.z * capacity;
    table += (u64)blockIdx.z * capacity * 7;
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
            write_row(map, parts + image, table, rank, (u32)(key >> 32), (u32)key);
        }
    }
}

// Many: a bit for each root, and how many a class has in each segment of 32,768 pixels.
extern "C" __global__ void __launch_bounds__(256) components_mark(const u8* __restrict__ classes, Map map, const u32* __restrict__ parent,
    uint4* __restrict__ parts, const u32* __restrict__ list, const u32* __restrict__ counters, u32* __restrict__ roots, u32* __restrict__ counts)
{
    u32 pixels = map.height * map.width, segments = (pixels + segment_pixels - 1) / segment_pixels;
    u64 image = (u64)blockIdx.z * pixels;
    roots += (u64)blockIdx.z * ((pixels + 31) / 32);
    counts += (u64)blockIdx.z * 256 * segments;
    u32 count = counters[2 * blockIdx.z];
    for (u32 i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
        u32 pixel = list[image + i];
        if (is_selected(map, parent + image, parts + image, pixel)) {
            atomicOr(&roots[pixel / 32], 1u << (pixel & 31));
            atomicAdd(&counts[(u32)classes[image + pixel] * segments + pixel / segment_pixels], 1);
        }
    }
}

// Many: counts become the rows where the segments' components of a class begin.
extern "C" __global__ void __launch_bounds__(1024) components_offsets(Map map, u32* __restrict__ counts, u32* __restrict__ counters)
{
    __shared__ u32 warp_sums[2][32];
    u32 entries = 256 * (((u32)map.height * map.width + segment_pixels - 1) / segment_pixels);
    counts += (u64)blockIdx.x * entries;
    u32 rows = 0;
    for (u32 from = 0; from < entries; from += 1024) {
        u32 i = from + threadIdx.x, total;
        u32 row = rows + exclusive_sum<32>(i < entries ? counts[i] : 0, warp_sums[from / 1024 & 1], total);
        rows += total;
        if (i < entries) {
            counts[i] = row;
        }
    }

    if (threadIdx.x == 0) {
        counters[2 * blockIdx.x + 1] = rows;
    }
}

// Many: a block a segment, a warp an eighth of it, 32 pixels at a time: what comes before in the class is the row.
extern "C" __global__ void __launch_bounds__(256) components_place(const u8* __restrict__ classes, Map map,
    uint4* __restrict__ parts, const u32* __restrict__ roots, const u32* __restrict__ offsets, u32 capacity, int* __restrict__ table)
{
    __shared__ u32 next[segment_warps][256];
    u32 lane = threadIdx.x % warp_size, warp = threadIdx.x / warp_size;
    u32 pixels = map.height * map.width, words = (pixels + 31) / 32;
    u64 image = (u64)blockIdx.z * pixels;
    classes += image;
    parts += image;
    roots += (u64)blockIdx.z * words;
    table += (u64)blockIdx.z * capacity * 7;
    offsets += ((u64)blockIdx.z * 256 + threadIdx.x) * gridDim.x;
    u32 begin = (blockIdx.x * segment_warps + warp) * warp_words;
    for (u32 w = 0; w < segment_warps; w++) {
        next[w][threadIdx.x] = 0;
    }

    __syncthreads();
    for (u32 word = begin + lane; word < min(begin + warp_words, words); word += warp_size) {
        for (u32 rest = roots[word]; rest != 0; rest &= rest - 1) {
            atomicAdd(&next[warp][classes[word * 32 + __ffs(rest) - 1]], 1);
        }
    }

    __syncthreads();
    u32 row = offsets[blockIdx.x];
    for (u32 w = 0; w < segment_warps; w++) {
        u32 count = next[w][threadIdx.x];
        next[w][threadIdx.x] = row;
        row += count;
    }

    __syncthreads();
    for (u32 group = begin; group < min(begin + warp_words, words); group += warp_size) {
        u32 mine = group + lane < words ? roots[group + lane] : 0;
        for (u32 filled = __ballot_sync(full_warp, mine != 0); filled != 0; filled &= filled - 1) {
            u32 from = __ffs(filled) - 1, bits = __shfl_sync(full_warp, mine, from);
            bool root = (bits >> lane & 1) != 0;
            u32 pixel = (group + from) * 32 + lane;
            u32 c = root ? classes[pixel] : none;
            u32 peers = __match_any_sync(full_warp, c), first = root ? next[warp][c] : 0;
            u32 before = __popc(peers & ((1u << lane) - 1));
            __syncwarp();
            if (root) {
                write_row(map, parts, table, first + before, c, pixel);
                if (before == 0) {
                    next[warp][c] = first + __popc(peers);
                }
            }

            __syncwarp();
        }
    }
}
