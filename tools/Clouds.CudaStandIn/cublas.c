// libcublas and libcublasLt: what has to fill something in. Everything else is generated (build.sh); products compute nothing and are counted.
#include "standin.h"

enum { SUCCESS = 0, TENSOR_FLOAT_MATH = 3 };

int cublasCreate_v2(void **made) { return handle(made); }
int cublasLtCreate(void **made) { return handle(made); }
int cublasLtMatmulDescCreate(void **made) { return handle(made); }
int cublasLtMatmulPreferenceCreate(void **made) { return handle(made); }
int cublasLtMatrixLayoutCreate(void **made) { return handle(made); }
int cublasLtMatrixTransformDescCreate(void **made) { return handle(made); }
int cublasGetProperty(int kind, int *value) { return version(kind, value, 13, 0); }
int cublasLtGetProperty(int kind, int *value) { return version(kind, value, 13, 0); }
const char *cublasGetStatusName(int status) { return "stand-in"; }
const char *cublasGetStatusString(int status) { return "stand-in"; }

int cublasGetMathMode(void *library, int *mode) {
  *mode = 0;
  return SUCCESS;
}

// Products in reduced precision are what a user must be able to switch off: who asks for them is counted.
int cublasSetMathMode(void *library, int mode) {
  if (mode == TENSOR_FLOAT_MATH) {
    standin_count(TENSOR_FLOAT);
  }
  return SUCCESS;
}

// One algorithm is on offer, whose description nobody reads but cublasLtMatmul.
int cublasLtMatmulAlgoGetHeuristic(
  void *library, void *product, void *a, void *b, void *c, void *d, void *preference, int wanted, void *results, int *found) {
  *found = wanted > 0 ? 1 : 0;
  return SUCCESS;
}
