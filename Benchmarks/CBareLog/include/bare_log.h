#ifndef MILLRACE_BARE_LOG_H
#define MILLRACE_BARE_LOG_H

#include <stddef.h>
#include <stdint.h>

/// What a run of the bare log came to.
struct bare_log_result {
    uint64_t appends;
    uint64_t syncs;
    double seconds;
};

/// Threads append records to one file, each waiting until its record is synced; whoever comes meanwhile shares the next
/// sync. No checksums, no positions, no recovery: what the disk and the system calls alone allow.
///
/// The file has `file_size` bytes set aside and is begun anew when it is full. Returns 0, or an errno.
int bare_log_append(const char *path, int writers, size_t record_size, size_t file_size, double seconds,
                    struct bare_log_result *result);

/// Writes `total` bytes one after the other in pieces of `piece`, with one sync for each `between` bytes.
int bare_log_sequential(const char *path, size_t piece, size_t between, size_t total, struct bare_log_result *result);

#endif
