// 16-bit floats as memory holds them; arithmetic is in single precision.
#pragma once
#include "prelude.cuh"

struct f16 { u16 bits; };
struct bf16 { u16 bits; };

__device__ __forceinline__ float widen(float x) { return x; }

__device__ __forceinline__ float widen(f16 x)
{
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
    return wide;
}

__device__ __forceinline__ float widen(bf16 x) { return __uint_as_float((u32)x.bits << 16); }

// To nearest, ties to even.
__device__ __forceinline__ void narrow(float x, float& y) { y = x; }

__device__ __forceinline__ void narrow(float x, f16& y) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x)); }

__device__ __forceinline__ void narrow(float x, bf16& y)
{
    u32 bits = __float_as_uint(x);
    y.bits = (u16)(x != x ? 0x7FFF : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

template <typename T>
struct __align__(2 * sizeof(T)) Two { T x, y; };

template <typename T>
struct __align__(4 * sizeof(T)) Four { T x, y, z, w; };

template <typename T>
__device__ __forceinline__ float2 load2(const T* __restrict__ at)
{
    Two<T> two = *reinterpret_cast<const Two<T>*>(at);
    return make_float2(widen(two.x), widen(two.y));
}

template <typename T>
__device__ __forceinline__ float4 load4(const T* __restrict__ at)
{
    Four<T> four = *reinterpret_cast<const Four<T>*>(at);
    return make_float4(widen(four.x), widen(four.y), widen(four.z), widen(four.w));
}

template <typename T>
__device__ __forceinline__ void store4(T* at, float4 value)
{
    Four<T> four;
    narrow(value.x, four.x);
    narrow(value.y, four.y);
    narrow(value.z, four.z);
    narrow(value.w, four.w);
    *reinterpret_cast<Four<T>*>(at) = four;
}
