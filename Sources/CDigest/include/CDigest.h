#ifndef MILLRACE_CDIGEST_H
#define MILLRACE_CDIGEST_H
#include <stddef.h>
#include <stdint.h>

/// A SHA-256 context of libcrypto that is made once and used for many digests.
typedef struct millrace_digest millrace_digest;

/// Returns NULL when libcrypto has no SHA-256 or memory is short.
millrace_digest *_Nullable millrace_digest_create(void);
void millrace_digest_destroy(millrace_digest *_Nullable digest);
void millrace_digest_begin(millrace_digest *_Nonnull digest);
void millrace_digest_add(millrace_digest *_Nonnull digest, const void *_Nullable bytes, size_t count);
/// Writes 32 bytes.
void millrace_digest_end(millrace_digest *_Nonnull digest, uint8_t *_Nonnull output);
#endif
