// libcudnn.so.9, which the provider opens at the first convolution and asks for its functions by name. Descriptors are remembered by nobody,
// one engine fits every graph, its workspace is empty, and what it executes computes nothing and is counted. The provider takes cuDNN apart by
// attributes whose types are numbers; names are those of NVIDIA's headers. Functions that are missing here are generated (build.sh).
#include "standin.h"
#include <string.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3000, VERSION = 91300 };

size_t cudnnGetVersion(void) { return VERSION; }
size_t cudnnGetCudartVersion(void) { return 13000; }
int cudnnCreate(void **made) { return handle(made); }
const char *cudnnGetErrorString(int status) { return "stand-in"; }

void cudnnGetLastErrorString(char *text, size_t length) {
  if (length > 0) {
    text[0] = 0;
  }
}

int cudnnBackendCreateDescriptor(int type, void **made) { return handle(made); }

// Numbers read as zero, one of as many as there could be.
int cudnnBackendGetAttribute(void *descriptor, int name, int type, int64_t room, int64_t *count, void *values) {
  if (count != NULL) {
    *count = 1;
  }
  return SUCCESS;
}

int cudnnBackendExecute(void *library, void *plan, void *arguments) {
  standin_count(LIBRARY_CALL);
  return SUCCESS;
}
