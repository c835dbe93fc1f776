#!/usr/bin/awk -f
# Writes OpenMetrics text for `promtool tsdb create-blocks-from openmetrics`: the same text for the
# same variables.
#
#   awk -v start=SECONDS -v hours=12 -v step=30 -v pods=20 -f openmetrics.awk
#
# A counter and a gauge for each pod, a histogram's buckets, and one gauge of special values.

function pod(i) { return "pod=\"web-" i "\",zone=\"" (i % 2 ? "zürich" : "genève") "\"" }

BEGIN {
  if (hours == "") hours = 12
  if (step == "") step = 30
  if (pods == "") pods = 20
  end = start + hours * 3600

  print "# TYPE demo_requests counter"
  for (i = 0; i < pods; i++) {
    total = 0
    for (t = start; t < end; t += step) {
      # The counter of one pod restarts in the middle.
      if (i == 3 && t == start + hours * 1800) total = 0
      total += (t / step * 7 + i * 13) % 11
      print "demo_requests_total{" pod(i) ",code=\"200\"} " total " " t
    }
  }
  print "# TYPE demo_temperature_celsius gauge"
  for (i = 0; i < pods; i++)
    for (t = start; t < end; t += step)
      printf "demo_temperature_celsius{%s} %.3f %d\n", pod(i), 20 + 5 * sin(t / 3600 + i), t
  print "# TYPE demo_special gauge"
  split("NaN +Inf -Inf 0 -1.5e-300 1e300", special, " ")
  for (i = 1; i <= 6; i++)
    for (t = start; t < end; t += step)
      print "demo_special{kind=\"" special[i] "\"} " special[i] " " t
  print "# EOF"
}
