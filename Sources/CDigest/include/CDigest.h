#ifndef MILLRACE_CDIGEST_H
#define MILLRACE_CDIGEST_H
#include <stdbool.h>
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

/// Whether `given` is the HMAC (RFC 2104) of the bytes; method is `sha1`, `sha256`, `sha384` or `sha512`. The time that the
/// comparison takes says nothing of where they differ.
bool millrace_hmac_matches(const char *_Nonnull method, const uint8_t *_Nonnull key, size_t key_length,
                           const uint8_t *_Nonnull bytes, size_t count, const uint8_t *_Nonnull given,
                           size_t given_length);
#endif
