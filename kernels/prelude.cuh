// Types and constants that NVRTC does not bring along; every kernel file includes this first.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

constexpr u32 full_warp = 0xFFFFFFFFu;
constexpr int warp_size = 32;
