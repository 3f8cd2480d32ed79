// layer_norm.cu — gradient of layer normalisation over the last axis: of x, of its scale and of its shift (kernels.md section 8.1)
// in    dy f32 [R, D], x f32 [R, D], scale f32 [D]; epsilon is added to the variance
// out   dx f32 [R, D], dscale f32 [D], dshift f32 [D]; scratch partials f32 [C, 2, D], C = ⌈R/128⌉
// why   a block takes 128 rows, a tile of T at a time in shared memory, so x and dy are read once for statistics, for dx and for the sums by column;
//       the forward pass is ONNX Runtime's own kernel
// note  T = 16, 8, 4 or 2, the most whose tile is at most 48 KiB; 2 where even that is more. P = D and up to 47 more, so that rows lie 16 banks apart
// grid  backward C · sum ⌈2·D/64⌉     block 16·T · 64     shared 8·T·P + 12·D bytes, dynamic     sm_70+
// bytes ≥ 12·R·D + 12·D; partials are 16·C·D more, 1 % of it
// order bitwise equal from run to run and to the twin: sixteen threads add up a row as the twin's sixteen lanes do, columns add row after row, and
//       chunks in index order and in double
// twin  LayerNorm.Backward     test CudaLayerNormTests     bench layer_norm_backward
#include "prelude.cuh"

constexpr int lanes = 16;
constexpr int chunk_rows = 128;

struct Shape { int rows, width, pitch, tile; float epsilon; };

struct Row { float mean, inverse; };

// Halves first, so that all sixteen lanes get the same bits.
__device__ __forceinline__ float lane_sum(float value)
{
#pragma unroll
    for (int bit = lanes / 2; bit > 0; bit /= 2) {
        value += __shfl_xor_sync(full_warp, value, bit);
    }

    return value;
}

__device__ __forceinline__ float sum_of(const float* x, int lane, int width)
{
    float a = 0, b = 0, c = 0, e = 0;
    int d = 0;
    for (; d + 4 * lanes <= width; d += 4 * lanes) {
        a += x[d + lane];
        b += x[d + lane + lanes];
        c += x[d + lane + 2 * lanes];
        e += x[d + lane + 3 * lanes];
    }

    for (; d + lanes <= width; d += lanes) {
        a += x[d + lane];
    }

    float sum = lane_sum((a + b) + (c + e));
    for (; d < width; d++) {
        sum += x[d];
    }

    return sum;
}

__device__ __forceinline__ float squared_distance(const float* x, int lane, int width, float mean)
{
    float a = 0, b = 0;
    int d = 0;
    for (; d + 2 * lanes <= width; d += 2 * lanes) {
        float first = x[d + lane] - mean, second = x[d + lane + lanes] - mean;
        a = fmaf(first, first, a);
        b = fmaf(second, second, b);
    }

    for (; d + lanes <= width; d += lanes) {
        float first = x[d + lane] - mean;
        a = fmaf(first, first, a);
    }

    float sum = lane_sum(a + b);
    for (; d < width; d++) {
        sum += (x[d] - mean) * (x[d] - mean);
    }

    return sum;
}

__device__ __forceinline__ Row statistics(const Shape& s, const float* x, int lane)
{
    float mean = sum_of(x, lane, s.width) / s.width;
    float variance = squared_distance(x, lane, s.width, mean) / s.width;
    return { mean, 1.0f / sqrtf(variance + s.epsilon) };
}

// With n = (x − mean) / deviation and g = dy · scale: dx = (g − mean(g) − n · mean(g · n)) / deviation. Columns behind the last sixteen of a row
// are the twin's scalar loop, which fuses nothing.
__device__ __forceinline__ void input_gradient(
    const Shape& s, const float* x, const float* dy, const float* scale, Row row, int lane, bool present, float* __restrict__ dx)
{
    int whole = s.width / lanes * lanes;
    float sum = 0, product = 0;
    for (int d = lane; d < whole; d += lanes) {
        float g = dy[d] * scale[d];
        sum += g;
        product = fmaf(g, (x[d] - row.mean) * row.inverse, product);
    }

    sum = lane_sum(sum);
    product = lane_sum(product);
    for (int d = whole; d < s.width; d++) {
        float g = dy[d] * scale[d];
        sum += g;
        product += g * ((x[d] - row.mean) * row.inverse);
    }

    float offset = sum / s.width, slope = product / s.width;
    for (int d = lane; present && d < s.width; d += lanes) {
        float normal = (x[d] - row.mean) * row.inverse, g = dy[d] * scale[d] - offset;
        dx[d] = (d < whole ? fmaf(normal, -slope, g) : g - normal * slope) * row.inverse;
    }
}

// A thread's columns of the tile's rows, on top of those before.
__device__ __forceinline__ void add_columns(const Shape& s, const float* x, const float* dy, const Row* rows, int count, float* sums)
{
    int whole = s.width / lanes * lanes;
    for (int d = threadIdx.x; d < s.width; d += blockDim.x) {
        float scale = sums[d], shift = sums[s.width + d];
        for (int r = 0; r < count; r++) {
            float gradient = dy[r * s.pitch + d], normal = (x[r * s.pitch + d] - rows[r].mean) * rows[r].inverse;
            scale = d < whole ? fmaf(gradient, normal, scale) : scale + gradient * normal;
            shift += gradient;
        }

        sums[d] = scale;
        sums[s.width + d] = shift;
    }
}

extern "C" __global__ void __launch_bounds__(256) layer_norm_backward(Shape s, const float* __restrict__ dy, const float* __restrict__ x,
    const float* __restrict__ scale, float* __restrict__ dx, float* __restrict__ partials)
{
    extern __shared__ float room[];
    __shared__ Row rows[lanes];
    int lane = threadIdx.x % lanes, own = threadIdx.x / lanes;
    float* tile_x = room;
    float* tile_dy = room + s.tile * s.pitch;
    float* sums = tile_dy + s.tile * s.pitch;
    float* weights = sums + 2 * s.width;
    for (int d = threadIdx.x; d < s.width; d += blockDim.x) {
        sums[d] = sums[s.width + d] = 0;
        weights[d] = scale[d];
    }

    __syncthreads();
    int first = blockIdx.x * chunk_rows, last = min(s.rows, first + chunk_rows);
    for (; first < last; first += s.tile) {
        bool present = first + own < last;
        u64 at = (u64)(first + own) * s.width;
        float* row_x = tile_x + own * s.pitch;
        float* row_dy = tile_dy + own * s.pitch;
#pragma unroll 8
        for (int d = lane; d < s.width; d += lanes) {
            row_x[d] = present ? x[at + d] : 0;
            row_dy[d] = present ? dy[at + d] : 0;
        }

        __syncwarp();
        Row row = statistics(s, row_x, lane);
        input_gradient(s, row_x, row_dy, weights, row, lane, present, dx + at);
        if (lane == 0) {
            rows[own] = row;
        }

        __syncthreads();
        add_columns(s, tile_x, tile_dy, rows, min(s.tile, last - first), sums);
        __syncthreads();
    }

    for (int d = threadIdx.x; d < 2 * s.width; d += blockDim.x) {
        partials[2ull * blockIdx.x * s.width + d] = sums[d];
    }
}

extern "C" __global__ void __launch_bounds__(64) layer_norm_sum(
    const float* __restrict__ partials, float* __restrict__ dscale, float* __restrict__ dshift, int chunks, int width)
{
    int d = blockIdx.x * 64 + threadIdx.x;
    if (d >= 2 * width) {
        return;
    }

    double sum = 0;
#pragma unroll 16
    for (int chunk = 0; chunk < chunks; chunk++) {
        sum += partials[2ull * chunk * width + d];
    }

    (d < width ? dscale : dshift - width)[d] = (float)sum;
}
