#define _GNU_SOURCE
#include "bare_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct bare_log {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_cond_t synced;
    uint8_t *pending, *spare;
    size_t used, capacity, record_size, file_size;
    uint64_t appended, durable, syncs;
    bool is_stopping;
    int descriptor, failure;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *append(void *argument) {
    struct bare_log *log = argument;
    uint8_t *record = malloc(log->record_size);
    if (record == NULL) return NULL;
    memset(record, 'x', log->record_size);
    pthread_mutex_lock(&log->mutex);
    while (!log->is_stopping && log->failure == 0) {
        memcpy(log->pending + log->used, record, log->record_size);
        log->used += log->record_size;
        uint64_t own = ++log->appended;
        pthread_cond_signal(&log->filled);
        while (log->durable < own && log->failure == 0) pthread_cond_wait(&log->synced, &log->mutex);
    }
    pthread_mutex_unlock(&log->mutex);
    free(record);
    return NULL;
}

static void *commit(void *argument) {
    struct bare_log *log = argument;
    size_t offset = 0;
    pthread_mutex_lock(&log->mutex);
    for (;;) {
        while (log->used == 0 && !log->is_stopping) pthread_cond_wait(&log->filled, &log->mutex);
        if (log->used == 0) break;
        uint8_t *group = log->pending;
        size_t length = log->used;
        uint64_t last = log->appended;
        log->pending = log->spare;
        log->spare = group;
        log->used = 0;
        pthread_mutex_unlock(&log->mutex);
        if (offset + length > log->file_size) offset = 0;
        int failure = 0;
        if (pwrite(log->descriptor, group, length, (off_t)offset) != (ssize_t)length || fdatasync(log->descriptor) != 0)
            failure = errno == 0 ? EIO : errno;
        offset += length;
        pthread_mutex_lock(&log->mutex);
        log->failure = failure;
        log->durable = last;
        log->syncs += 1;
        pthread_cond_broadcast(&log->synced);
        if (failure != 0) break;
    }
    pthread_mutex_unlock(&log->mutex);
    return NULL;
}

int bare_log_append(const char *path, int writers, size_t record_size, size_t file_size, double seconds,
                    struct bare_log_result *result) {
    struct bare_log log = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                           .filled = PTHREAD_COND_INITIALIZER,
                           .synced = PTHREAD_COND_INITIALIZER,
                           .record_size = record_size,
                           .file_size = file_size};
    if (writers < 1 || writers > 1024) return EINVAL;
    log.capacity = record_size * (size_t)writers;
    log.pending = malloc(log.capacity);
    log.spare = malloc(log.capacity);
    pthread_t *threads = calloc((size_t)writers + 1, sizeof *threads);
    log.descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int failure = log.descriptor < 0 ? errno : 0;
    if (failure == 0) failure = posix_fallocate(log.descriptor, 0, (off_t)file_size);
    if (failure == 0 && (log.pending == NULL || log.spare == NULL || threads == NULL)) failure = ENOMEM;
    if (failure == 0 && fsync(log.descriptor) != 0) failure = errno;
    int started = 0;
    double begin = now();
    if (failure == 0) {
        for (; started <= writers && failure == 0; started++)
            failure = pthread_create(&threads[started], NULL, started == 0 ? commit : append, &log);
        if (failure != 0) started--;
        struct timespec pause = {.tv_sec = (time_t)seconds,
                                 .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
        if (failure == 0) nanosleep(&pause, NULL);
        pthread_mutex_lock(&log.mutex);
        log.is_stopping = true;
        pthread_cond_broadcast(&log.filled);
        pthread_mutex_unlock(&log.mutex);
        for (int index = started - 1; index >= 0; index--) pthread_join(threads[index], NULL);
        if (failure == 0) failure = log.failure;
    }
    result->seconds = now() - begin;
    result->appends = log.durable;
    result->syncs = log.syncs;
    if (log.descriptor >= 0) close(log.descriptor);
    unlink(path);
    free(log.pending);
    free(log.spare);
    free(threads);
    return failure;
}

int bare_log_sequential(const char *path, size_t piece, size_t between, size_t total, struct bare_log_result *result) {
    uint8_t *bytes = malloc(piece);
    if (bytes == NULL) return ENOMEM;
    memset(bytes, 'x', piece);
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int failure = descriptor < 0 ? errno : 0;
    double begin = now();
    size_t unsynced = 0;
    result->syncs = 0;
    for (size_t offset = 0; offset < total && failure == 0; offset += piece) {
        if (pwrite(descriptor, bytes, piece, (off_t)offset) != (ssize_t)piece) failure = errno == 0 ? EIO : errno;
        unsynced += piece;
        if (failure == 0 && (unsynced >= between || offset + piece >= total)) {
            if (fdatasync(descriptor) != 0) failure = errno;
            result->syncs += 1;
            unsynced = 0;
        }
    }
    result->seconds = now() - begin;
    result->appends = total / piece;
    if (descriptor >= 0) close(descriptor);
    unlink(path);
    free(bytes);
    return failure;
}
