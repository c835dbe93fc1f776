internal import Glibc

/// Writes `line` with one system call, so that lines of several threads never mix.
func writeToStandardError(_ line: [UInt8]) {
  var written = 0
  while written < line.count {
    // SAFETY: the slice is valid for the call and its length is given.
    let count = unsafe line[written...].withUnsafeBytes {
      unsafe write(2, $0.baseAddress, $0.count)
    }
    if count < 0, errno == EINTR { continue }
    // Where standard error is gone there is nobody to tell.
    guard count > 0 else { return }
    written += count
  }
}
