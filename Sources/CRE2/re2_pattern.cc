#include "re2_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <vector>

struct re2_pattern {
  re2::RE2 expression;
  re2_pattern(re2::StringPiece text, const re2::RE2::Options &options)
      : expression(text, options) {}
};

static re2_pattern *compile(const char *pattern, size_t pattern_length, char *error,
                            size_t error_capacity, bool captures) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(!captures);
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

re2_pattern *re2_pattern_compile(const char *pattern, size_t pattern_length, char *error,
                                 size_t error_capacity) {
  return compile(pattern, pattern_length, error, error_capacity, false);
}

re2_pattern *re2_pattern_compile_groups(const char *pattern, size_t pattern_length, char *error,
                                        size_t error_capacity) {
  return compile(pattern, pattern_length, error, error_capacity, true);
}

void re2_pattern_free(re2_pattern *pattern) { delete pattern; }

bool re2_pattern_full_match(const re2_pattern *pattern, const char *text, size_t length) {
  return re2::RE2::FullMatch(re2::StringPiece(text, length), pattern->expression);
}

int re2_pattern_group_count(const re2_pattern *pattern) {
  return pattern->expression.NumberOfCapturingGroups();
}

int re2_pattern_group_number(const re2_pattern *pattern, const char *name, size_t length) {
  const auto &groups = pattern->expression.NamedCapturingGroups();
  auto found = groups.find(std::string(name, length));
  return found == groups.end() ? -1 : found->second;
}

bool re2_pattern_match_groups(const re2_pattern *pattern, const char *text, size_t length,
                              long *begins, long *ends, int count) {
  std::vector<re2::StringPiece> groups(count);
  re2::StringPiece whole(text, length);
  if (!pattern->expression.Match(whole, 0, length, re2::RE2::ANCHOR_BOTH, groups.data(), count)) {
    return false;
  }
  for (int group = 0; group < count; ++group) {
    bool takes_part = groups[group].data() != nullptr;
    begins[group] = takes_part ? groups[group].data() - whole.data() : -1;
    ends[group] = takes_part ? begins[group] + static_cast<long>(groups[group].size()) : -1;
  }
  return true;
}
