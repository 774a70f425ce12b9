#include "CCLD2.h"
#include <cstdio>
#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

extern "C" millrace_language millrace_detect_language(const char *text, int count, const char *hint) {
    millrace_language answer = {nullptr, 0, 0, false};
    CLD2::CLDHints hints = {hint, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language languages[3];
    int percents[3];
    double scores[3];
    int letters = 0, valid = 0;
    bool reliable = false;
    CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text, count, true, &hints, 0, languages, percents, scores, nullptr, &letters, &reliable, &valid);
    if (languages[0] == CLD2::UNKNOWN_LANGUAGE) return answer;
    answer.code = CLD2::LanguageCode(languages[0]);
    answer.percent = percents[0];
    answer.letters = letters;
    answer.reliable = reliable;
    return answer;
}
