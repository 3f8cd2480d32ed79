// libcudnn.so.9, which the provider opens at the first convolution and asks for its functions by name. Descriptors are remembered by nobody,
// one engine fits every graph, its workspace is empty, and what it executes computes nothing and is counted. The provider takes cuDNN apart by
// attributes whose types are numbers; names are those of NVIDIA's headers. Functions that are missing here are generated (build.sh).
#include "standin.h"
#include <string.h>

enum { SUCCESS = 0, VERSION = 91300 };

size_t cudnnGetVersion(void) { return VERSION; }
int cudnnGetProperty(int kind, int *value) { return version(kind, value, 9, 13); }
size_t cudnnGetCudartVersion(void) { return 13000; }
int cudnnCreate(void **made) { return handle(made); }
const char *cudnnGetErrorString(int status) { return "stand-in"; }

void cudnnGetLastErrorString(char *text, size_t length) {
  if (length > 0) {
    text[0] = 0;
  }
}

int cudnnBackendCreateDescriptor(int type, void **made) { return handle(made); }

// Numbers read as zero: no workspace, no shared memory. Of objects there is one where one was asked for, or nobody has said how many; lists of
// knobs and notes are empty.
int cudnnBackendGetAttribute(void *descriptor, int name, int type, int64_t room, int64_t *count, void *values) {
  enum { INT64 = 3, DESCRIPTOR = 15, INT32 = 23, CHAR = 24 };
  size_t bytes = type == INT64 ? sizeof(int64_t) : type == INT32 ? sizeof(int32_t) : type == CHAR ? sizeof(char) : 0;
  if (count != NULL) {
    *count = bytes > 0 || (type == DESCRIPTOR && room <= 1) ? 1 : 0;
  }
  if (values != NULL && room > 0) {
    memset(values, 0, bytes);
  }
  return SUCCESS;
}

int cudnnBackendExecute(void *library, void *plan, void *arguments) {
  standin_count(LIBRARY_CALL);
  return SUCCESS;
}
