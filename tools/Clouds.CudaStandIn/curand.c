// libcurand: the provider wants the library to be there and none of its functions; its version is what `clouds doctor` asks for.
#include "standin.h"

int curandGetProperty(int kind, int *value) { return version(kind, value, 10, 4); }
