#ifndef MILLRACE_BARE_FETCH_H
#define MILLRACE_BARE_FETCH_H

#include <stddef.h>
#include <stdint.h>

/// What a run of the bare fetcher came to.
struct bare_fetch_result {
    uint64_t changed;
    uint64_t unchanged;
    uint64_t failed;
    uint64_t bytes;
    double seconds;
    double processor_seconds;
};

/// Fetches every address once with libcurl's multi interface over epoll, and forgets what came: what the library and the
/// system calls alone allow.
///
/// `lines` are the header lines of every request, as the fetcher sends them, NULL at the end: a request with fewer would be
/// another one. `tags` holds for each address the `If-None-Match` that goes with it, or NULL. At most `concurrency` transfers are on
/// their way, and `per_host` to one host. Returns 0, or an errno.
int bare_fetch(const char *const *addresses, const char *const *tags, size_t count, const char *const *lines,
               int concurrency, int per_host, struct bare_fetch_result *result);

#endif
