// group_norm.cu — group normalisation over the channels of a group and all pixels, forward and backward (pixel decoder; kernels.md section 8.1)
// in    x f32 [N, C, P], scale, shift f32 [C]; epsilon is added to the variance; backward dy f32 [N, C, P] as well
// out   y f32 [N, C, P]; backward dx f32 [N, C, P], dscale, dshift f32 [C]
// why   a group of a quarter-resolution map has 1.2 MB, more than a block can hold, and an image only 32 groups: chunks of 4,096 pixels are summed up
//       about their own mean and merged in double, so no digits are lost and one image fills a GPU; the second pass is one line, or one plane, a channel
// note  scratch, K = ⌈P/4096⌉: chunks f32 [N·C·K, 2], backward 4: mean, squares about it, sum of dy, sum of dy about it; groups f32 [N·G, 2], backward
//       4: mean, 1/deviation, means of dy·scale and of that times the normal; planes f32 [2, N·C]
// grid  sums, lines N·C·K · groups N·G · channels ⌈C/64⌉     block 256 · 32 · 64     shared 128 bytes     sm_70+
// bytes ≥ 12·N·C·P forward, 20·N·C·P backward: everything is read for the sums and once more for the lines
// order bitwise equal from run to run and GPU to GPU; equal to the twin within 2e-6 of the largest value, since its sums are ordered otherwise
// twin  GroupNorm     test CudaGroupNormTests     bench group_norm
#include "prelude.cuh"

constexpr int threads = 256;
constexpr int warps = threads / warp_size;
constexpr int each = 16;
constexpr int chunk = each * threads;

struct Shape { int images, channels, channels_of_group, pixels, chunks; float epsilon; };

struct Chunk { u64 at; int plane, count; };

// The block's piece of a plane.
__device__ __forceinline__ Chunk own_chunk(const Shape& s)
{
    int plane = blockIdx.x / s.chunks, first = blockIdx.x % s.chunks * chunk;
    return { (u64)plane * s.pixels + first, plane, min(chunk, s.pixels - first) };
}

template <typename T>
__device__ __forceinline__ T warp_sum(T value)
{
#pragma unroll
    for (int bit = warp_size / 2; bit > 0; bit /= 2) {
        value += __shfl_xor_sync(full_warp, value, bit);
    }

    return value;
}

// The same bits in every thread. A row of partial sums serves one sum.
__device__ __forceinline__ float block_sum(float value, float* row)
{
    value = warp_sum(value);
    if (threadIdx.x % warp_size == 0) {
        row[threadIdx.x / warp_size] = value;
    }

    __syncthreads();
    float sum = 0;
#pragma unroll
    for (int warp = 0; warp < warps; warp++) {
        sum += row[warp];
    }

    return sum;
}

__device__ __forceinline__ void load(const float* __restrict__ x, Chunk own, float* values)
{
#pragma unroll
    for (int k = 0; k < each; k++) {
        int i = k * threads + threadIdx.x;
        values[k] = i < own.count ? x[own.at + i] : 0;
    }
}

__device__ __forceinline__ float sum_of(const float* values)
{
    float sum = 0;
#pragma unroll
    for (int k = 0; k < each; k++) {
        sum += values[k];
    }

    return sum;
}

// Differences from the mean, 0 behind the chunk's end, and the sum of their products with other values.
__device__ __forceinline__ float centre(float* values, Chunk own, float mean)
{
    float squares = 0;
#pragma unroll
    for (int k = 0; k < each; k++) {
        values[k] = k * threads + threadIdx.x < own.count ? values[k] - mean : 0;
        squares = fmaf(values[k], values[k], squares);
    }

    return squares;
}

extern "C" __global__ void __launch_bounds__(threads) group_norm_sums(Shape s, const float* __restrict__ x, float2* __restrict__ sums)
{
    __shared__ float rows[2][warps];
    Chunk own = own_chunk(s);
    float values[each];
    load(x, own, values);
    float mean = block_sum(sum_of(values), rows[0]) / own.count;
    float squares = block_sum(centre(values, own, mean), rows[1]);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = make_float2(mean, squares);
    }
}

extern "C" __global__ void __launch_bounds__(threads) group_norm_backward_sums(
    Shape s, const float* __restrict__ x, const float* __restrict__ dy, float4* __restrict__ sums)
{
    __shared__ float rows[4][warps];
    Chunk own = own_chunk(s);
    float values[each], gradients[each], product = 0;
    load(x, own, values);
    load(dy, own, gradients);
    float mean = block_sum(sum_of(values), rows[0]) / own.count;
    float squares = block_sum(centre(values, own, mean), rows[1]);
#pragma unroll
    for (int k = 0; k < each; k++) {
        product = fmaf(gradients[k], values[k], product);
    }

    float gradient = block_sum(sum_of(gradients), rows[2]);
    product = block_sum(product, rows[3]);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = make_float4(mean, squares, gradient, product);
    }
}

struct Group { double mean; float inverse; };

// Merges the chunks of a group, by a warp: T begins with a chunk's mean and squares.
template <typename T>
__device__ __forceinline__ Group merge(const Shape& s, const T* __restrict__ sums)
{
    int entries = s.channels_of_group * s.chunks;
    double length = (double)s.channels_of_group * s.pixels, mean = 0, squares = 0;
    for (int i = threadIdx.x; i < entries; i += warp_size) {
        mean += (double)sums[i].x * min(chunk, s.pixels - i % s.chunks * chunk);
    }

    mean = warp_sum(mean) / length;
    for (int i = threadIdx.x; i < entries; i += warp_size) {
        double apart = sums[i].x - mean;
        squares += sums[i].y + apart * apart * min(chunk, s.pixels - i % s.chunks * chunk);
    }

    return { mean, 1.0f / sqrtf((float)(warp_sum(squares) / length) + s.epsilon) };
}

extern "C" __global__ void __launch_bounds__(32) group_norm_groups(Shape s, const float2* __restrict__ sums, float2* __restrict__ groups)
{
    Group group = merge(s, sums + (u64)blockIdx.x * s.channels_of_group * s.chunks);
    if (threadIdx.x == 0) {
        groups[blockIdx.x] = make_float2((float)group.mean, group.inverse);
    }
}

extern "C" __global__ void __launch_bounds__(32) group_norm_backward_groups(
    Shape s, const float4* __restrict__ sums, const float* __restrict__ scale, float4* __restrict__ groups, float* __restrict__ planes)
{
    int first = blockIdx.x * s.channels_of_group, all = s.images * s.channels;
    sums += (u64)first * s.chunks;
    Group group = merge(s, sums);
    double total = 0, product = 0;
    for (int c = threadIdx.x; c < s.channels_of_group; c += warp_size) {
        double shift = 0, normal = 0;
        for (int k = 0; k < s.chunks; k++) {
            float4 part = sums[c * s.chunks + k];
            shift += part.z;
            normal += part.w + (part.x - group.mean) * part.z;
        }

        normal *= group.inverse;
        planes[first + c] = (float)normal;
        planes[all + first + c] = (float)shift;
        float weight = scale[(first + c) % s.channels];
        total += shift * weight;
        product += normal * weight;
    }

    double length = (double)s.channels_of_group * s.pixels;
    total = warp_sum(total);
    product = warp_sum(product);
    if (threadIdx.x == 0) {
        groups[blockIdx.x] = make_float4((float)group.mean, group.inverse, (float)(total / length), (float)(product / length));
    }
}

extern "C" __global__ void __launch_bounds__(threads) group_norm(Shape s, const float* __restrict__ x, const float* __restrict__ scale,
    const float* __restrict__ shift, const float2* __restrict__ groups, float* __restrict__ y)
{
    Chunk own = own_chunk(s);
    float2 group = groups[own.plane / s.channels_of_group];
    int channel = own.plane % s.channels;
    float slope = group.y * scale[channel], offset = shift[channel];
#pragma unroll
    for (int k = 0; k < each; k++) {
        int i = k * threads + threadIdx.x;
        if (i < own.count) {
            y[own.at + i] = fmaf(x[own.at + i] - group.x, slope, offset);
        }
    }
}

// With n = (x − mean) / deviation and g = dy · scale: dx = (g − mean(g) − n · mean(g · n)) / deviation.
extern "C" __global__ void __launch_bounds__(threads) group_norm_backward(Shape s, const float* __restrict__ x, const float* __restrict__ dy,
    const float* __restrict__ scale, const float4* __restrict__ groups, float* __restrict__ dx)
{
    Chunk own = own_chunk(s);
    float4 group = groups[own.plane / s.channels_of_group];
    float weight = scale[own.plane % s.channels];
#pragma unroll
    for (int k = 0; k < each; k++) {
        int i = k * threads + threadIdx.x;
        if (i < own.count) {
            float normal = (x[own.at + i] - group.x) * group.y;
            dx[own.at + i] = (dy[own.at + i] * weight - group.z - normal * group.w) * group.y;
        }
    }
}

extern "C" __global__ void __launch_bounds__(64) group_norm_channels(
    Shape s, const float* __restrict__ planes, float* __restrict__ dscale, float* __restrict__ dshift)
{
    int c = blockIdx.x * 64 + threadIdx.x;
    if (c >= s.channels) {
        return;
    }

    double scale = 0, shift = 0;
    int all = s.images * s.channels;
    for (int plane = c; plane < all; plane += s.channels) {
        scale += planes[plane];
        shift += planes[all + plane];
    }

    dscale[c] = (float)scale;
    dshift[c] = (float)shift;
}
