// toml++ knows line and column of every node, which no TOML package for Swift does; exceptions stay in here.
#include "CTOML.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

// toml++ 3.3 takes some bad texts for its own mistakes, such as "[=": its assertions would end the process, or with
// NDEBUG tell the compiler that it can't be. Here they are ordinary exceptions.
#undef NDEBUG
static inline void assertion(bool holds, const char *function) {
    // What follows this one reports the text's fault with its place.
    if (!holds && std::strcmp(function, "parse_key") != 0) throw std::logic_error("something that can't be understood");
}
#define TOML_ASSERT(expression) assertion(static_cast<bool>(expression), __func__)
#include <toml++/toml.h>

namespace {

// How deep tables may lie in tables. toml++ 3.3 bounds brackets only, and a key of a hundred thousand dots makes as many
// tables, whose destructors call each other until the stack is used up: so keys are looked at before it parses them.
constexpr int deepest = 64;

// Reports the first place that is nested too deeply. It needs to know strings and comments, and nothing else of TOML;
// where the text is no TOML, toml++ stops before the place at which the two could differ.
class DepthCheck {
  public:
    explicit DepthCheck(std::string_view text) : text_(text) {}

    bool passes() {
        while (at_ < text_.size()) {
            switch (text_[at_]) {
            case '"':
            case '\'': skip_string(text_[at_]); continue;
            case '#':
                while (at_ < text_.size() && text_[at_] != '\n') ++at_;
                continue;
            case '[':
            case '{':
                if (++nesting_ > deepest) return false;
                break;
            case ']':
            case '}':
                forget();
                if (nesting_ > 0) --nesting_;
                break;
            case ',': forget(); break;
            case '\n':
                if (nesting_ == 0) forget();
                break;
            case '.':
                ++dots_[nesting_];
                ++all_dots_;
                break;
            default: break;
            }
            if (nesting_ + all_dots_ > deepest) return false;
            ++at_;
        }
        return true;
    }

    uint32_t line() const { return 1 + static_cast<uint32_t>(std::count(text_.begin(), text_.begin() + at_, '\n')); }

  private:
    std::string_view text_;
    size_t at_ = 0;
    int nesting_ = 0;
    int all_dots_ = 0;
    int dots_[deepest + 1] = {};

    void forget() {
        all_dots_ -= dots_[nesting_];
        dots_[nesting_] = 0;
    }

    bool is_triple(char quote) const {
        return at_ + 2 < text_.size() && text_[at_] == quote && text_[at_ + 1] == quote && text_[at_ + 2] == quote;
    }

    void skip_string(char quote) {
        bool is_long = is_triple(quote);
        at_ += is_long ? 3 : 1;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\' && quote == '"') {
                ++at_;
            } else if (is_long && is_triple(quote)) {
                at_ += 3;
                // Up to two more quotes belong to the string itself.
                for (int more = 0; more < 2 && at_ < text_.size() && text_[at_] == quote; ++more) ++at_;
                return;
            } else if (!is_long && (text_[at_] == quote || text_[at_] == '\n')) {
                if (text_[at_] == quote) ++at_;
                return;
            }
        }
        at_ = std::min(at_, text_.size());
    }
};

using Visit = void (*)(void *, const millrace_toml_event *);

void walk(const toml::node &node, const toml::key *key, void *context, Visit visit) {
    millrace_toml_event event{};
    event.line = node.source().begin.line;
    event.column = node.source().begin.column;
    if (key) {
        event.key = key->str().data();
        event.key_length = key->str().size();
        event.key_line = key->source().begin.line;
        event.key_column = key->source().begin.column;
        if (event.key_line == 0) event.key_line = event.line;
    }
    if (auto *table = node.as_table()) {
        event.kind = MILLRACE_TOML_TABLE;
        visit(context, &event);
        for (auto &&[name, member] : *table) walk(member, &name, context, visit);
        event = {};
        event.kind = MILLRACE_TOML_END;
    } else if (auto *array = node.as_array()) {
        event.kind = MILLRACE_TOML_ARRAY;
        visit(context, &event);
        for (auto &&element : *array) walk(element, nullptr, context, visit);
        event = {};
        event.kind = MILLRACE_TOML_END;
    } else if (auto *text = node.as_string()) {
        event.kind = MILLRACE_TOML_STRING;
        event.text = text->get().data();
        event.text_length = text->get().size();
    } else if (auto *integer = node.as_integer()) {
        event.kind = MILLRACE_TOML_INTEGER;
        event.integer = integer->get();
    } else if (auto *number = node.as_floating_point()) {
        event.kind = MILLRACE_TOML_NUMBER;
        event.number = number->get();
    } else if (auto *flag = node.as_boolean()) {
        event.kind = MILLRACE_TOML_BOOLEAN;
        event.integer = flag->get();
    } else {
        event.kind = MILLRACE_TOML_OTHER;
    }
    visit(context, &event);
}

void copy(std::string_view text, char *message, size_t size) {
    if (size == 0) return;
    size_t count = std::min(text.size(), size - 1);
    std::memcpy(message, text.data(), count);
    message[count] = 0;
}

}  // namespace

bool millrace_toml_parse(
    const char *text, size_t length, void *context, void (*visit)(void *, const millrace_toml_event *), uint32_t *line,
    uint32_t *column, char *message, size_t message_size) {
    try {
        if (DepthCheck check(std::string_view(text, length)); !check.passes()) {
            *line = check.line();
            *column = 0;
            copy("tables or lists are nested too deeply", message, message_size);
            return false;
        }
        auto document = toml::parse(std::string_view(text, length));
        walk(document, nullptr, context, visit);
        return true;
    } catch (const toml::parse_error &error) {
        *line = error.source().begin.line;
        *column = error.source().begin.column;
        copy(error.description(), message, message_size);
    } catch (const std::exception &error) {
        *line = *column = 0;
        copy(error.what(), message, message_size);
    } catch (...) {
        *line = *column = 0;
        copy("can't be parsed", message, message_size);
    }
    return false;
}
