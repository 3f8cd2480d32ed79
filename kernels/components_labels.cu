// components_labels.cu — last pass of connected components, on request: every pixel's row in the table (paper section 3.3; kernels.md section 2)
// in    starts and parent of components_tile.cu and components_seams.cu, parts of components_table.cu
// out   labels i32 [N, H, W]   row of the pixel's component in its image's table, -1 where there is none or it is too small
// why   only run starts look their component up; the other pixels of a run take it over by shuffle
// grid  (W/128, H/8, N)     block (32, 8)     shared 0     sm_70+
// bytes 4.125·N·H·W, and three words a run
// note  the words of a run lie apart, a sector of 32 bytes each: on rough maps they are counted above the minimum, from the second-level cache
// order bitwise equal from run to run, GPU to GPU and to the twin
// twin  ConnectedComponents     test CudaConnectedComponentsTests     bench connected_components_labels
#include "runs.cuh"

extern "C" __global__ void __launch_bounds__(256) components_labels(
    Map map, const u32* __restrict__ parent, const uint4* __restrict__ parts, const u32* __restrict__ starts, int* __restrict__ labels)
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
                current = (int)parts[image + parent[image + root]].x;
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
