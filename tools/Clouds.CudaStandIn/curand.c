// libcurand: the provider wants the library to be there and none of its functions.
int curandGetVersion(int *version) {
  *version = 100400;
  return 0;
}
