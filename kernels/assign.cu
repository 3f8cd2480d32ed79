// assign.cu — minimum-cost matching of queries and targets, by shortest augmenting paths (method.md section 2.2; kernels.md section 8)
// in    cost f32 [N, Q, T], valid f32 [N, T]: above 0.5 = a target, else padding
// out   queries i64, targets i64, matched f32 [N, T]: min(Q, valid) pairs by ascending query, then padding (0, 0, 0)
// why   every step of the search needs the last, so a warp searches alone, its lanes side by side in a row of the table; on the host a graph would
//       wait for each of its ten predictions
// note  cost and prices lie in shared memory; a cost that does not fit there is read where it is. Rows are the fewer of queries and valid targets
// grid  N     block 32     shared 28·max(Q, T) + 12·min(Q, T) + 4·T bytes, 4·Q·T more where they fit, dynamic     sm_70+
// bytes ≥ N·(4·Q·T + 24·T)
// order bitwise equal from run to run and to the twin: the same sums in double in the same order, ties by place in the list of open columns
// twin  Assignment     test CudaAssignmentTests     bench assign
#include "prelude.cuh"

struct Shape { int queries, targets, staged; };

struct Table {
    const float* cost;
    const int* valid;
    int pitch, rows, columns;
    bool rows_are_targets;
    double instead;

    __device__ __forceinline__ float raw(int row, int column) const
    {
        int query = rows_are_targets ? column : row, target = valid[rows_are_targets ? row : column];
        return cost[query * pitch + target];
    }

    __device__ __forceinline__ double at(int row, int column) const
    {
        float value = raw(row, column);
        return is_finite(value) ? value : instead;
    }

    static __device__ __forceinline__ bool is_finite(float value) { return (__float_as_uint(value) & 0x7F800000u) != 0x7F800000u; }
};

// Open columns come first in their list, those that a search has been to behind them.
struct Search {
    double *row_price, *column_price, *distance;
    int *parent, *row_of, *column_of, *open;
};

struct Step { int place; double length; };

__device__ __forceinline__ u32 lanes_below() { return (1u << threadIdx.x) - 1; }

__device__ __forceinline__ int list_valid(const float* __restrict__ valid, int targets, int* list)
{
    int count = 0;
    for (int first = 0; first < targets; first += warp_size) {
        int target = first + threadIdx.x;
        bool wanted = target < targets && valid[target] > 0.5f;
        u32 found = __ballot_sync(full_warp, wanted);
        if (wanted) {
            list[count + __popc(found & lanes_below())] = target;
        }

        count += __popc(found);
    }

    return count;
}

// What stands for a cost that is not finite: far above every finite one. Magnitudes order like their bits.
__device__ __forceinline__ double above_all(const Table& table)
{
    u32 largest = 0;
    for (int row = 0; row < table.rows; row++) {
        for (int column = threadIdx.x; column < table.columns; column += warp_size) {
            float cost = table.raw(row, column);
            largest = max(largest, Table::is_finite(cost) ? __float_as_uint(cost) & 0x7FFFFFFFu : 0);
        }
    }

#pragma unroll
    for (int step = warp_size / 2; step > 0; step /= 2) {
        largest = max(largest, __shfl_xor_sync(full_warp, largest, step));
    }

    return 1e6 + 1e3 * __uint_as_float(largest);
}

// Shortens distances through a row and finds the nearest open column: on a tie the last free one of the list, else the first.
__device__ __forceinline__ Step relax(const Table& table, const Search& s, int row, int open, double length)
{
    double lowest = __longlong_as_double(0x7FF0000000000000ll), offset = length - s.row_price[row];
    int rank = 2 * table.columns + 1;
    for (int i = threadIdx.x; i < open; i += warp_size) {
        int column = s.open[i];
        double through = offset + table.at(row, column) - s.column_price[column], known = s.distance[column];
        if (through < known) {
            s.distance[column] = known = through;
            s.parent[column] = row;
        }

        int own = s.row_of[column] < 0 ? table.columns - i : table.columns + 1 + i;
        if (known < lowest || (known == lowest && own < rank)) {
            lowest = known;
            rank = own;
        }
    }

#pragma unroll
    for (int step = warp_size / 2; step > 0; step /= 2) {
        double other = __shfl_xor_sync(full_warp, lowest, step);
        int others = __shfl_xor_sync(full_warp, rank, step);
        if (other < lowest || (other == lowest && others < rank)) {
            lowest = other;
            rank = others;
        }
    }

    return { rank <= table.columns ? table.columns - rank : rank - table.columns - 1, lowest };
}

// Reduced costs stay non-negative, and zero on matched pairs.
__device__ __forceinline__ void update_prices(const Table& table, const Search& s, int start, int open, double length)
{
    if (threadIdx.x == 0) {
        s.row_price[start] += length;
    }

    for (int i = open + threadIdx.x; i < table.columns; i += warp_size) {
        int column = s.open[i], row = s.row_of[column];
        double nearer = length - s.distance[column];
        s.column_price[column] -= nearer;
        if (row >= 0) {
            s.row_price[row] += nearer;
        }
    }
}

__device__ __forceinline__ void flip(const Search& s, int start, int column)
{
    int row;
    do {
        row = s.parent[column];
        s.row_of[column] = row;
        int next = s.column_of[row];
        s.column_of[row] = column;
        column = next;
    } while (row != start);
}

// Dijkstra over reduced costs from a free row to the nearest free column; then the pairs along the path change partners.
__device__ __forceinline__ void augment(const Table& table, const Search& s, int start)
{
    for (int i = threadIdx.x; i < table.columns; i += warp_size) {
        s.distance[i] = __longlong_as_double(0x7FF0000000000000ll);
        s.open[i] = table.columns - 1 - i;
    }

    __syncwarp();
    int row = start, open = table.columns, column;
    double length = 0;
    do {
        Step step = relax(table, s, row, open, length);
        column = s.open[step.place];
        row = s.row_of[column];
        length = step.length;
        open--;
        __syncwarp();
        if (threadIdx.x == 0) {
            s.open[step.place] = s.open[open];
            s.open[open] = column;
        }

        __syncwarp();
    } while (row >= 0);

    update_prices(table, s, start, open, length);
    __syncwarp();
    if (threadIdx.x == 0) {
        flip(s, start, column);
    }
}

__device__ __forceinline__ void write_pairs(const Table& table, const Search& s, const Shape& shape, i64* queries, i64* targets, float* matched)
{
    int count = 0;
    for (int first = 0; first < shape.queries; first += warp_size) {
        int query = first + threadIdx.x;
        int place = query < shape.queries ? (table.rows_are_targets ? s.row_of : s.column_of)[query] : -1;
        u32 found = __ballot_sync(full_warp, place >= 0);
        if (place >= 0) {
            int slot = count + __popc(found & lanes_below());
            queries[slot] = query;
            targets[slot] = table.valid[place];
            matched[slot] = 1;
        }

        count += __popc(found);
    }

    for (int slot = count + threadIdx.x; slot < shape.targets; slot += warp_size) {
        queries[slot] = targets[slot] = 0;
        matched[slot] = 0;
    }
}

extern "C" __global__ void __launch_bounds__(32) assign(Shape shape, const float* __restrict__ cost, const float* __restrict__ valid,
    i64* __restrict__ queries, i64* __restrict__ targets, float* __restrict__ matched)
{
    extern __shared__ double room[];
    int wide = max(shape.queries, shape.targets), narrow = min(shape.queries, shape.targets), costs = shape.queries * shape.targets;
    Search s = { room, room + narrow, room + narrow + wide };
    s.parent = reinterpret_cast<int*>(s.distance + wide);
    s.row_of = s.parent + wide;
    s.open = s.row_of + wide;
    s.column_of = s.open + wide;
    int* list = s.column_of + narrow;
    float* own = reinterpret_cast<float*>(list + shape.targets);
    u64 slot = (u64)blockIdx.x * shape.targets;
    cost += slot * shape.queries;
    for (int i = threadIdx.x; shape.staged != 0 && i < costs; i += warp_size) {
        own[i] = cost[i];
    }

    for (int i = threadIdx.x; i < wide; i += warp_size) {
        s.column_price[i] = 0;
        s.row_of[i] = -1;
    }

    for (int i = threadIdx.x; i < narrow; i += warp_size) {
        s.row_price[i] = 0;
        s.column_of[i] = -1;
    }

    int count = list_valid(valid + slot, shape.targets, list);
    __syncwarp();
    bool rows_are_targets = count < shape.queries;
    Table table = { shape.staged != 0 ? own : cost, list, shape.targets, min(count, shape.queries), max(count, shape.queries), rows_are_targets };
    table.instead = above_all(table);
    for (int row = 0; row < table.rows; row++) {
        augment(table, s, row);
    }

    __syncwarp();
    write_pairs(table, s, shape, queries + slot, targets + slot, matched + slot);
}
