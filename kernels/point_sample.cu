// point_sample.cu — bilinear samples of planes at points, and their gradient without atomics (point-based mask loss; kernels.md section 7)
// in    input f32 or u8 [N, C, H, W], points f32 [N, P, 2] as (x, y) in 0..1; a point's pixel is p·size − 0.5, outside is zero
// out   output f32 [N, C, P]; backward: gradient of the input f32 [N, C, H, W] from gradient of the output f32 [N, C, P]
// why   a point's corners are worked out once for eight planes; backward gathers by cells, so every pixel is written once and in one order
// note  backward scratch: first u32 [N, cells + 1] (zeroed), order u32 [N, P]; cells = (H + 1)·(W + 1), the squares between pixel centres
// grid  forward (P/256, C/8, N) · cells (P/256, N) · scan N · fill (P/256, N) · sort (cells/256, N) · backward (W·H/256, C/8, N)
//       block 256, scan 1024     shared 1 KiB     sm_70+
// bytes ≥ 4·N·C·P + 8·N·P + min(4·H·W, 128·P)·N·C forward; 4·N·C·H·W + 4·N·C·P + 8·N·P backward
// note  sectors are counted 3 times the minimum forward and 5 times backward, for sorted points: neighbours' taps and gradients are the same lines
// order bitwise equal from run to run and to the twin: contributions of a pixel are added in point order
// twin  PointSample     test CudaPointSampleTests     bench point_sample
#include "bilinear.cuh"
#include "lists.cuh"

constexpr u32 planes_per_thread = 8;

template <typename T>
__device__ __forceinline__ void sample(
    const T* __restrict__ input, const float2* __restrict__ points, float* __restrict__ output, int channels, int height, int width, u32 count)
{
    u32 p = blockIdx.x * 256 + threadIdx.x;
    if (p >= count) {
        return;
    }

    Corners corners = corners_of(points[(u64)blockIdx.z * count + p], height, width);
    int end = min(channels, (int)((blockIdx.y + 1) * planes_per_thread));
    for (int c = blockIdx.y * planes_per_thread; c < end; c++) {
        u64 plane = (u64)blockIdx.z * channels + c;
        output[plane * count + p] = bilinear(input + plane * height * width, corners);
    }
}

extern "C" __global__ void __launch_bounds__(256) point_sample_f32(
    const float* __restrict__ input, const float2* __restrict__ points, float* __restrict__ output, int channels, int height, int width, u32 count)
{
    sample(input, points, output, channels, height, width, count);
}

extern "C" __global__ void __launch_bounds__(256) point_sample_u8(
    const u8* __restrict__ input, const float2* __restrict__ points, float* __restrict__ output, int channels, int height, int width, u32 count)
{
    sample(input, points, output, channels, height, width, count);
}

// Cell of a point, or none of them.
__device__ __forceinline__ int cell_of(float2 location, int height, int width)
{
    int x, y;
    axis_of(location.x, width, x);
    axis_of(location.y, height, y);
    return x < 0 || y < 0 ? -1 : y * (width + 1) + x;
}

extern "C" __global__ void __launch_bounds__(256) point_cells(const float2* __restrict__ points, u32* __restrict__ first, int height, int width, u32 count)
{
    u32 p = blockIdx.x * 256 + threadIdx.x;
    int cell = p < count ? cell_of(points[(u64)blockIdx.y * count + p], height, width) : -1;
    if (cell >= 0) {
        u64 cells = (u64)(height + 1) * (width + 1);
        atomicAdd(&first[blockIdx.y * (cells + 1) + cell], 1);
    }
}

extern "C" __global__ void __launch_bounds__(1024) point_scan(u32* __restrict__ first, u32 cells)
{
    ends_of_lists(first + (u64)blockIdx.x * (cells + 1), cells);
}

extern "C" __global__ void __launch_bounds__(256) point_fill(
    const float2* __restrict__ points, u32* __restrict__ first, u32* __restrict__ order, int height, int width, u32 count)
{
    u32 p = blockIdx.x * 256 + threadIdx.x;
    int cell = p < count ? cell_of(points[(u64)blockIdx.y * count + p], height, width) : -1;
    if (cell >= 0) {
        u64 cells = (u64)(height + 1) * (width + 1);
        put_into_list(first + blockIdx.y * (cells + 1), order + (u64)blockIdx.y * count, cell, p);
    }
}

extern "C" __global__ void __launch_bounds__(256) point_sort(const u32* __restrict__ first, u32* __restrict__ order, u32 cells, u32 count)
{
    sort_lists(first + blockIdx.y * (cells + 1ull), order + (u64)blockIdx.y * count, cells);
}

// A pixel is a corner of four cells; their lists are merged by point index, once for eight planes.
extern "C" __global__ void __launch_bounds__(256) point_sample_backward(const float* __restrict__ d_output, const float2* __restrict__ points,
    const u32* __restrict__ first, const u32* __restrict__ order, float* __restrict__ d_input, int channels, int height, int width, u32 count)
{
    u32 pixel = blockIdx.x * 256 + threadIdx.x;
    if (pixel >= (u32)(height * width)) {
        return;
    }

    int x = pixel % width, y = pixel / width;
    u64 cells = (u64)(height + 1) * (width + 1), plane = (u64)blockIdx.z * channels + blockIdx.y * planes_per_thread;
    u32 planes = min(planes_per_thread, channels - blockIdx.y * planes_per_thread);
    first += blockIdx.z * (cells + 1);
    order += (u64)blockIdx.z * count;
    points += (u64)blockIdx.z * count;
    d_output += plane * count;
    d_input += plane * height * width + pixel;
    u32 at[4], end[4];
#pragma unroll
    for (int k = 0; k < 4; k += 2) {
        // Cells side by side: one ends where the next begins.
        const u32* cell = first + (u64)(y + k / 2) * (width + 1) + x;
        at[k] = cell[0];
        end[k] = at[k + 1] = cell[1];
        end[k + 1] = cell[2];
    }

    float sums[planes_per_thread] = {};
    for (;;) {
        u32 next = ~0u;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            next = at[k] < end[k] ? min(next, order[at[k]]) : next;
        }

        if (next == ~0u) {
            break;
        }

        int cell;
        float2 location = points[next];
        Axis ax = axis_of(location.x, width, cell), ay = axis_of(location.y, height, cell);
        float weight = 0;
#pragma unroll
        for (int k = 0; k < 4; k++) {
            if (at[k] < end[k] && order[at[k]] == next) {
                // Cell k lies right of the pixel for odd k and below it for k > 1: the pixel then is its near corner.
                weight = (k < 2 ? ay.w1 : ay.w0) * (k % 2 == 0 ? ax.w1 : ax.w0);
                at[k]++;
            }
        }

#pragma unroll
        for (u32 c = 0; c < planes_per_thread; c++) {
            sums[c] += c < planes ? d_output[(u64)c * count + next] * weight : 0;
        }
    }

#pragma unroll
    for (u32 c = 0; c < planes_per_thread; c++) {
        if (c < planes) {
            d_input[(u64)c * height * width] = sums[c];
        }
    }
}
