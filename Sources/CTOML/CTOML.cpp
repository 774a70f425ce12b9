// toml++ knows line and column of every node, which no TOML package for Swift does; exceptions stay in here.
#include "CTOML.h"

#include <cstring>
#include <string_view>
#include <toml++/toml.h>

namespace {

using Visit = void (*)(void *, const millrace_toml_event *);

void walk(const toml::node &node, const toml::key *key, void *context, Visit visit) {
    millrace_toml_event event{};
    event.line = node.source().begin.line;
    event.column = node.source().begin.column;
    if (key) {
        event.key = key->str().data();
        event.key_length = key->str().size();
        event.key_line = key->source().begin.line;
        if (event.key_line == 0) event.key_line = event.line;
    }
    std::string other;
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
