#include "CDigest.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

// The functions for SHA-256 alone, since those for any algorithm (EVP) allocate and free a state for every digest, which takes
// longer than hashing a short text does. libcrypto calls them deprecated and has them in all releases of version 3.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

struct millrace_digest {
    SHA256_CTX state;
};

millrace_digest *millrace_digest_create(void) {
    // A hardened libcrypto says only this way that it does without SHA-256.
    EVP_MD *algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!algorithm) return NULL;
    EVP_MD_free(algorithm);
    return calloc(1, sizeof(millrace_digest));
}

void millrace_digest_destroy(millrace_digest *digest) { free(digest); }

void millrace_digest_begin(millrace_digest *digest) { SHA256_Init(&digest->state); }

void millrace_digest_add(millrace_digest *digest, const void *bytes, size_t count) {
    if (count > 0) SHA256_Update(&digest->state, bytes, count);
}

void millrace_digest_end(millrace_digest *digest, uint8_t *output) { SHA256_Final(output, &digest->state); }

#pragma clang diagnostic pop

bool millrace_hmac_matches(const char *method, const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t count,
                           const uint8_t *given, size_t given_length) {
    EVP_MD *algorithm = EVP_MD_fetch(NULL, method, NULL);
    if (!algorithm) return false;
    uint8_t result[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    const bool is_made = HMAC(algorithm, key, (int)key_length, bytes, count, result, &length) != NULL;
    EVP_MD_free(algorithm);
    return is_made && length == given_length && CRYPTO_memcmp(result, given, length) == 0;
}
