#ifndef MILLRACE_CCHECKSUM_H
#define MILLRACE_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes, going on from `seed` (0 to begin with).
/// Uses the processor's instruction where there is one.
uint32_t millrace_crc32c(uint32_t seed, const void *bytes, size_t length);

/// The seed from which `length` bytes lead to `checksum`: the way back.
uint32_t millrace_crc32c_seed(uint32_t checksum, const void *bytes, size_t length);

#endif
