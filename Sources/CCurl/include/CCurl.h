#ifndef MILLRACE_CCURL_H
#define MILLRACE_CCURL_H

// libcurl for Swift, which does not import variadic functions: one typed function for each kind of argument.
// epoll and the punching of holes are here as well, because the Glibc module leaves them out.

#include <curl/curl.h>
#include <sys/epoll.h>

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_write_function(CURL *handle, CURLoption option, curl_write_callback function);
CURLcode ccurl_set_open_socket_function(CURL *handle, curl_opensocket_callback function);
CURLcode ccurl_set_close_socket_function(CURL *handle, curl_closesocket_callback function);
CURLcode ccurl_set_before_request_function(CURL *handle, curl_prereq_callback function);
CURLcode ccurl_set_progress_function(CURL *handle, curl_xferinfo_callback function);
CURLcode ccurl_set_debug_function(CURL *handle, curl_debug_callback function);

CURLcode ccurl_get_long(CURL *handle, CURLINFO information, long *value);
CURLcode ccurl_get_size(CURL *handle, CURLINFO information, curl_off_t *value);
CURLcode ccurl_get_string(CURL *handle, CURLINFO information, const char **value);
CURLcode ccurl_get_list(CURL *handle, CURLINFO information, struct curl_slist **value);

// Without locks: for one thread.
CURLSHcode ccurl_share(CURLSH *share, curl_lock_data kind);

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_set_socket_function(CURLM *multi, curl_socket_callback function, void *context);
CURLMcode ccurl_multi_set_timer_function(CURLM *multi, curl_multi_timer_callback function, void *context);

// Gives a piece of a file back to the disk, and leaves its size as it is; -1 with errno where that can't be.
int ccurl_punch_hole(int descriptor, off_t offset, off_t length);

#endif
