#include "CDigest.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

// Fetching the algorithm takes longer than hashing a short text, so it is done once.
struct millrace_digest {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
};

millrace_digest *millrace_digest_create(void) {
    millrace_digest *digest = calloc(1, sizeof *digest);
    if (!digest) return NULL;
    digest->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest->context = EVP_MD_CTX_new();
    if (!digest->algorithm || !digest->context) {
        millrace_digest_destroy(digest);
        return NULL;
    }
    return digest;
}

void millrace_digest_destroy(millrace_digest *digest) {
    if (!digest) return;
    EVP_MD_CTX_free(digest->context);
    EVP_MD_free(digest->algorithm);
    free(digest);
}

void millrace_digest_begin(millrace_digest *digest) {
    EVP_DigestInit_ex2(digest->context, digest->algorithm, NULL);
}

void millrace_digest_add(millrace_digest *digest, const void *bytes, size_t count) {
    if (count > 0) EVP_DigestUpdate(digest->context, bytes, count);
}

void millrace_digest_end(millrace_digest *digest, uint8_t *output) {
    unsigned int length = 32;
    memset(output, 0, 32);
    EVP_DigestFinal_ex(digest->context, output, &length);
}

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
