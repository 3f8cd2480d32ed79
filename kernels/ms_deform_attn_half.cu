// ms_deform_attn_half.cu — multi-scale deformable attention of 16-bit inputs (pixel decoder; kernels.md section 6)
// in    value [B, S, M, D], locations [B, Q, M, L, P, 2], weights [B, Q, M, L, P], all f16 or all bf16; levels i32 [L, 3]; gradient of the output f32
// out   output [B, Q, M·D] of f32 or the inputs' type; backward, f32: as ms_deform_attn.cu
// why   conversions are one instruction a number, and arithmetic stays in single precision: half the bytes at the same error as rounding the inputs
// note  16-bit locations lie on a grid: 1/2048 of the map for f16 near 1, 1/256 for bf16
// grid  as ms_deform_attn.cu     block 256     shared 0     sm_70+
// bytes 2·B·(S·M·D + Q·M·D + 3·Q·M·L·P) forward with output of the inputs' type; taps 8·D·L·P a query and head from the second-level cache; backward
//       2·B·(S·M·D + 3·Q·M·L·P) less than ms_deform_attn.cu
// order as ms_deform_attn.cu, whose results for the widened inputs these are, bit by bit
// twin  MsDeformAttn     test MsDeformAttnKernelTests     bench ms_deform_attn_half
#include "ms_deform_attn.cuh"

LANES(f16)
LANES(bf16)
