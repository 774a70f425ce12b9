#ifndef MILLRACE_CUTF8PROC_H
#define MILLRACE_CUTF8PROC_H
#include <stddef.h>
#include <stdint.h>

/// Composes well-formed UTF-8 to NFC. Returns a buffer for free() and sets its length, or NULL on failure.
uint8_t *_Nullable millrace_nfc(const uint8_t *_Nonnull bytes, size_t count, size_t *_Nonnull length);
#endif
