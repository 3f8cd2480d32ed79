// row_width.cu — rows of one width to rows of another, cut or filled up with zeros (deformable attention of heads whose width is no multiple of 4)
// in    source f32 [n, a]
// out   target f32 [n, b]   overwritten; columns from a on are zero
// why   zero channels change no result of the attention, whose kernels read four channels at once
// grid  ⌈n·b / 1024⌉     block 256     shared 0     sm_70+
// bytes 4·n·(min(a, b) + b)
// order bitwise equal to the twin: a copy
// twin  RowWidth.Run     test RowWidthTests     bench row_width
#include "prelude.cuh"

extern "C" __global__ void __launch_bounds__(256) row_width(const float* __restrict__ source, u32 from, float* __restrict__ target, u32 to, u64 length)
{
    u64 first = blockIdx.x * 1024ull + threadIdx.x;
    for (u64 i = first; i < length && i < first + 1024; i += 256) {
        u64 row = i / to;
        u32 column = (u32)(i - row * to);
        target[i] = column < from ? source[row * from + column] : 0;
    }
}
