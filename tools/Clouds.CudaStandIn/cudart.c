// libcudart over the driver, as NVIDIA's own is: memory, copies, streams and events are the driver's, and so is their counting. Kernels of
// ONNX Runtime are machine code of a GPU, which nothing here can run: their launches are counted. Functions that are missing here and that the
// provider wants are generated (build.sh) and answer 0.
#define _GNU_SOURCE
#include "standin.h"
#include <dlfcn.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_VALUE = 1, INVALID_DIRECTION = 21, NO_DEVICE = 100, INVALID_DEVICE = 101, NOT_SUPPORTED = 801, MOST_DEVICES = 16 };
enum { HOST_TO_HOST, HOST_TO_DEVICE, DEVICE_TO_HOST, DEVICE_TO_DEVICE };

static __thread int current_device;
static __thread int last_error;

static int noted(int status) {
  if (status != SUCCESS) {
    last_error = status;
  }
  return status;
}

// ---- devices: a thread works in the primary context of its device -----------------------------------------------

static int context_of(int ordinal, void **context) {
  static void *retained[MOST_DEVICES];
  int device, status = cuInit(0);
  if (status == SUCCESS && (ordinal < 0 || ordinal >= MOST_DEVICES)) {
    status = INVALID_DEVICE;
  }
  if (status == SUCCESS && retained[ordinal] == NULL && (status = cuDeviceGet(&device, ordinal)) == SUCCESS) {
    status = cuDevicePrimaryCtxRetain(&retained[ordinal], device);
  }
  *context = status == SUCCESS ? retained[ordinal] : NULL;
  return status;
}

static int enter(void) {
  void *context = NULL;
  cuCtxGetCurrent(&context);
  int status = context != NULL ? SUCCESS : context_of(current_device, &context);
  return status != SUCCESS ? status : cuCtxSetCurrent(context);
}

// A driver's call inside the thread's context.
#define IN_CONTEXT(call)                           \
  do {                                             \
    int status = enter();                          \
    return noted(status != SUCCESS ? status : (call)); \
  } while (0)

int cudaSetDevice(int ordinal) {
  void *context;
  int status = context_of(ordinal, &context);
  if (status == SUCCESS) {
    current_device = ordinal;
    status = cuCtxSetCurrent(context);
  }
  return noted(status);
}

int cudaGetDevice(int *ordinal) {
  *ordinal = current_device;
  return SUCCESS;
}

int cudaGetDeviceCount(int *count) {
  int status = cuInit(0);
  return noted(status != SUCCESS ? status : cuDeviceGetCount(count));
}

int cudaDriverGetVersion(int *version) { return noted(cuDriverGetVersion(version)); }

int cudaRuntimeGetVersion(int *version) {
  *version = 13000;
  return SUCCESS;
}

// The runtime's numbers of attributes are the driver's.
int cudaDeviceGetAttribute(int *value, int attribute, int ordinal) {
  int device, status = cuInit(0);
  status = status != SUCCESS ? status : cuDeviceGet(&device, ordinal);
  return noted(status != SUCCESS ? status : cuDeviceGetAttribute(value, attribute, device));
}

// cudaDeviceProp of CUDA 13 as far as ONNX Runtime reads it; what is not named stays zero.
struct device_properties {
  char name[256], identity[28];
  size_t memory, shared_of_block;
  int registers_of_block, warp;
  size_t pitch;
  int threads_of_block, block[3], grid[3];
  size_t constants;
  int major, minor;
  size_t texture_alignment, texture_pitch;
  int multiprocessors;
  char rest[1008 - 388];
};
_Static_assert(offsetof(struct device_properties, multiprocessors) == 384 && sizeof(struct device_properties) == 1008, "layout of CUDA 13");

int cudaGetDeviceProperties(struct device_properties *p, int ordinal) {
  int device, shared, status = cuInit(0);
  memset(p, 0, sizeof *p);
  status = status != SUCCESS ? status : cuDeviceGet(&device, ordinal);
  if (status != SUCCESS) {
    return noted(status);
  }
  struct { int number, *value; } attributes[] = {
    {1, &p->threads_of_block}, {2, &p->block[0]}, {3, &p->block[1]}, {4, &p->block[2]}, {5, &p->grid[0]}, {6, &p->grid[1]}, {7, &p->grid[2]},
    {8, &shared}, {10, &p->warp}, {12, &p->registers_of_block}, {16, &p->multiprocessors}, {75, &p->major}, {76, &p->minor}};
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
    cuDeviceGetAttribute(attributes[i].value, attributes[i].number, device);
  }
  p->shared_of_block = (size_t)shared;
  cuDeviceTotalMem_v2(&p->memory, device);
  return noted(cuDeviceGetName(p->name, sizeof p->name, device));
}

int cudaDeviceSynchronize(void) { IN_CONTEXT(cuCtxSynchronize()); }

// ---- memory -----------------------------------------------------------------------------------------------------

int cudaMalloc(device_address *address, size_t bytes) {
  *address = 0;
  if (bytes == 0) {
    return SUCCESS;
  }
  IN_CONTEXT(cuMemAlloc_v2(address, bytes));
}

int cudaFree(device_address address) {
  if (address == 0) {
    return SUCCESS;
  }
  IN_CONTEXT(cuMemFree_v2(address));
}

int cudaMallocFromPoolAsync(device_address *address, size_t bytes, void *pool, void *stream) { return cudaMalloc(address, bytes); }
int cudaFreeAsync(device_address address, void *stream) { return cudaFree(address); }
int cudaMemPoolCreate(void **pool, const void *properties) { return handle(pool); }
int cudaHostAlloc(void **pointer, size_t bytes, unsigned flags) { IN_CONTEXT(cuMemHostAlloc(pointer, bytes, flags)); }
int cudaMallocHost(void **pointer, size_t bytes) { IN_CONTEXT(cuMemHostAlloc(pointer, bytes, 0)); }
int cudaFreeHost(void *pointer) { IN_CONTEXT(cuMemFreeHost(pointer)); }
int cudaMemGetInfo(size_t *available, size_t *total) { IN_CONTEXT(cuMemGetInfo_v2(available, total)); }

// Nobody has asked yet; an answer of 0 with nothing filled in would be a lie.
int cudaPointerGetAttributes(void *attributes, const void *pointer) { return noted(NOT_SUPPORTED); }

static int copy(uintptr_t target, uintptr_t source, size_t bytes, int direction, void *stream) {
  switch (direction) {
    case HOST_TO_HOST: memmove((void *)target, (const void *)source, bytes); return SUCCESS;
    case HOST_TO_DEVICE: return cuMemcpyHtoDAsync_v2(target, (const void *)source, bytes, stream);
    case DEVICE_TO_HOST: return cuMemcpyDtoHAsync_v2((void *)target, source, bytes, stream);
    case DEVICE_TO_DEVICE: return cuMemcpyDtoDAsync_v2(target, source, bytes, stream);
    default: return INVALID_DIRECTION;
  }
}

int cudaMemcpyAsync(uintptr_t target, uintptr_t source, size_t bytes, int direction, void *stream) {
  if (bytes == 0) {
    return SUCCESS;
  }
  IN_CONTEXT(copy(target, source, bytes, direction, stream));
}

int cudaMemcpy(uintptr_t target, uintptr_t source, size_t bytes, int direction) { return cudaMemcpyAsync(target, source, bytes, direction, NULL); }

int cudaMemcpy2DAsync(
  uintptr_t target, size_t target_pitch, uintptr_t source, size_t source_pitch, size_t width, size_t height, int direction, void *stream) {
  int status = SUCCESS;
  for (size_t row = 0; row < height && status == SUCCESS; row++) {
    status = cudaMemcpyAsync(target + row * target_pitch, source + row * source_pitch, width, direction, stream);
  }
  return status;
}

// Variables of machine code that was never loaded read as zero.
int cudaMemcpyFromSymbol(void *target, const void *symbol, size_t bytes, size_t offset, int direction) {
  memset(target, 0, direction == DEVICE_TO_HOST ? bytes : 0);
  return noted(direction == DEVICE_TO_HOST ? SUCCESS : INVALID_DIRECTION);
}

int cudaMemsetAsync(device_address target, int value, size_t bytes, void *stream) {
  if (bytes == 0) {
    return SUCCESS;
  }
  IN_CONTEXT(cuMemsetD8Async(target, (unsigned char)value, bytes, stream));
}

int cudaMemset(device_address target, int value, size_t bytes) { return cudaMemsetAsync(target, value, bytes, NULL); }

// ---- streams and events: the driver's, since our own kernels are launched on them too ----------------------------

int cudaStreamCreateWithFlags(void **stream, unsigned flags) { IN_CONTEXT(cuStreamCreate(stream, flags)); }
int cudaStreamCreate(void **stream) { return cudaStreamCreateWithFlags(stream, 0); }
int cudaStreamDestroy(void *stream) { IN_CONTEXT(cuStreamDestroy_v2(stream)); }
int cudaStreamSynchronize(void *stream) { IN_CONTEXT(cuStreamSynchronize(stream)); }
int cudaStreamWaitEvent(void *stream, void *event, unsigned flags) { IN_CONTEXT(cuStreamWaitEvent(stream, event, flags)); }
int cudaEventCreateWithFlags(void **event, unsigned flags) { IN_CONTEXT(cuEventCreate(event, flags)); }
int cudaEventCreate(void **event) { return cudaEventCreateWithFlags(event, 0); }
int cudaEventRecord(void *event, void *stream) { IN_CONTEXT(cuEventRecord(event, stream)); }
int cudaEventRecordWithFlags(void *event, void *stream, unsigned flags) { return cudaEventRecord(event, stream); }
int cudaEventSynchronize(void *event) { IN_CONTEXT(cuEventSynchronize(event)); }
int cudaEventElapsedTime(float *milliseconds, void *start, void *end) { IN_CONTEXT(cuEventElapsedTime(milliseconds, start, end)); }
int cudaEventDestroy(void *event) { IN_CONTEXT(cuEventDestroy_v2(event)); }

int cudaStreamIsCapturing(void *stream, int *status) {
  *status = 0;
  return SUCCESS;
}

// Everything on a stream happens at once, so its turn is now.
int cudaLaunchHostFunc(void *stream, void (*function)(void *), void *argument) {
  function(argument);
  return SUCCESS;
}

// ---- errors -----------------------------------------------------------------------------------------------------

int cudaPeekAtLastError(void) { return last_error; }

int cudaGetLastError(void) {
  int error = last_error;
  last_error = SUCCESS;
  return error;
}

const char *cudaGetErrorName(int error) {
  const char *text = "unknown";
  cuGetErrorName(error, &text);
  return text;
}

const char *cudaGetErrorString(int error) {
  const char *text = "unknown";
  cuGetErrorString(error, &text);
  return text;
}

int cudaGetDriverEntryPointByVersion(const char *name, void **function, unsigned version, uint64_t flags, int *found) {
  *function = dlsym(dlopen("libcuda.so.1", RTLD_LAZY), name);
  if (found != NULL) {
    *found = *function == NULL; // 0 found, 1 no such symbol
  }
  return SUCCESS;
}

// ---- kernels of ONNX Runtime ------------------------------------------------------------------------------------

static int launched(void) {
  standin_count(RUNTIME_LAUNCH);
  return SUCCESS;
}

int cudaLaunchKernel(const void *function) { return launched(); }
int __cudaLaunchKernel(const void *function) { return launched(); }
int cudaLaunchKernelExC(const void *configuration) { return launched(); }
int cudaLaunchCooperativeKernel(const void *function) { return launched(); }
int cudaGraphLaunch(void *graph, void *stream) { return launched(); }
int cudaLibraryLoadData(void **library) { return handle(library); }
int cudaLibraryGetKernel(void **kernel) { return handle(kernel); }
void **__cudaRegisterFatBinary(void *image) {
  static void *registered[2];
  return registered;
}

int __cudaGetKernel(const void **kernel, const void *function) {
  *kernel = function;
  return SUCCESS;
}

int __cudaPopCallConfiguration(void *grid, void *block, size_t *shared, void **stream) {
  *shared = 0;
  *stream = NULL;
  return SUCCESS;
}

// cudaFuncAttributes of CUDA 13; what planners divide by must not be zero.
struct function_attributes {
  size_t shared, constants, local;
  int most_threads;
  char rest[144 - 28];
};
_Static_assert(sizeof(struct function_attributes) == 144, "layout of CUDA 13");

int cudaFuncGetAttributes(struct function_attributes *attributes, const void *function) {
  memset(attributes, 0, sizeof *attributes);
  attributes->most_threads = 1024;
  return SUCCESS;
}

int cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *blocks) {
  *blocks = 2;
  return SUCCESS;
}
