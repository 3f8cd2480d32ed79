// matching_cost.cu — what matching each query with each target costs: class, mask cross-entropy, dice (method.md section 2.2; kernels.md section 8)
// in    logits f32 [N, Q, h, w], masks u8 [N, T, H, W] of 0 and 1, points f32 [N, P, 2] shared by an image's planes; class logits f32 [N, Q, K],
//       labels i64 [N, T], valid f32 [N, T]
// out   cost f32 [N, Q, T], 0 where valid ≤ 0.5; scratch sums f32 [N, C, Q·(2·T + 2) + T], C = ⌈P/256⌉
// why   a block samples all planes at its 256 points, so nothing is sampled twice and no Q×P or T×P values exist; cross-entropy = Σ softplus(x) −
//       Σ t·x, products of 8 queries by 20 targets from shared memory
// note  masks of targets that are not valid are never read; more than 20 targets sample the logits once more for every 20
// grid  sums (⌈P/256⌉, N) · cost (⌈Q·T/128⌉, N)     block 256 · 128     shared 46.8 KiB     sm_70+
// bytes ≥ N·(Q·min(4·h·w, 128·P) + T·min(H·W, 128·P) + 8·P + 8·C·(Q·(2·T + 2) + T)); a sample's four taps share sectors through the first-level
//       cache, which the count does not see: 128 a sample in random order of the points, about 30 at a point a pixel in the order of the logits'
//       cells, which training has (PointOrder)
// flops about 50 a query and point, 4 a query, target and point
// order bitwise equal from run to run and to the twin: 16 sums a block by point mod 16, folded in halves; blocks added in order and in double
// twin  MatchingCost     test MatchingCostKernelTests     bench matching_cost
#include "bilinear.cuh"
#include "exponential.cuh"

constexpr int chunk = 256;
constexpr int fold = 16;
constexpr int query_block = 8;
constexpr int target_block = 20;

// Neighbouring rows, and the rows of the two tables that one warp reads, lie 16 banks apart.
constexpr int pitch = chunk + fold;
constexpr int table = query_block * pitch + fold;

struct Shape { int queries, targets, classes, height, width, mask_height, mask_width, points; };

struct Weights { float cls, mask, dice; };

// Floats of one chunk: for each query Σ t·x [T], Σ t·s [T], Σ softplus(x), Σ s; then Σ t [T].
__device__ __forceinline__ u64 row_length(const Shape& s) { return 2 * s.targets + 2; }
__device__ __forceinline__ u64 chunk_length(const Shape& s) { return s.queries * row_length(s) + s.targets; }

// One division: with e = exp(−|x|), s = 1/(1 + e) or e/(1 + e), softplus = max(x, 0) + 2·atanh(e/(2 + e)).
__device__ __forceinline__ void squash(float x, float& softplus, float& sigmoid)
{
    bool positive = x > 0;
    float e = exp_clamped(positive ? -x : x), a = 1.0f + e, b = 2.0f + e, r = 1.0f / (a * b);
    float upper = b * r, z = e * a * r, w = z * z;
    float p = 1.0f / 13;
    p = fmaf(p, w, 1.0f / 11);
    p = fmaf(p, w, 1.0f / 9);
    p = fmaf(p, w, 1.0f / 7);
    p = fmaf(p, w, 1.0f / 5);
    p = fmaf(p, w, 1.0f / 3);
    p = fmaf(p, w, 1.0f);
    softplus = (positive ? x : 0.0f) + (z + z) * p;
    sigmoid = positive ? upper : e * upper;
}

__device__ __forceinline__ float fold_sum(float value)
{
#pragma unroll
    for (int bit = fold / 2; bit > 0; bit /= 2) {
        value += __shfl_xor_sync(full_warp, value, bit);
    }

    return value;
}

// Lanes that differ in one bit halve their values between them: the one with the bit set goes on with the upper half.
template <int N>
__device__ __forceinline__ void fold_halves(float* values, bool upper, int bit)
{
#pragma unroll
    for (int i = 0; i < N; i++) {
        float kept = upper ? values[i + N] : values[i], given = upper ? values[i] : values[i + N];
        values[i] = kept + __shfl_xor_sync(full_warp, given, bit);
    }
}

// Products of a pair of queries with every fourth target: sums[0..9] of the first query, x before s, sums[10..19] of the second.
__device__ __forceinline__ void multiply(const float* logit, const float* squashed, const float* target, int lane, int rounds, float* sums)
{
    for (int i = lane; i < chunk; i += fold) {
        float x0 = logit[i], x1 = logit[i + pitch], s0 = squashed[i], s1 = squashed[i + pitch];
#pragma unroll
        for (int j = 0; j < target_block / 4; j++) {
            if (j < rounds) {
                float t = target[i + 4 * j * pitch];
                sums[j] = fmaf(t, x0, sums[j]);
                sums[j + 5] = fmaf(t, s0, sums[j + 5]);
                sums[j + 10] = fmaf(t, x1, sums[j + 10]);
                sums[j + 15] = fmaf(t, s1, sums[j + 15]);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) matching_sums(Shape s, const float* __restrict__ logits,
    const u8* __restrict__ masks, const float2* __restrict__ points, const float* __restrict__ valid, float* __restrict__ sums)
{
    __shared__ float target[target_block * pitch];
    __shared__ float block[3 * table];
    float* logit = block;
    float* softplus = block + table;
    float* squashed = block + 2 * table;
    int k = blockIdx.x * chunk + threadIdx.x, lane = threadIdx.x % fold, group = threadIdx.x / fold;
    bool present = k < s.points;
    float2 point = present ? points[(u64)blockIdx.y * s.points + k] : make_float2(0, 0);
    Corners near = corners_of(point, s.height, s.width);
    u64 plane = (u64)s.height * s.width, mask_plane = (u64)s.mask_height * s.mask_width;
    logits += (u64)blockIdx.y * s.queries * plane;
    sums += ((u64)blockIdx.y * gridDim.x + blockIdx.x) * chunk_length(s);
    for (int first = 0; first < s.targets; first += target_block) {
        int count = min(target_block, s.targets - first), own = threadIdx.x % warp_size;
        u64 from = (u64)blockIdx.y * s.targets + first;
        u32 wanted = __ballot_sync(full_warp, own < count && valid[from + min(own, count - 1)] > 0.5f);
        int rounds = (35 - __clz(wanted)) / 4;
        if (rounds == 0) {
            continue;
        }

        __syncthreads();
        Corners far = corners_of(point, s.mask_height, s.mask_width);
        for (int t = 0; t < 4 * rounds; t++) {
            target[t * pitch + threadIdx.x] = present && (wanted >> t & 1) != 0 ? bilinear(masks + (from + t) * mask_plane, far) : 0;
        }

        for (int query = 0; query < s.queries; query += query_block) {
            __syncthreads();
#pragma unroll
            for (int i = 0; i < query_block; i++) {
                float x = 0, soft = 0, sigmoid = 0;
                if (present && query + i < s.queries) {
                    x = bilinear(logits + (query + i) * plane, near);
                    squash(x, soft, sigmoid);
                }

                logit[i * pitch + threadIdx.x] = x;
                softplus[i * pitch + threadIdx.x] = soft;
                squashed[i * pitch + threadIdx.x] = sigmoid;
            }

            __syncthreads();
            for (int t = group; query == 0 && t < 4 * rounds; t += fold) {
                float area = 0;
                for (int i = lane; i < chunk; i += fold) {
                    area += target[t * pitch + i];
                }

                // Groups come here by whole warps: 4·rounds is even.
                area = fold_sum(area);
                if (lane == 0 && t < count) {
                    sums[s.queries * row_length(s) + first + t] = area;
                }
            }

            float sum = 0;
            const float* row = (group % 2 == 0 ? softplus : squashed) + group / 2 * pitch;
            for (int i = lane; i < chunk; i += fold) {
                sum += row[i];
            }

            sum = fold_sum(sum);
            if (lane == 0 && query + group / 2 < s.queries) {
                sums[(query + group / 2) * row_length(s) + 2 * s.targets + group % 2] = sum;
            }

            float products[target_block] = {};
            int pair = group / 4 * 2, column = group % 4;
            multiply(logit + pair * pitch, squashed + pair * pitch, target + column * pitch, lane, rounds, products);
            fold_halves<10>(products, (lane & 8) != 0, 8);
            fold_halves<5>(products, (lane & 4) != 0, 4);
            pair += query + lane / 8;
#pragma unroll
            for (int j = 0; j < target_block / 4; j++) {
                products[j] += __shfl_xor_sync(full_warp, products[j], 2);
                products[j] += __shfl_xor_sync(full_warp, products[j], 1);
                int t = column + 4 * j;
                if (lane % 4 == 0 && j < rounds && t < count && pair < s.queries) {
                    sums[pair * row_length(s) + (lane / 4 % 2) * s.targets + first + t] = products[j];
                }
            }
        }
    }
}

// Softmax of the label's logit; 0 for a label that is no class.
__device__ __forceinline__ float probability(const float* __restrict__ logits, int classes, i64 label)
{
    float largest = logits[0], sum = 0, own = 0;
    for (int k = 1; k < classes; k++) {
        largest = logits[k] > largest ? logits[k] : largest;
    }

    for (int k = 0; k < classes; k++) {
        float e = exp_clamped(logits[k] - largest);
        sum += e;
        own = k == label ? e : own;
    }

    return own / sum;
}

extern "C" __global__ void __launch_bounds__(128) matching_cost(Shape s, Weights weights, int chunks, const float* __restrict__ class_logits,
    const i64* __restrict__ labels, const float* __restrict__ valid, const float* __restrict__ sums, float* __restrict__ cost)
{
    int index = blockIdx.x * 128 + threadIdx.x;
    if (index >= s.queries * s.targets) {
        return;
    }

    int q = index / s.targets, t = index % s.targets;
    u64 target = (u64)blockIdx.y * s.targets + t, query = (u64)blockIdx.y * s.queries + q;
    float result = 0;
    if (valid[target] > 0.5f) {
        double x = 0, y = 0, softplus = 0, squashed = 0, area = 0;
        const float* row = sums + blockIdx.y * (u64)chunks * chunk_length(s) + q * row_length(s);
        const float* areas = sums + blockIdx.y * (u64)chunks * chunk_length(s) + s.queries * row_length(s);
        for (int c = 0; c < chunks; c++, row += chunk_length(s), areas += chunk_length(s)) {
            x += row[t];
            y += row[s.targets + t];
            softplus += row[2 * s.targets];
            squashed += row[2 * s.targets + 1];
            area += areas[t];
        }

        float entropy = (float)((softplus - x) / s.points), dice = (float)(1 - (2 * y + 1) / (squashed + area + 1));
        result = weights.mask * entropy + weights.dice * dice - weights.cls * probability(class_logits + query * s.classes, s.classes, labels[target]);
    }

    cost[query * s.targets + t] = result;
}
