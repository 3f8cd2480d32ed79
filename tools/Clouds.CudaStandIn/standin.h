// What the stand-ins for the CUDA libraries share: the driver's functions that they are built on, and its counters.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint64_t device_address;

// libcuda.so.1, which is our emulator's driver; names, signatures and codes are NVIDIA's.
int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuDeviceGetCount(int *count);
int cuDeviceGet(int *device, int ordinal);
int cuDeviceGetName(char *name, int length, int device);
int cuDeviceGetAttribute(int *value, int attribute, int device);
int cuDeviceTotalMem_v2(size_t *bytes, int device);
int cuDevicePrimaryCtxRetain(void **context, int device);
int cuCtxGetCurrent(void **context);
int cuCtxSetCurrent(void *context);
int cuCtxSynchronize(void);
int cuMemAlloc_v2(device_address *address, size_t bytes);
int cuMemFree_v2(device_address address);
int cuMemGetInfo_v2(size_t *available, size_t *total);
int cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags);
int cuMemFreeHost(void *pointer);
int cuMemcpyHtoDAsync_v2(device_address target, const void *source, size_t bytes, void *stream);
int cuMemcpyDtoHAsync_v2(void *target, device_address source, size_t bytes, void *stream);
int cuMemcpyDtoDAsync_v2(device_address target, device_address source, size_t bytes, void *stream);
int cuMemsetD8Async(device_address target, unsigned char value, size_t bytes, void *stream);
int cuStreamCreate(void **stream, unsigned flags);
int cuStreamDestroy_v2(void *stream);
int cuStreamSynchronize(void *stream);
int cuStreamWaitEvent(void *stream, void *event, unsigned flags);
int cuEventCreate(void **event, unsigned flags);
int cuEventRecord(void *event, void *stream);
int cuEventSynchronize(void *event);
int cuEventElapsedTime(float *milliseconds, void *start, void *end);
int cuEventDestroy_v2(void *event);
int cuGetErrorName(int error, const char **text);
int cuGetErrorString(int error, const char **text);

// The driver keeps the counters of all libraries: what they launch computes nothing and is only counted.
enum counted { RUNTIME_LAUNCH = 0, LIBRARY_CALL = 1, TENSOR_FLOAT = 2 };
void standin_count(int what);

// Objects that the provider only hands back: one address serves for all.
static inline int handle(void **made) {
  static char object[4096];
  *made = object;
  return 0;
}

// NVIDIA's libraryPropertyType: 0 major, 1 minor, 2 patch level.
static inline int version(int kind, int *value, int major, int minor) {
  *value = kind == 0 ? major : kind == 1 ? minor : 0;
  return 0;
}
