#ifndef MILLRACE_CTOML_H
#define MILLRACE_CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum millrace_toml_kind {
    MILLRACE_TOML_TABLE, MILLRACE_TOML_ARRAY, MILLRACE_TOML_STRING, MILLRACE_TOML_INTEGER, MILLRACE_TOML_NUMBER,
    MILLRACE_TOML_BOOLEAN, MILLRACE_TOML_OTHER, MILLRACE_TOML_END,
};

/// What is found on a walk through the document, depth first: a table or array is followed by its members and an END.
/// `key` is NULL in arrays and at the root. Strings live during the call only.
struct millrace_toml_event {
    enum millrace_toml_kind kind;
    const char *key;
    size_t key_length;
    uint32_t key_line;
    uint32_t key_column;
    uint32_t line;
    uint32_t column;
    const char *text;
    size_t text_length;
    int64_t integer;
    double number;
};

/// Parses a document and reports it. Returns true, or false with line, column and a message of the first fault.
bool millrace_toml_parse(
    const char *text, size_t length, void *context, void (*visit)(void *context, const struct millrace_toml_event *event),
    uint32_t *line, uint32_t *column, char *message, size_t message_size);

#ifdef __cplusplus
}
#endif
#endif
