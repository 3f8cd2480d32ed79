// adamw.cu — gradient norm, clipping, AdamW and the teacher's average over flat arenas (paper section 4.1; kernels.md section 5)
// in    chunks  {offset u64, length u32, parameter u32, group u32, pad} [chunks]   pieces of parameters, at most 65,536 floats each
// in    rules   {11 f32, teacher mode u32} [groups]   constants of this step, rounded on the host
// in    g       f32 arena; set to zero on request
// out   p, m, v, t   f32 arenas of one layout, updated in place; tensors begin at multiples of 4 floats
// out   squares f64 [chunks], norms f64 [1 + parameters], scales f32 [1 + parameters]   entry 0 is the whole model
// why   one pass over memory for clip, update and average; the clip factor never visits the host; no step where the norm is not finite
// note  a chunk's floats are fetched 4,096 at a time by eight warps and added by one, so bits do not depend on how many are on their way
// grid  squares chunks · norms 1 + ⌈parameters / 256⌉ · step (chunks, 8)     block 256     shared 16 KiB · 2 KiB · 76 B     sm_70+
// bytes 4·n norm pass, then 36·n with teacher, 28·n without, + 4·n where the gradient is cleared
// order bitwise equal from run to run and to the twin: sums run over fixed chunks in fixed lanes, rest element by element
// twin  Optimizer.Step     test AdamWTests     bench adamw
#include "prelude.cuh"

struct Chunk { u64 offset; u32 length; u32 parameter; u32 group; u32 pad; };

// Aligned, so that a row comes in three loads.
struct __align__(16) Rule { float decay, beta1, beta2, rest1, rest2, step_size, root_correction, epsilon, limit, old, rest; u32 teacher; };

constexpr u32 teacher_before = 1;
constexpr u32 teacher_after = 2;

constexpr u32 piece = 4096;
constexpr u32 piece_threads = 256;
constexpr u32 own = piece / piece_threads;

// This thread's floats of a piece; behind the chunk's end zeros.
__device__ __forceinline__ void fetch(const float* __restrict__ g, u32 from, u32 length, float* floats)
{
#pragma unroll
    for (u32 k = 0; k < own; k++) {
        u32 at = from + k * piece_threads + threadIdx.x;
        floats[k] = at < length ? g[at] : 0;
    }
}

// One block a chunk. All warps fetch the next piece, so that enough is on its way to hide memory's latency, while the first adds the present one in
// the twin's order: lane l the elements l, l + 32, ... of the chunk, the twin's four vectors of eight doubles.
extern "C" __global__ void __launch_bounds__(256) gradient_squares(
    const Chunk* __restrict__ chunks, const float* __restrict__ gradients, double* __restrict__ squares)
{
    __shared__ float present[piece];
    const float* g = gradients + chunks[blockIdx.x].offset;
    u32 length = chunks[blockIdx.x].length, lane = threadIdx.x % warp_size;
    bool adds = threadIdx.x < warp_size;
    float next[own];
    double sum = 0;
    fetch(g, 0, length, next);
    for (u32 from = 0; from < length; from += piece) {
        __syncthreads();
#pragma unroll
        for (u32 k = 0; k < own; k++) {
            present[k * piece_threads + threadIdx.x] = next[k];
        }

        __syncthreads();
        fetch(g, from + piece, length, next);
        u32 rows = adds ? min(length - from, piece) / warp_size : 0;
#pragma unroll 8
        for (u32 row = 0; row < rows; row++) {
            double x = present[row * warp_size + lane];
            sum = fma(x, x, sum);
        }
    }

    if (adds) {
        sum += __shfl_xor_sync(full_warp, sum, 8);
        sum += __shfl_xor_sync(full_warp, sum, 16);
        double total = 0;
#pragma unroll
        for (int k = 0; k < 8; k++) {
            total += __shfl_sync(full_warp, sum, k);
        }

        if (lane == 0) {
            for (u32 i = length / warp_size * warp_size; i < length; i++) {
                double x = present[i % piece];
                total += x * x;
            }

            squares[blockIdx.x] = total;
        }
    }
}

__device__ __forceinline__ void put_norm(double sum, u32 entry, double limit, u32 clip, double* norms, float* scales)
{
    double norm = sqrt(sum), scale = limit / (norm + 1e-6);
    norms[entry] = norm;
    scales[entry] = clip != 0 && scale < 1 ? (float)scale : 1.0f;
}

// The first block sums everything: it fetches together, and one thread adds in the twin's order, chunk after chunk. Other threads sum a parameter each.
extern "C" __global__ void __launch_bounds__(256) gradient_norms(const u32* __restrict__ first_chunk, u32 parameters,
    const double* __restrict__ squares, double limit, u32 clip, double* __restrict__ norms, float* __restrict__ scales)
{
    __shared__ double some[256];
    double sum = 0;
    if (blockIdx.x == 0) {
        u32 chunks = first_chunk[parameters];
        for (u32 from = 0; from < chunks; from += 256) {
            some[threadIdx.x] = from + threadIdx.x < chunks ? squares[from + threadIdx.x] : 0;
            __syncthreads();
            for (u32 i = 0; threadIdx.x == 0 && i < 256; i++) {
                sum += some[i];
            }

            __syncthreads();
        }

        if (threadIdx.x == 0) {
            put_norm(sum, 0, limit, clip, norms, scales);
        }

        return;
    }

    u32 parameter = (blockIdx.x - 1) * 256 + threadIdx.x;
    if (parameter < parameters) {
        for (u32 i = first_chunk[parameter]; i < first_chunk[parameter + 1]; i++) {
            sum += squares[i];
        }

        put_norm(sum, parameter + 1, limit, clip, norms, scales);
    }
}

__device__ __forceinline__ void update(float& p, float g, float& m, float& v, float& t, const Rule& r, float scale)
{
    float before = p;
    g = fminf(fmaxf(g * scale, -r.limit), r.limit);
    m = m * r.beta1 + g * r.rest1;
    v = v * r.beta2 + (g * r.rest2) * g;
    float denominator = sqrtf(v) / r.root_correction + r.epsilon;
    p = p * r.decay - (m * r.step_size) / denominator;
    if (r.teacher != 0) {
        t = fmaf(r.old, t, r.rest * (r.teacher == teacher_before ? before : p));
    }
}

extern "C" __global__ void __launch_bounds__(256) adamw(const Chunk* __restrict__ chunks, const Rule* __restrict__ rules, const double* __restrict__ norms,
    const float* __restrict__ scales, u32 clip_parameters, u32 clear, float* __restrict__ p, float* __restrict__ g, float* __restrict__ m,
    float* __restrict__ v, float* __restrict__ t)
{
    // One thread reads the table rows for all: asked for by every warp they would be half a byte a parameter.
    __shared__ Chunk chunk;
    __shared__ Rule rule;
    __shared__ float scale;
    if (threadIdx.x == 0) {
        chunk = chunks[blockIdx.x];
        chunk.length = isfinite(norms[0]) ? chunk.length : 0;
        rule = rules[chunk.group];
        scale = scales[clip_parameters != 0 ? chunk.parameter + 1 : 0];
    }

    __syncthreads();
    for (u32 i = 4 * (blockIdx.y * 256 + threadIdx.x); i < chunk.length; i += 4 * 256 * gridDim.y) {
        u64 at = chunk.offset + i;
        if (i + 4 > chunk.length) {
            for (u64 end = chunk.offset + chunk.length; at < end; at++) {
                float teacher = rule.teacher != 0 ? t[at] : 0;
                update(p[at], g[at], m[at], v[at], teacher, rule, scale);
                if (rule.teacher != 0) {
                    t[at] = teacher;
                }

                if (clear != 0) {
                    g[at] = 0;
                }
            }

            return;
        }

        float4 p4 = *reinterpret_cast<float4*>(p + at), g4 = *reinterpret_cast<float4*>(g + at);
        float4 m4 = *reinterpret_cast<float4*>(m + at), v4 = *reinterpret_cast<float4*>(v + at), t4 = {};
        if (rule.teacher != 0) {
            t4 = *reinterpret_cast<float4*>(t + at);
        }

        update(p4.x, g4.x, m4.x, v4.x, t4.x, rule, scale);
        update(p4.y, g4.y, m4.y, v4.y, t4.y, rule, scale);
        update(p4.z, g4.z, m4.z, v4.z, t4.z, rule, scale);
        update(p4.w, g4.w, m4.w, v4.w, t4.w, rule, scale);
        *reinterpret_cast<float4*>(p + at) = p4;
        *reinterpret_cast<float4*>(m + at) = m4;
        *reinterpret_cast<float4*>(v + at) = v4;
        if (rule.teacher != 0) {
            *reinterpret_cast<float4*>(t + at) = t4;
        }

        if (clear != 0) {
            *reinterpret_cast<float4*>(g + at) = make_float4(0, 0, 0, 0);
        }
    }
}
