// ema.cu — teacher's moving average t = a·t + (1 − a)·s in place (paper section 3.1, equation 2)
// in    student f32 [n]   aligned to 16 bytes
// out   teacher f32 [n]   updated in place, aligned to 16 bytes
// why   one flat arena: no tables of tensors, no launch per tensor; 64-bit lengths
// grid  ⌈n / 1024⌉     block 256     shared 0     sm_70+
// bytes 12·n  (read both, write one)
// order bitwise equal from run to run and to the twin: every element by itself, one fused multiply-add
// twin  TeacherAverage.Run     test EmaTests     bench ema
#include "prelude.cuh"

extern "C" __global__ void __launch_bounds__(256) ema(float* __restrict__ teacher, const float* __restrict__ student, u64 length, float old, float rest)
{
    u64 i = 4 * (blockIdx.x * 256ull + threadIdx.x);
    if (i + 4 <= length) {
        float4 t = *reinterpret_cast<const float4*>(teacher + i);
        float4 s = *reinterpret_cast<const float4*>(student + i);
        t.x = fmaf(old, t.x, rest * s.x);
        t.y = fmaf(old, t.y, rest * s.y);
        t.z = fmaf(old, t.z, rest * s.z);
        t.w = fmaf(old, t.w, rest * s.w);
        *reinterpret_cast<float4*>(teacher + i) = t;
        return;
    }

#pragma unroll 1
    for (; i < length; i++) {
        teacher[i] = fmaf(old, teacher[i], rest * student[i]);
    }
}
