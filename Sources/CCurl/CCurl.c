#define _GNU_SOURCE
#include "CCurl.h"

#include <fcntl.h>

CURLcode ccurl_set_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
CURLcode ccurl_set_size(CURL *h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
CURLcode ccurl_set_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
CURLcode ccurl_set_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
CURLcode ccurl_set_write_function(CURL *h, CURLoption o, curl_write_callback f) { return curl_easy_setopt(h, o, f); }

CURLcode ccurl_set_open_socket_function(CURL *h, curl_opensocket_callback f) {
    return curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, f);
}

CURLcode ccurl_set_close_socket_function(CURL *h, curl_closesocket_callback f) {
    return curl_easy_setopt(h, CURLOPT_CLOSESOCKETFUNCTION, f);
}

CURLcode ccurl_set_before_request_function(CURL *h, curl_prereq_callback f) {
    return curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, f);
}

CURLcode ccurl_set_progress_function(CURL *h, curl_xferinfo_callback f) {
    return curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, f);
}

CURLcode ccurl_set_debug_function(CURL *h, curl_debug_callback f) {
    return curl_easy_setopt(h, CURLOPT_DEBUGFUNCTION, f);
}

CURLcode ccurl_get_long(CURL *h, CURLINFO i, long *v) { return curl_easy_getinfo(h, i, v); }
CURLcode ccurl_get_size(CURL *h, CURLINFO i, curl_off_t *v) { return curl_easy_getinfo(h, i, v); }
CURLcode ccurl_get_string(CURL *h, CURLINFO i, const char **v) { return curl_easy_getinfo(h, i, v); }
CURLcode ccurl_get_list(CURL *h, CURLINFO i, struct curl_slist **v) { return curl_easy_getinfo(h, i, v); }

CURLSHcode ccurl_share(CURLSH *s, curl_lock_data kind) { return curl_share_setopt(s, CURLSHOPT_SHARE, kind); }

CURLMcode ccurl_multi_set_long(CURLM *m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }

CURLMcode ccurl_multi_set_socket_function(CURLM *m, curl_socket_callback f, void *context) {
    CURLMcode code = curl_multi_setopt(m, CURLMOPT_SOCKETDATA, context);
    return code ? code : curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, f);
}

CURLMcode ccurl_multi_set_timer_function(CURLM *m, curl_multi_timer_callback f, void *context) {
    CURLMcode code = curl_multi_setopt(m, CURLMOPT_TIMERDATA, context);
    return code ? code : curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, f);
}

int ccurl_punch_hole(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}
