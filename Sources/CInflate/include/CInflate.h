#ifndef MILLRACE_CINFLATE_H
#define MILLRACE_CINFLATE_H
#include <stddef.h>
#include <stdint.h>

enum { MILLRACE_INFLATE_OK = 0, MILLRACE_INFLATE_TOO_LARGE = 1, MILLRACE_INFLATE_DAMAGED = 2 };

/// Unpacks gzip or zlib data of any number of members into `output`, at most `capacity` bytes.
int millrace_inflate(
    const uint8_t *_Nonnull input, size_t count, uint8_t *_Nonnull output, size_t capacity, size_t *_Nonnull length);

/// Bytes that packing `count` bytes may take.
size_t millrace_gzip_bound(size_t count);
/// Packs bytes as one gzip member; 0 where `capacity` is too small or there is no memory.
size_t millrace_gzip(const uint8_t *_Nonnull input, size_t count, uint8_t *_Nonnull output, size_t capacity);
#endif
