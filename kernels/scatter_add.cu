// scatter_add.cu — sums of updates by row: the gradient of picking rows, of word embeddings above all (kernels.md section 7)
// in    updates f32 [B, K, D], indices i64 [B, K] in -R..R-1, which may repeat; an index outside is left out
// out   sums f32 [B, R, D]
// why   the updates of a row are found in a sorted list, so that every element is added up by one thread and written once, zeros included
// note  scratch: first u32 [B, R + 1] (zeroed), order u32 [B, K]
// grid  count, fill (K/256, B) · scan B · sort (R/256, B) · sum (R·L/256, V/L, B): V = D/4 or D vectors a row, L ≤ 32 lanes take them
//       block 256, scan 1024     shared 1 KiB     sm_70+
// bytes ≥ 4·B·R·D + 4·B·K·D + 8·B·K
// note  lists take 24·B·R + 24·B·K more: much where rows are narrow, nothing where they are words
// order bitwise equal from run to run and to the twin: a row's updates are added in the order of the indices
// twin  ScatterAdd     test CudaScatterAddTests     bench scatter_add
#include "lists.cuh"

__device__ __forceinline__ u32 row_of(const i64* __restrict__ indices, u32 count, u32 rows)
{
    u32 k = blockIdx.x * 256 + threadIdx.x;
    if (k >= count) {
        return no_list;
    }

    i64 index = indices[(u64)blockIdx.y * count + k];
    index += index < 0 ? rows : 0;
    return index >= 0 && index < rows ? (u32)index : no_list;
}

extern "C" __global__ void __launch_bounds__(256) scatter_count(const i64* __restrict__ indices, u32* __restrict__ first, u32 count, u32 rows)
{
    u32 row = row_of(indices, count, rows);
    if (row != no_list) {
        atomicAdd(&first[blockIdx.y * (rows + 1ull) + row], 1);
    }
}

extern "C" __global__ void __launch_bounds__(1024) scatter_scan(u32* __restrict__ first, u32 rows)
{
    ends_of_lists(first + (u64)blockIdx.x * (rows + 1), rows);
}

extern "C" __global__ void __launch_bounds__(256) scatter_fill(
    const i64* __restrict__ indices, u32* __restrict__ first, u32* __restrict__ order, u32 count, u32 rows)
{
    u32 row = row_of(indices, count, rows);
    if (row != no_list) {
        put_into_list(first + blockIdx.y * (rows + 1ull), order + (u64)blockIdx.y * count, row, blockIdx.x * 256 + threadIdx.x);
    }
}

extern "C" __global__ void __launch_bounds__(256) scatter_sort(const u32* __restrict__ first, u32* __restrict__ order, u32 count, u32 rows)
{
    sort_lists(first + blockIdx.y * (rows + 1ull), order + (u64)blockIdx.y * count, rows);
}

__device__ __forceinline__ void add(float& sum, float term) { sum += term; }

__device__ __forceinline__ void add(float4& sum, float4 term)
{
    sum.x += term.x;
    sum.y += term.y;
    sum.z += term.z;
    sum.w += term.w;
}

// 2^shift lanes side by side take the vectors of one row.
template <typename T>
__device__ __forceinline__ void sum_rows(const T* __restrict__ updates, const u32* __restrict__ first, const u32* __restrict__ order, T* __restrict__ sums,
    u32 count, u32 rows, u32 width, u32 shift)
{
    u32 row = blockIdx.x * (256u >> shift) + (threadIdx.x >> shift);
    u32 column = (blockIdx.y << shift) + (threadIdx.x & ((1u << shift) - 1));
    if (row >= rows || column >= width) {
        return;
    }

    first += blockIdx.z * (rows + 1ull) + row;
    order += (u64)blockIdx.z * count;
    updates += (u64)blockIdx.z * count * width + column;
    T sum = {};
    u32 end = first[1];
#pragma unroll 8
    for (u32 i = first[0]; i < end; i++) {
        add(sum, updates[(u64)order[i] * width]);
    }

    sums[((u64)blockIdx.z * rows + row) * width + column] = sum;
}

extern "C" __global__ void __launch_bounds__(256) scatter_sum(const float* __restrict__ updates, const u32* __restrict__ first,
    const u32* __restrict__ order, float* __restrict__ sums, u32 count, u32 rows, u32 width, u32 shift)
{
    sum_rows(updates, first, order, sums, count, rows, width, shift);
}

extern "C" __global__ void __launch_bounds__(256) scatter_sum_4(const float4* __restrict__ updates, const u32* __restrict__ first,
    const u32* __restrict__ order, float4* __restrict__ sums, u32 count, u32 rows, u32 width, u32 shift)
{
    sum_rows(updates, first, order, sums, count, rows, width, shift);
}
