#include "re2_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>

struct re2_pattern {
  re2::RE2 expression;
  re2_pattern(re2::StringPiece text, const re2::RE2::Options &options)
      : expression(text, options) {}
};

re2_pattern *re2_pattern_compile(const char *pattern, size_t pattern_length, char *error,
                                 size_t error_capacity) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  auto *compiled =
      new (std::nothrow) re2_pattern(re2::StringPiece(pattern, pattern_length), options);
  if (compiled == nullptr) {
    if (error_capacity > 0) {
      error[0] = 0;
    }
    return nullptr;
  }
  if (compiled->expression.ok()) {
    return compiled;
  }
  if (error_capacity > 0) {
    const std::string &reason = compiled->expression.error();
    size_t count = std::min(reason.size(), error_capacity - 1);
    std::memcpy(error, reason.data(), count);
    error[count] = 0;
  }
  delete compiled;
  return nullptr;
}

void re2_pattern_free(re2_pattern *pattern) { delete pattern; }

bool re2_pattern_full_match(const re2_pattern *pattern, const char *text, size_t length) {
  return re2::RE2::FullMatch(re2::StringPiece(text, length), pattern->expression);
}
