#include "resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

enum cresolve_outcome cresolve_services(
    const char *name, const char *server, uint16_t port, unsigned char *answer, int capacity,
    int *count) {
  *count = 0;
  struct __res_state state;
  memset(&state, 0, sizeof state);
  if (res_ninit(&state) != 0) return CRESOLVE_FAILED;
  state.retrans = 2;
  state.retry = 2;
  if (server != NULL) {
    struct sockaddr_in *first = &state.nsaddr_list[0];
    memset(first, 0, sizeof *first);
    first->sin_family = AF_INET;
    first->sin_port = htons(port);
    if (inet_pton(AF_INET, server, &first->sin_addr) != 1) {
      res_nclose(&state);
      return CRESOLVE_FAILED;
    }
    state.nscount = 1;
  }
  int length = res_nsearch(&state, name, ns_c_in, ns_t_srv, answer, capacity);
  int failure = state.res_h_errno;
  res_nclose(&state);
  if (length >= 0) {
    // The length of what was sent, which may be more than what fitted.
    *count = length < capacity ? length : capacity;
    return CRESOLVE_ANSWERED;
  }
  return failure == HOST_NOT_FOUND || failure == NO_DATA ? CRESOLVE_NOT_FOUND : CRESOLVE_FAILED;
}
