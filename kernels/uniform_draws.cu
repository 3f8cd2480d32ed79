// uniform_draws.cu — uniform random numbers in [0, 1) with 24 bits from places of counter-based streams: Philox4x32-10 (Salmon et al., SC 2011;
//                    the points of a training step, method.md section 2.3)
// in    segments {u64 address, count, position; u32 key0, key1, step, rank} [n]
// out   f32 count at each address   overwritten
// why   draw i of a stream is a function of its key and i alone: no generator state, no copy of draws from the host (500 MB a step at 8 x 768 x 768)
// grid  (min(16, ⌈longest / 1024⌉), n)     block 256, four draws a thread and turn     shared 0     sm_70+
// bytes 4 a draw, + 256 for each warp that reads its segment
// order bitwise equal to the twin: whole numbers, then one exact product
// twin  UniformDraws.Run     test UniformDrawsKernelTests     bench uniform_draws
#include "prelude.cuh"

struct Segment { u64 target, count, position; u32 key0, key1, step, rank; };

__device__ __forceinline__ uint4 philox(u64 block, const Segment& s)
{
    u32 c0 = (u32)block, c1 = (u32)(block >> 32), c2 = s.step, c3 = s.rank, k0 = s.key0, k1 = s.key1;
#pragma unroll
    for (int round = 0; round < 10; round++) {
        u64 first = 0xD2511F53ull * c0, second = 0xCD9E8D57ull * c2;
        c0 = (u32)(second >> 32) ^ c1 ^ k0;
        c2 = (u32)(first >> 32) ^ c3 ^ k1;
        c1 = (u32)second;
        c3 = (u32)first;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    return make_uint4(c0, c1, c2, c3);
}

__device__ __forceinline__ float unit(u32 word) { return (float)(word >> 8) * (1.0f / (1 << 24)); }

extern "C" __global__ void __launch_bounds__(256) uniform_draws(const Segment* __restrict__ segments)
{
    Segment s = segments[blockIdx.y];
    float* target = reinterpret_cast<float*>(s.target);
    u64 first = s.position / 4, blocks = (s.position + s.count + 3) / 4 - first;
    bool whole = s.position % 4 == 0 && s.target % 16 == 0;
    for (u64 i = blockIdx.x * 256ull + threadIdx.x; i < blocks; i += gridDim.x * 256ull) {
        uint4 word = philox(first + i, s);
        float draws[4] = { unit(word.x), unit(word.y), unit(word.z), unit(word.w) };
        i64 at = (i64)(4 * i) - (i64)(s.position % 4);
        if (whole && (u64)at + 4 <= s.count) {
            __stcs(reinterpret_cast<float4*>(target + at), make_float4(draws[0], draws[1], draws[2], draws[3]));
            continue;
        }

#pragma unroll
        for (int lane = 0; lane < 4; lane++) {
            if (at + lane >= 0 && (u64)(at + lane) < s.count) {
                target[at + lane] = draws[lane];
            }
        }
    }
}
