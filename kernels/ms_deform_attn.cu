// ms_deform_attn.cu — multi-scale deformable attention, forward and bit-stable backward (pixel decoder; kernels.md section 6)
// in    value f32 [B, S, M, D], locations f32 [B, Q, M, L, P, 2] as (x, y) in 0..1, weights f32 [B, Q, M, L, P]; levels i32 [L, 3]: height, width, first token
// out   output f32 [B, Q, M·D]; backward: gradients of value (first as i64 sums), locations and weights, all overwritten; D = 8, 16, 32 or 64
// why   D/4 lanes read a corner's row at once; gradients of value are summed as integers of a scale that the largest gradient gives, so their order never shows
// note  a location's pixel is p·size − 0.5, corners outside count as zero; the sum of |weights| of a query and head must not pass 1
// grid  forward, backward ⌈B·Q·M / 8⌉ · largest, convert ⌈n / 1024⌉     block 256     shared 0     sm_70+
// bytes 4·B·(S·M·D + Q·M·D + 3·Q·M·L·P) forward; taps come from the second-level cache, 16·D·L·P a query and head; backward twice that and 24·B·S·M·D for the sums
// order bitwise equal from run to run and GPU to GPU; equal to the twin within 1e-6 of the largest value, since sums are ordered otherwise
// twin  MsDeformAttn     test MsDeformAttnKernelTests     bench msdeform
#include "prelude.cuh"

struct Sizes { int batch, queries, heads, tokens, points, samples; };

// One axis of a sample: corner weights, their slopes by the location, and clamped corner indices.
struct Axis { int first, second; float w0, w1, slope0, slope1; };

__device__ __forceinline__ Axis axis_of(float location, float size)
{
    float pixel = location * size - 0.5f, floor = floorf(pixel), fraction = pixel - floor;
    bool inside0 = floor >= 0 && floor <= size - 1, inside1 = floor >= -1 && floor < size - 1;
    return { inside0 ? (int)floor : 0, inside1 ? (int)floor + 1 : 0, inside0 ? 1 - fraction : 0, inside1 ? fraction : 0, inside0 ? -size : 0, inside1 ? size : 0 };
}

struct Sample { Axis x, y; float attention; int rows[4]; float weights[4]; };

// The sample of this lane; lanes without one get weight zero.
__device__ __forceinline__ Sample load_sample(const Sizes& s, const float2* __restrict__ locations, const float* __restrict__ weights, const int* __restrict__ levels, u64 first, int index)
{
    bool present = index < s.samples;
    const int* level = levels + 3 * (present ? index / s.points : 0);
    float2 location = present ? locations[first + index] : make_float2(0, 0);
    Sample r;
    r.attention = present ? weights[first + index] : 0;
    r.x = axis_of(location.x, (float)level[1]);
    r.y = axis_of(location.y, (float)level[0]);
    int upper = level[2] + r.y.first * level[1], lower = level[2] + r.y.second * level[1];
    r.rows[0] = upper + r.x.first;
    r.rows[1] = upper + r.x.second;
    r.rows[2] = lower + r.x.first;
    r.rows[3] = lower + r.x.second;
    float w0 = r.attention * r.y.w0, w1 = r.attention * r.y.w1;
    r.weights[0] = w0 * r.x.w0;
    r.weights[1] = w0 * r.x.w1;
    r.weights[2] = w1 * r.x.w0;
    r.weights[3] = w1 * r.x.w1;
    return r;
}

template <int D>
__device__ __forceinline__ void forward(const Sizes& s, const float* __restrict__ value, const float2* __restrict__ locations, const float* __restrict__ weights, const int* __restrict__ levels, float* __restrict__ output)
{
    constexpr int lanes = D / 4, groups = warp_size / lanes;
    u64 unit = blockIdx.x * 8ull + threadIdx.x / warp_size;
    if (unit >= (u64)s.batch * s.queries * s.heads) {
        return;
    }

    int lane = threadIdx.x % warp_size, head = (int)(unit % s.heads);
    u64 b = unit / ((u64)s.queries * s.heads);
    const float* base = value + (b * s.tokens * s.heads + head) * D + lane % lanes * 4;
    float4 sum = make_float4(0, 0, 0, 0);
    for (int from = 0; from < s.samples; from += warp_size) {
        Sample own = load_sample(s, locations, weights, levels, unit * s.samples, from + lane);
        for (int step = 0; step * groups < min(s.samples - from, warp_size); step++) {
            int source = step * groups + lane / lanes;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                float w = __shfl_sync(full_warp, own.weights[k], source);
                int row = __shfl_sync(full_warp, own.rows[k], source);
                if (w != 0) {
                    float4 v = *reinterpret_cast<const float4*>(base + (u64)row * s.heads * D);
                    sum.x = fmaf(w, v.x, sum.x);
                    sum.y = fmaf(w, v.y, sum.y);
                    sum.z = fmaf(w, v.z, sum.z);
                    sum.w = fmaf(w, v.w, sum.w);
                }
            }
        }
    }

#pragma unroll
    for (int step = lanes; step < warp_size; step *= 2) {
        sum.x += __shfl_xor_sync(full_warp, sum.x, step);
        sum.y += __shfl_xor_sync(full_warp, sum.y, step);
        sum.z += __shfl_xor_sync(full_warp, sum.z, step);
        sum.w += __shfl_xor_sync(full_warp, sum.w, step);
    }

    if (lane < lanes) {
        *reinterpret_cast<float4*>(output + unit * D + lane * 4) = sum;
    }
}

// Magnitudes order like their bits, NaN above all.
extern "C" __global__ void __launch_bounds__(256) ms_deform_largest(const float* __restrict__ gradient, u64 length, u32* __restrict__ largest)
{
    u32 own = 0;
    u64 first = blockIdx.x * 1024ull + threadIdx.x;
    for (u64 i = first; i < length && i < first + 1024; i += 256) {
        own = max(own, __float_as_uint(gradient[i]) & 0x7FFFFFFFu);
    }

#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        own = max(own, __shfl_xor_sync(full_warp, own, step));
    }

    if (threadIdx.x % warp_size == 0) {
        atomicMax(largest, own);
    }
}

// Power of two such that no sum of `hit_bits` worth of contributions, each below the largest gradient, leaves 63 bits.
__device__ __forceinline__ int shift_of(u32 largest, int hit_bits)
{
    int exponent = (int)(largest >> 23) - 126;
    return max(-240, min(240, 62 - exponent - hit_bits));
}

__device__ __forceinline__ float power_of_two(int exponent) { return __uint_as_float((u32)(exponent + 127) << 23); }

// The shift may be more than a float's exponent holds: it is applied in two halves, each exact.
__device__ __forceinline__ float first_half(int shift) { return power_of_two(shift / 2); }
__device__ __forceinline__ float second_half(int shift) { return power_of_two(shift - shift / 2); }

__device__ __forceinline__ void add_fixed(i64* target, float value)
{
    atomicAdd(reinterpret_cast<u64*>(target), (u64)__float2ll_rn(value));
}

template <int D>
__device__ __forceinline__ void backward(const Sizes& s, const float* __restrict__ d_output, const float* __restrict__ value, const float2* __restrict__ locations, const float* __restrict__ weights, const int* __restrict__ levels, const u32* __restrict__ largest, int hit_bits, i64* __restrict__ sums, float2* __restrict__ d_locations, float* __restrict__ d_weights)
{
    constexpr int lanes = D / 4, groups = warp_size / lanes;
    u64 unit = blockIdx.x * 8ull + threadIdx.x / warp_size;
    if (unit >= (u64)s.batch * s.queries * s.heads) {
        return;
    }

    int lane = threadIdx.x % warp_size, head = (int)(unit % s.heads);
    u64 b = unit / ((u64)s.queries * s.heads);
    u64 slice = (b * s.tokens * s.heads + head) * D + lane % lanes * 4;
    float4 g = *reinterpret_cast<const float4*>(d_output + unit * D + lane % lanes * 4);
    int shift = shift_of(*largest, hit_bits);
    float scale = second_half(shift);
    float4 h = make_float4(g.x * first_half(shift), g.y * first_half(shift), g.z * first_half(shift), g.w * first_half(shift));
    for (int from = 0; from < s.samples; from += warp_size) {
        Sample own = load_sample(s, locations, weights, levels, unit * s.samples, from + lane);
        float dots[4] = {};
        for (int step = 0; step * groups < min(s.samples - from, warp_size); step++) {
            int source = step * groups + lane / lanes;
            bool present = from + source < s.samples;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                float w = __shfl_sync(full_warp, own.weights[k], source);
                int row = __shfl_sync(full_warp, own.rows[k], source);
                u64 at = slice + (u64)row * s.heads * D;
                float dot = 0;
                if (present) {
                    float4 v = *reinterpret_cast<const float4*>(value + at);
                    dot = fmaf(g.w, v.w, fmaf(g.z, v.z, fmaf(g.y, v.y, g.x * v.x)));
                }

                if (w != 0) {
                    add_fixed(sums + at, w * h.x * scale);
                    add_fixed(sums + at + 1, w * h.y * scale);
                    add_fixed(sums + at + 2, w * h.z * scale);
                    add_fixed(sums + at + 3, w * h.w * scale);
                }

#pragma unroll
                for (int bit = 1; bit < lanes; bit *= 2) {
                    dot += __shfl_xor_sync(full_warp, dot, bit);
                }

                // Lane p owns sample p, which group p % groups has just finished if it is this step's.
                float mine = __shfl_sync(full_warp, dot, lane % groups * lanes);
                dots[k] = lane / groups == step ? mine : dots[k];
            }
        }

        if (from + lane < s.samples) {
            float upper = own.x.w0 * dots[0] + own.x.w1 * dots[1], lower = own.x.w0 * dots[2] + own.x.w1 * dots[3];
            float left = own.y.w0 * dots[0] + own.y.w1 * dots[2], right = own.y.w0 * dots[1] + own.y.w1 * dots[3];
            u64 index = unit * s.samples + from + lane;
            d_locations[index] = make_float2(own.attention * (own.x.slope0 * left + own.x.slope1 * right), own.attention * (own.y.slope0 * upper + own.y.slope1 * lower));
            d_weights[index] = own.y.w0 * upper + own.y.w1 * lower;
        }
    }
}

// A gradient that is not finite makes everything it might have reached not a number.
extern "C" __global__ void __launch_bounds__(256) ms_deform_convert(const i64* __restrict__ sums, u64 length, const u32* __restrict__ largest, int hit_bits, float* __restrict__ gradient)
{
    int shift = -shift_of(*largest, hit_bits);
    float scale = *largest >= 0x7F800000u ? __uint_as_float(0x7FC00000u) : first_half(shift);
    u64 first = blockIdx.x * 1024ull + threadIdx.x;
    for (u64 i = first; i < length && i < first + 1024; i += 256) {
        gradient[i] = __ll2float_rn(sums[i]) * scale * second_half(shift);
    }
}

#define ENTRIES(D) \
    extern "C" __global__ void __launch_bounds__(256) ms_deform_forward_##D(Sizes s, const float* __restrict__ value, const float2* __restrict__ locations, const float* __restrict__ weights, const int* __restrict__ levels, float* __restrict__ output) \
    { \
        forward<D>(s, value, locations, weights, levels, output); \
    } \
    extern "C" __global__ void __launch_bounds__(256) ms_deform_backward_##D(Sizes s, const float* __restrict__ d_output, const float* __restrict__ value, const float2* __restrict__ locations, const float* __restrict__ weights, const int* __restrict__ levels, const u32* __restrict__ largest, int hit_bits, i64* __restrict__ sums, float2* __restrict__ d_locations, float* __restrict__ d_weights) \
    { \
        backward<D>(s, d_output, value, locations, weights, levels, largest, hit_bits, sums, d_locations, d_weights); \
    }

ENTRIES(8)
ENTRIES(16)
ENTRIES(32)
ENTRIES(64)
