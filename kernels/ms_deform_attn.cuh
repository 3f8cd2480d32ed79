// Multi-scale deformable attention for one type of input and one number of lanes a row; ms_deform_attn.cu and ms_deform_attn_half.cu instantiate it.
#pragma once
#include "narrow.cuh"

struct Sizes { int batch, queries, heads, tokens, points, samples, width; };

// One axis of a sample: corner weights, their slopes by the location, and clamped corner indices.
struct Axis { int first, second; float w0, w1, slope0, slope1; };

__device__ __forceinline__ Axis axis_of(float location, float size)
{
    float pixel = location * size - 0.5f, floor = floorf(pixel), fraction = pixel - floor;
    bool inside0 = floor >= 0 && floor <= size - 1, inside1 = floor >= -1 && floor < size - 1;
    return { inside0 ? (int)floor : 0, inside1 ? (int)floor + 1 : 0, inside0 ? 1 - fraction : 0,
        inside1 ? fraction : 0, inside0 ? -size : 0, inside1 ? size : 0 };
}

struct Sample { Axis x, y; float attention; int rows[4]; float weights[4]; };

// The sample of this lane; lanes without one get weight zero.
template <typename T>
__device__ __forceinline__ Sample load_sample(
    const Sizes& s, const T* __restrict__ locations, const T* __restrict__ weights, const int* __restrict__ levels, u64 first, int index)
{
    bool present = index < s.samples;
    const int* level = levels + 3 * (present ? index / s.points : 0);
    float2 location = present ? load2(locations + 2 * (first + index)) : make_float2(0, 0);
    Sample r;
    r.attention = present ? widen(weights[first + index]) : 0;
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

template <typename T, int lanes>
__device__ __forceinline__ void forward(const Sizes& s, const T* __restrict__ value, const T* __restrict__ locations,
    const T* __restrict__ weights, const int* __restrict__ levels, void* __restrict__ output, u32 wide)
{
    constexpr int groups = warp_size / lanes;
    u64 unit = blockIdx.x * 8ull + threadIdx.x / warp_size;
    if (unit >= (u64)s.batch * s.queries * s.heads) {
        return;
    }

    int lane = threadIdx.x % warp_size, head = (int)(unit % s.heads), channel = lane % lanes * 4;
    u64 b = unit / ((u64)s.queries * s.heads), pitch = (u64)s.heads * s.width;
    const T* base = value + b * s.tokens * pitch + head * s.width + channel;
    float4 sum = make_float4(0, 0, 0, 0);
    for (int from = 0; from < s.samples; from += warp_size) {
        Sample own = load_sample(s, locations, weights, levels, unit * s.samples, from + lane);
#pragma unroll 1
        for (int step = 0; step * groups < min(s.samples - from, warp_size); step++) {
            int source = step * groups + lane / lanes;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                float w = __shfl_sync(full_warp, own.weights[k], source);
                int row = __shfl_sync(full_warp, own.rows[k], source);
                if (w != 0 && channel < s.width) {
                    float4 v = load4(base + row * pitch);
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

    if (lane < lanes && channel < s.width) {
        u64 at = unit * s.width + channel;
        if (wide != 0) {
            store4(static_cast<float*>(output) + at, sum);
        } else {
            store4(static_cast<T*>(output) + at, sum);
        }
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

// Lanes next to each other add to channels next to each other, so that a row's lanes fill the sectors that they touch.
template <int lanes, typename T, typename Convert>
__device__ __forceinline__ void add_row(T* row, int channel, int width, const float* terms, float weight, Convert convert)
{
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (channel + i * lanes < width) {
            atomicAdd(row + i * lanes, convert(weight * terms[i]));
        }
    }
}

// Gradients of value are added to i64 sums, or without a largest gradient to floats.
template <typename T, int lanes>
__device__ __forceinline__ void backward(const Sizes& s, const float* __restrict__ d_output, const T* __restrict__ value, const T* __restrict__ locations,
    const T* __restrict__ weights, const int* __restrict__ levels, const u32* __restrict__ largest, int hit_bits, void* __restrict__ sums,
    float2* __restrict__ d_locations, float* __restrict__ d_weights)
{
    constexpr int groups = warp_size / lanes;
    u64 unit = blockIdx.x * 8ull + threadIdx.x / warp_size;
    if (unit >= (u64)s.batch * s.queries * s.heads) {
        return;
    }

    int lane = threadIdx.x % warp_size, head = (int)(unit % s.heads), channel = lane % lanes * 4;
    bool active = channel < s.width;
    u64 b = unit / ((u64)s.queries * s.heads), pitch = (u64)s.heads * s.width;
    u64 slice = b * s.tokens * pitch + head * s.width;
    const float* gradient = d_output + unit * s.width;
    float4 g = active ? *reinterpret_cast<const float4*>(gradient + channel) : make_float4(0, 0, 0, 0);
    int shift = largest == nullptr ? 0 : shift_of(*largest, hit_bits), added = lane % lanes;
    float first = first_half(shift), scale = second_half(shift), terms[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
        terms[i] = added + i * lanes < s.width ? gradient[added + i * lanes] * first : 0;
    }

    for (int from = 0; from < s.samples; from += warp_size) {
        Sample own = load_sample(s, locations, weights, levels, unit * s.samples, from + lane);
        float dots[4] = {};
        for (int step = 0; step * groups < min(s.samples - from, warp_size); step++) {
            int source = step * groups + lane / lanes;
            bool present = active && from + source < s.samples;
#pragma unroll
            for (int k = 0; k < 4; k++) {
                float w = __shfl_sync(full_warp, own.weights[k], source);
                int row = __shfl_sync(full_warp, own.rows[k], source);
                float dot = 0;
                if (present) {
                    float4 v = load4(value + slice + row * pitch + channel);
                    dot = fmaf(g.w, v.w, fmaf(g.z, v.z, fmaf(g.y, v.y, g.x * v.x)));
                }

                if (w != 0) {
                    u64 row_at = slice + row * pitch + added;
                    if (largest != nullptr) {
                        add_row<lanes>(static_cast<u64*>(sums) + row_at, added, s.width, terms, w, [=](float x) { return (u64)__float2ll_rn(x * scale); });
                    } else {
                        add_row<lanes>(static_cast<float*>(sums) + row_at, added, s.width, terms, w, [](float x) { return x; });
                    }
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
            d_locations[index] =
                make_float2(own.attention * (own.x.slope0 * left + own.x.slope1 * right), own.attention * (own.y.slope0 * upper + own.y.slope1 * lower));
            d_weights[index] = own.y.w0 * upper + own.y.w1 * lower;
        }
    }
}

#define ENTRIES(T, L) \
    extern "C" __global__ void __launch_bounds__(256, 4) ms_deform_forward_##T##_##L( \
        Sizes s, const T* __restrict__ value, const T* __restrict__ locations, const T* __restrict__ weights, const int* __restrict__ levels, \
        void* __restrict__ output, u32 wide) \
    { \
        forward<T, L>(s, value, locations, weights, levels, output, wide); \
    } \
    extern "C" __global__ void __launch_bounds__(256, 3) ms_deform_backward_##T##_##L( \
        Sizes s, const float* __restrict__ d_output, const T* __restrict__ value, const T* __restrict__ locations, const T* __restrict__ weights, \
        const int* __restrict__ levels, const u32* __restrict__ largest, int hit_bits, void* __restrict__ sums, float2* __restrict__ d_locations, \
        float* __restrict__ d_weights) \
    { \
        backward<T, L>(s, d_output, value, locations, weights, levels, largest, hit_bits, sums, d_locations, d_weights); \
    }

#define LANES(T) ENTRIES(T, 4) ENTRIES(T, 8) ENTRIES(T, 16) ENTRIES(T, 32)
