#ifndef MILLRACE_CCLD2_H
#define MILLRACE_CCLD2_H
#include <stdbool.h>
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/// What the detector says of a text.
typedef struct {
    /// A language code of static storage, such as "en" or "zh-Hant"; NULL when unknown.
    const char *_Nullable code;
    /// Share of the text that is in this language, 0 to 100.
    int percent;
    /// Bytes of letters that were looked at.
    int letters;
    bool reliable;
} millrace_language;

/// Detects the language of well-formed plain UTF-8; `hint` is a BCP 47 tag or NULL.
millrace_language millrace_detect_language(const char *_Nonnull text, int count, const char *_Nullable hint);

#ifdef __cplusplus
}
#endif
#endif
