// Bilinear samples at points: a point's pixel is p·size − 0.5, and what lies outside the map is zero.
#pragma once
#include "prelude.cuh"

struct Axis { int first, second; float w0, w1; };

// The cell lies between two pixel centres, the outer half ones included; -1 where neither pixel is inside.
__device__ __forceinline__ Axis axis_of(float location, int size, int& cell)
{
    float pixel = location * (float)size - 0.5f;
    float floor = floorf(pixel), fraction = pixel - floor, last = (float)size - 1.0f;
    bool inside0 = floor >= 0 && floor <= last, inside1 = floor >= -1 && floor < last;
    Axis a;
    a.first = inside0 ? (int)floor : 0;
    a.second = inside1 ? (int)floor + 1 : a.first;
    a.w0 = inside0 ? 1.0f - fraction : 0;
    a.w1 = inside1 ? fraction : 0;
    cell = inside0 || inside1 ? (int)floor + 1 : -1;
    return a;
}

struct Corners { u32 i00, i01, i10, i11; float w00, w01, w10, w11; };

__device__ __forceinline__ Corners corners_of(float2 location, int height, int width)
{
    int cell;
    Axis x = axis_of(location.x, width, cell), y = axis_of(location.y, height, cell);
    Corners c;
    c.w00 = y.w0 * x.w0;
    c.w01 = y.w0 * x.w1;
    c.w10 = y.w1 * x.w0;
    c.w11 = y.w1 * x.w1;
    c.i00 = y.first * width + x.first;
    c.i01 = y.first * width + x.second;
    c.i10 = y.second * width + x.first;
    c.i11 = y.second * width + x.second;
    return c;
}

template <typename T>
__device__ __forceinline__ float bilinear(const T* __restrict__ plane, const Corners& c)
{
    return (((float)plane[c.i00] * c.w00 + (float)plane[c.i01] * c.w01) + (float)plane[c.i10] * c.w10) + (float)plane[c.i11] * c.w11;
}
