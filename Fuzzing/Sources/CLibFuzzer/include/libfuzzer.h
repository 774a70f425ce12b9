/// libFuzzer's entry for programs that have a main function of their own; part of the compiler's runtime
/// (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library).
#ifndef MILLRACE_LIBFUZZER_H
#define MILLRACE_LIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
