#define _GNU_SOURCE
#include "bare_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct loop {
    CURLM *multi;
    int epoll;
    long timeout;
    struct curl_slist *lines;
};

struct transfer {
    CURL *handle;
    // The line that makes a request a conditional one, in front of those that all have.
    struct curl_slist condition;
    char line[256];
    char *body;
    size_t length, capacity;
};

static double monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double processor(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6 + (double)usage.ru_stime.tv_sec +
           (double)usage.ru_stime.tv_usec / 1e6;
}

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t added = size * count;
    if (transfer->length + added > transfer->capacity) {
        size_t capacity = (transfer->length + added) * 2;
        char *larger = realloc(transfer->body, capacity);
        if (larger == NULL) return 0;
        transfer->body = larger;
        transfer->capacity = capacity;
    }
    memcpy(transfer->body + transfer->length, bytes, added);
    transfer->length += added;
    return added;
}

static int watch(CURL *handle, curl_socket_t socket, int what, void *context, void *known) {
    (void)handle;
    struct loop *loop = context;
    struct epoll_event event = {.data.fd = socket};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, &event);
        curl_multi_assign(loop->multi, socket, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(loop->multi, socket, loop);
    return 0;
}

static int set_timeout(CURLM *multi, long milliseconds, void *context) {
    (void)multi;
    ((struct loop *)context)->timeout = milliseconds;
    return 0;
}

static void begin(struct loop *loop, struct transfer *transfer, const char *address, const char *tag) {
    struct curl_slist *headers = loop->lines;
    transfer->length = 0;
    curl_easy_reset(transfer->handle);
    if (tag != NULL) {
        snprintf(transfer->line, sizeof transfer->line, "If-None-Match: %s", tag);
        transfer->condition = (struct curl_slist){.data = transfer->line, .next = loop->lines};
        headers = &transfer->condition;
    }
    curl_easy_setopt(transfer->handle, CURLOPT_URL, address);
    curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(transfer->handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(transfer->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer->handle, CURLOPT_TIMEOUT_MS, 120000L);
    curl_easy_setopt(transfer->handle, CURLOPT_PROXY, "");
    curl_easy_setopt(transfer->handle, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(transfer->handle, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->handle, CURLOPT_PRIVATE, transfer);
    curl_multi_add_handle(loop->multi, transfer->handle);
}

static void wait_for_events(struct loop *loop) {
    struct epoll_event events[256];
    int running = 0;
    int count = epoll_wait(loop->epoll, events, 256, (int)loop->timeout);
    for (int index = 0; index < count; index++) {
        int mask = 0;
        if (events[index].events & EPOLLIN) mask |= CURL_CSELECT_IN;
        if (events[index].events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
        if (events[index].events & (EPOLLERR | EPOLLHUP)) mask |= CURL_CSELECT_ERR;
        curl_multi_socket_action(loop->multi, events[index].data.fd, mask, &running);
    }
    if (count <= 0) curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static struct transfer *finished(struct loop *loop, struct bare_fetch_result *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *handle = message->easy_handle;
        CURLcode code = message->data.result;
        struct transfer *transfer = NULL;
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(loop->multi, handle);
        if (code == CURLE_OK && status == 200) {
            result->changed++;
            result->bytes += transfer->length;
        } else if (code == CURLE_OK && status == 304) {
            result->unchanged++;
        } else {
            result->failed++;
        }
        return transfer;
    }
    return NULL;
}

int bare_fetch(const char *const *addresses, const char *const *tags, size_t count, const char *const *lines,
               int concurrency, int per_host, struct bare_fetch_result *result) {
    memset(result, 0, sizeof *result);
    if (concurrency < 1) return EINVAL;
    size_t slots = (size_t)concurrency < count ? (size_t)concurrency : count;
    struct loop loop = {.multi = curl_multi_init(), .epoll = epoll_create1(EPOLL_CLOEXEC), .timeout = -1};
    struct transfer *transfers = calloc(slots + 1, sizeof *transfers);
    int failure = loop.multi == NULL || loop.epoll < 0 || transfers == NULL ? ENOMEM : 0;
    if (failure == 0) {
        curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, watch);
        curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
        curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, set_timeout);
        curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
        curl_multi_setopt(loop.multi, CURLMOPT_MAXCONNECTS, (long)concurrency * 2);
        curl_multi_setopt(loop.multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)per_host);
    }
    for (; failure == 0 && *lines != NULL; lines++) {
        struct curl_slist *longer = curl_slist_append(loop.lines, *lines);
        if (longer == NULL) {
            failure = ENOMEM;
        } else {
            loop.lines = longer;
        }
    }
    double begun = monotonic(), used = processor();
    size_t next = 0, ended = 0;
    for (size_t slot = 0; failure == 0 && slot < slots; slot++) {
        transfers[slot].handle = curl_easy_init();
        if (transfers[slot].handle == NULL) {
            failure = ENOMEM;
            break;
        }
        begin(&loop, &transfers[slot], addresses[next], tags[next]);
        next++;
    }
    while (failure == 0 && ended < count) {
        wait_for_events(&loop);
        struct transfer *transfer;
        while ((transfer = finished(&loop, result)) != NULL) {
            ended++;
            if (next < count) {
                begin(&loop, transfer, addresses[next], tags[next]);
                next++;
            }
        }
    }
    result->seconds = monotonic() - begun;
    result->processor_seconds = processor() - used;
    for (size_t slot = 0; transfers != NULL && slot < slots; slot++) {
        if (transfers[slot].handle != NULL) {
            curl_multi_remove_handle(loop.multi, transfers[slot].handle);
            curl_easy_cleanup(transfers[slot].handle);
        }
        free(transfers[slot].body);
    }
    free(transfers);
    curl_slist_free_all(loop.lines);
    if (loop.multi != NULL) curl_multi_cleanup(loop.multi);
    if (loop.epoll >= 0) close(loop.epoll);
    return failure;
}
