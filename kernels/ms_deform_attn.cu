// ms_deform_attn.cu — multi-scale deformable attention, forward and backward (pixel decoder; kernels.md section 6)
// in    value [B, S, M, D], locations [B, Q, M, L, P, 2] as (x, y) in 0..1, weights [B, Q, M, L, P], all f32 (ms_deform_attn_half.cu: f16, bf16);
//       levels i32 [L, 3]: height, width, first token
// out   output f32 [B, Q, M·D]; backward: gradients of value (bit-stable first as i64 sums), locations and weights, all overwritten; D a multiple of
//       4 up to 128
// why   D/4 lanes read a corner's row at once and add to it with lanes next to each other on channels next to each other, so that the sectors of an
//       addition are full; bit-stable gradients of value are summed as integers of a scale that the largest gradient gives, so their order never
//       shows
// note  a location's pixel is p·size − 0.5, corners outside count as zero; the sum of |weights| of a query and head must not pass 1. Entries _L: L
//       lanes share a row, 4, 8, 16 or 32, the first that holds D/4, idle beyond D
// grid  forward, backward ⌈B·Q·M / 8⌉ · largest, convert ⌈n / 1024⌉     block 256     shared 0     sm_70+
// bytes 4·B·(S·M·D + Q·M·D + 3·Q·M·L·P) forward; taps come from the second-level cache, 16·D·L·P a query and head; backward twice that and 24·B·S·M·D
//       for the sums, 4·B·S·M·D with atomic float sums; additions inside the map touch 32·D·L·P a query and head in the second-level cache, half of
//       it as floats
// order bitwise equal from run to run and GPU to GPU; equal to the twin within 1e-6 of the largest value, since sums are ordered otherwise. None for
//       gradients of value by float atomics, which a caller names
// twin  MsDeformAttn     test MsDeformAttnKernelTests     bench ms_deform_attn
#include "ms_deform_attn.cuh"

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

// A gradient that is not finite makes everything it might have reached not a number.
extern "C" __global__ void __launch_bounds__(256) ms_deform_convert(
    const i64* __restrict__ sums, u64 length, const u32* __restrict__ largest, int hit_bits, float* __restrict__ gradient)
{
    int shift = -shift_of(*largest, hit_bits);
    float scale = *largest >= 0x7F800000u ? __uint_as_float(0x7FC00000u) : first_half(shift);
    u64 first = blockIdx.x * 1024ull + threadIdx.x;
    for (u64 i = first; i < length && i < first + 1024; i += 256) {
        gradient[i] = __ll2float_rn(sums[i]) * scale * second_half(shift);
    }
}

typedef float f32;
LANES(f32)
