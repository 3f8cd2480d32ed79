// libnccl for processes of one host: means of arrays, made by all ranks alike in the order of the ranks, over memory that they share. Device memory is
// whoever's who says how it is read and written (standin_memory). A rank waits for the others until it is told to abort, as NVIDIA's library does.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SUCCESS = 0, SYSTEM_ERROR = 2, INVALID_ARGUMENT = 4, FLOAT32 = 7, AVERAGE = 4, MOST_RANKS = 8, PIECE = 65536 };

typedef struct { char internal[128]; } nccl_id;
typedef struct { atomic_long arrived; float piece[MOST_RANKS][PIECE]; } shared;
typedef struct { shared *all; int rank, ranks; long meetings; atomic_int aborted; } group;
typedef void copy(uint64_t address, float *values, size_t count);

static copy *read_device, *write_device;
static char last_error[64];

void standin_memory(copy *read, copy *write) {
  read_device = read;
  write_device = write;
}

int ncclGetVersion(int *version) {
  *version = 22703;
  return SUCCESS;
}

const char *ncclGetErrorString(int status) { return status == INVALID_ARGUMENT ? "invalid argument" : "unhandled system error"; }

const char *ncclGetLastError(void *communicator) { return last_error; }

int ncclGetUniqueId(nccl_id *id) {
  snprintf(id->internal, sizeof id->internal, "/dev/shm/clouds-nccl-XXXXXX");
  int file = mkstemp(id->internal);
  return file >= 0 && ftruncate(file, sizeof(shared)) == 0 && close(file) == 0 ? SUCCESS : SYSTEM_ERROR;
}

// All have come as often as this one; or it was told to wait no more.
static void meet(group *g) {
  g->meetings++;
  atomic_fetch_add(&g->all->arrived, 1);
  while (atomic_load(&g->all->arrived) < g->meetings * g->ranks && !g->aborted) {
    usleep(100);
  }
}

int ncclCommInitRank(group **made, int ranks, nccl_id id, int rank) {
  if (ranks > MOST_RANKS || rank >= ranks) {
    snprintf(last_error, sizeof last_error, "rank %d of %d", rank, ranks);
    return INVALID_ARGUMENT;
  }
  int file = open(id.internal, O_RDWR);
  group *g = calloc(1, sizeof *g);
  g->all = mmap(NULL, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file < 0 || g->all == MAP_FAILED) {
    return SYSTEM_ERROR;
  }
  close(file);
  g->rank = rank;
  g->ranks = ranks;
  meet(g);
  unlink(id.internal);
  *made = g;
  return SUCCESS;
}

int ncclAllReduce(uint64_t from, uint64_t to, size_t count, int type, int operation, group *g, void *stream) {
  static float mean[PIECE];
  if (type != FLOAT32 || operation != AVERAGE || stream == NULL) {
    snprintf(last_error, sizeof last_error, "type %d, operation %d", type, operation);
    return INVALID_ARGUMENT;
  }
  for (size_t done = 0; done < count && !g->aborted; done += PIECE) {
    size_t length = count - done < PIECE ? count - done : PIECE;
    read_device(from + 4 * done, g->all->piece[g->rank], length);
    meet(g);
    for (size_t i = 0; i < length; i++) {
      float sum = 0;
      for (int rank = 0; rank < g->ranks; rank++) {
        sum += g->all->piece[rank][i];
      }
      mean[i] = sum / (float)g->ranks;
    }
    meet(g);
    if (!g->aborted) {
      write_device(to + 4 * done, mean, length);
    }
  }
  return SUCCESS;
}

// What still waits in it goes on to its end and finds no group freed.
int ncclCommAbort(group *g) {
  g->aborted = 1;
  return SUCCESS;
}
